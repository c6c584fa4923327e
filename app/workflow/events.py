"""What comes from outside and may be ignored. Every event has a `key` that counts once (architecture.md section 6, rule 1) and
the time `at` (seconds since the epoch, by the clock port) at which it is decided.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.workflow.definition import Fragment, JsonMap
from app.workflow.line import Actor, Cause, Lane, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    key: str
    at: float


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as a forge tells it; strings from git are shown, never trusted."""

    sha: str
    message: str = ""
    author: str = ""
    committer: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository by forge-qualified numeric `id` (`github:123`); the rest may change and is for showing and cloning."""

    id: str
    full_name: str
    default_branch: str = ""
    private: bool = False
    clone_url: str = ""
    ssh_url: str = ""
    fork: bool = False


# -- from repositories -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed(Event):
    """A branch or tag moved. `ref` is full; zeros are "" in `before` (created) and `after` (deleted).

    `commit` is the one that `after` names (a tag peeled). `ancestor_of` is the SHA, recorded for this ref when it was looked
    at, of which `after` was found to be an ancestor ("" when it was not): rule 7. `fork`: the
    pusher is a bot that is not listed as trusted. `changed`: the files that differ from what was recorded for the ref, None when
    that is not known.
    """

    repository: Repository
    ref: str
    before: str
    after: str
    commit: Commit
    pusher: Actor
    ancestor_of: str = ""
    fork: bool = False
    changed: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestChanged(Event):
    """A pull or merge request was opened, got commits, was retargeted (`updated`) or closed.

    `authors` are the request's author and, when known, who pushed. `fork`: its head is in another repository, or it comes from
    a bot that is not listed as trusted. `head_full_name` shows where the head is (`owner/name`, "" when unknown).
    `changed`: the files that the request changes about its base, None when that is not known.
    """

    repository: Repository
    number: int
    action: str
    title: str
    head: Commit
    head_ref: str
    head_repository: str
    base_ref: str
    base_sha: str
    authors: tuple[Actor, ...]
    fork: bool
    merged: bool = False
    draft: bool = False
    head_full_name: str = ""
    changed: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Released(Event):
    """A release was published for a tag."""

    repository: Repository
    tag: str
    name: str
    prerelease: bool
    released_at: str
    commit: Commit
    by: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeGroupChanged(Event):
    """A merge queue asks for checks of a group (`requested`) or is done with it (`destroyed`)."""

    repository: Repository
    action: str
    head: Commit
    head_ref: str
    base_ref: str
    by: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted(Event):
    """A source's files at the tip of its branch were read without an error; `fragment` is what they say.

    What only the forge knows comes along: `repositories` by lower-cased `owner/name` as the fragment's gitRepos spell it (those
    that could not be reached are missing: their users are inconsistent), and `tips`, the commit that each gitRepo's first
    version stands for, by resource name. Approvers of gates are resolved already (`Gate.people`, `Gate.teams`).
    `after` is the commit that was adopted when the reading began ("" for none): a reading that another adoption overtook is ignored.
    None is taken over whatever is adopted.
    """

    fragment: Fragment
    by: Actor
    repositories: dict[str, Repository] = field(default_factory=dict)
    tips: dict[str, Commit] = field(default_factory=dict)
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRemoved(Event):
    """A source is no longer part of the account: all that it defines goes."""

    source: str
    by: Actor


# -- from clocks, callers and people with API access ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked(Event):
    """A `time` resource is due. `scheduled` is the moment it was due for."""

    resource: str
    scheduled: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookReceived(Event):
    """Somebody with its key posted to a `webhook` resource."""

    resource: str
    payload: JsonMap
    headers: JsonMap = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPosted(Event):
    """Somebody posted a version of a resource by the API."""

    resource: str
    label: str
    bag: JsonMap
    by: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateDue(Event):
    """The `timeout` of a gate has passed."""

    job: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitOver(Event):
    """The wait of `retry` before this run has passed."""

    job: str
    number: int


# -- from workers --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Event):
    """A worker is free and serves `pools`. `token` will fence the run, whose lease lasts until `lease`."""

    pools: tuple[str, ...]
    worker: str
    token: str
    lease: float


@dataclass(frozen=True, slots=True)
class Left:
    """What a run left behind for one of its outputs, or for its own next version.

    `keys` are the lines of the `.env` file, in order (`versionName` names the version). `bag` is the edited `version.json`'s
    propertyBag when the script changed it (None: it did not). `files` is the storage key of state files, None for none.
    `summary` is Markdown that the run wrote about itself ("" for none).
    """

    keys: tuple[tuple[str, str], ...] = ()
    bag: JsonMap | None = None
    files: str | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded(Event):
    """An execution is over. `outputs`: OUT name -> what was left for it; `own` is the job's own state."""

    job: str
    number: int
    token: str
    status: Status
    own: Left = field(default_factory=Left)
    outputs: dict[str, Left] = field(default_factory=dict)
    reason: str = ""
    code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReported(Event):
    """A run of `job` that happens elsewhere goes on (RUNNING) or has ended with `status`; nobody here carries it out.

    `build` is its name there: reports of one build are about one run. While it goes on, the next report is due before `lease`.
    `own` is what it left for the job's next version, `reason` a sentence about its end.
    """

    job: str
    build: str
    status: Status
    cause: Cause
    lease: float
    own: Left = field(default_factory=Left)
    reason: str = ""


# -- commands of people, already authorised by the forge -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Event):
    """Somebody asks for something. `via` is where: a comment's key, `cli`, `api`, `page`."""

    by: Actor
    via: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggered(Command):
    """A manual run in `lane`. `commit` (repository id, full name, SHA, pull request) is where it was asked for, if on one.

    `break_glass` is the reason of an administrator who passes the gate, "" otherwise.
    """

    job: str
    lane: Lane
    values: tuple[tuple[str, str], ...] = ()
    repository: str = ""
    full_name: str = ""
    sha: str = ""
    pull_request: int | None = None
    break_glass: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved(Command):
    """A yes for exactly `digest` (the full one). Whether `by` may was asked of the forge; authorship and count are decided."""

    job: str
    digest: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected(Command):
    """A no for exactly `digest`."""

    job: str
    digest: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried(Command):
    """Run again what failed for this commit, with the same inputs: of `jobs`, those permitted."""

    repository: str
    sha: str
    jobs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(Command):
    """End these runs and candidates. `runs`: what was found for the commit (or named), and is permitted."""

    runs: tuple[tuple[str, int], ...] = ()
    candidates: tuple[tuple[str, int], ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseChanged(Command):
    """No automatic runs of `job` any more, or again."""

    job: str
    paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PinChanged(Command):
    """The version of `resource` that runs of `job` take, by number or label; None takes the pin off."""

    job: str
    resource: str
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitAllowed(Command):
    """A fork's commit may run: held runs of exactly this SHA are let go."""

    repository: str
    number: int
    sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseExpired(Event):
    """A run's worker did not renew its lease in time, and its processes are known dead or fenced: the run is lost."""

    job: str
    number: int
    token: str
