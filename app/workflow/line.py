"""A line as it stands: runs, versions and candidates, and the part of an account that one event can touch.

`Line` holds what was asked of it so far. Asking it for something not loaded raises `Unloaded`, which names what is missing;
the caller loads that too and decides again from the start (deciding is pure, so that costs only time). So a decision reads
what it touches and no more (architecture.md section 6, rule 10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from typing import TYPE_CHECKING

from app.workflow.definition import Fragment, Input, Job, JsonMap, Resource

if TYPE_CHECKING:
    from app.workflow.facts import Fact


class Status(StrEnum):
    """Where a run stands. A run starts its life WAITING (blocked: `trigger` says by what) or QUEUED (may start)."""

    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    UNSTABLE = "unstable"
    FAILED = "failed"
    ERRORED = "errored"
    LOST = "lost"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"

    @property
    def final(self) -> bool:
        return self not in (Status.WAITING, Status.QUEUED, Status.RUNNING)

    @property
    def executed(self) -> bool:
        """Whether the run counts when the health of its job is asked: final, and neither cancelled nor skipped."""
        return self.final and self not in (Status.CANCELLED, Status.SKIPPED)


STATUS_CODES = {
    Status.WAITING: 4005,
    Status.QUEUED: 4000,
    Status.RUNNING: 4001,
    Status.SUCCEEDED: 4002,
    Status.FAILED: 4003,
    Status.ERRORED: 4004,
    Status.LOST: 4004,
    Status.CANCELLED: 4006,
    Status.UNSTABLE: 4007,
    Status.SKIPPED: 4008,
    Status.TIMED_OUT: 4009,
}
"""The contract's codes (spec/workflow-language.md section 4.5)."""


@dataclass(frozen=True, slots=True, order=True)
class Lane:
    """Whose runs and versions see each other (product.md section 5).

    `key` is `main`, `pr/<number>@<repository>`, `branch/<name>@<repository>` or `queue/<ref>@<repository>`, where
    `<repository>` is the forge-qualified numeric id (`github:123`). What stands before `@` is what users see and match.
    """

    key: str = "main"

    @property
    def kind(self) -> str:
        return self.key.partition("/")[0]

    @property
    def main(self) -> bool:
        return self.key == "main"

    @property
    def label(self) -> str:
        return self.key.rpartition("@")[0] or self.key

    def matches(self, globs: tuple[str, ...]) -> bool:
        """Whether a step that says `lanes: <globs>` (`all` is `*`) is followed here; main always is."""
        return self.main or any(fnmatchcase(self.label, "*" if glob == "all" else glob) for glob in globs)


MAIN = Lane()


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody a forge knows. `id` is forge-qualified and numeric (`github:583231`); `login` is for showing only."""

    id: str
    login: str
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """A root event of a run, inherited by all that follows from it.

    `kind` is push, tag, release, pull_request, merge_group, tick, webhook, trigger, version, manual, retry or adoption.
    `repository` (`github:123`), `full_name` and `sha` are "" for causes without a commit. `actors` are who made the change
    (pushers, authors of the pull request), for `allow_author`; an unknown one is `Actor("", …)`. `event` is the event's key.
    `fork` marks a commit from a fork or an untrusted bot: no secrets, no OUT, nothing downstream (product.md section 8).
    """

    kind: str
    event: str
    repository: str = ""
    full_name: str = ""
    sha: str = ""
    ref: str = ""
    number: int | None = None
    actors: tuple[Actor, ...] = ()
    title: str = ""
    fork: bool = False


@dataclass(frozen=True, slots=True, order=True)
class RunRef:
    """A run, by its job's name and its number (one counter per job over all lanes)."""

    job: str
    number: int

    def __str__(self) -> str:
        return f"{self.job}#{self.number}"


@dataclass(frozen=True, slots=True, order=True)
class VersionRef:
    """A version, by the name of its resource or job and its number (one counter per name over all lanes)."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Version:
    """One immutable snapshot of a resource, or of what a job's run left behind.

    `bag` is the content (`propertyBag`). `files` is a storage key of state files or None. `run` made it (None: from outside
    or from YAML). `status` is that run's end, for versions of jobs. `actors` are who caused it, as in `Cause`.
    """

    ref: VersionRef
    lane: Lane
    created: float
    label: str = ""
    bag: JsonMap = field(default_factory=dict)
    files: str | None = None
    run: RunRef | None = None
    status: Status | None = None
    actors: tuple[Actor, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """One frozen input: the IN step's name and the version that the run takes (None: there is none yet)."""

    name: str
    version: VersionRef | None


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a job, from the moment it exists.

    `trigger` names what set it off: a job, a resource, or "" for a person (`by`). `strict` marks the one waiting entry of a
    strict join. `manual` runs pass pauses and health rules. `values` are injected variables. `inputs` are empty until the run is
    claimed, unless `frozen` (a gated run: they come from its candidate). `token` fences every write of the running process.
    `held` says why a run may not start whatever its neighbours do ("" for no reason; `allow` for a fork's commit).
    `code` is the exit code of a run that has one.
    """

    ref: RunRef
    lane: Lane
    status: Status
    causes: tuple[Cause, ...]
    created: float
    pool: str = ""
    priority: int = 9999
    trigger: str = ""
    by: Actor | None = None
    strict: bool = False
    immediate: bool = False
    manual: bool = False
    values: tuple[tuple[str, str], ...] = ()
    inputs: tuple[Taken, ...] = ()
    frozen: bool = False
    candidate: int | None = None
    token: str = ""
    worker: str = ""
    started: float | None = None
    ended: float | None = None
    reason: str = ""
    code: int | None = None
    held: str = ""
    cancelling: bool = False
    retry_of: int | None = None


class CandidateState(StrEnum):
    OPEN = "open"
    OPENED = "opened"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Approval:
    """Who said yes to which digest, when (seconds since the epoch) and where (`via`: a comment's id, `cli`, `api` …)."""

    by: Actor
    digest: str
    at: float
    via: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a gate shows: the frozen versions, definition and values of a run to be (product.md section 4).

    `number` counts candidates of the job. `definition` is the job as it was when this was proposed. `authors` made the
    changes since the last approved run. `changes` say what differs from it, one sentence an item. `digest` is the hex
    SHA-256 over inputs, definition and values; users see and type its first 12 digits.
    """

    job: str
    number: int
    lane: Lane
    digest: str
    inputs: tuple[Taken, ...]
    definition: Job
    causes: tuple[Cause, ...]
    created: float
    values: tuple[tuple[str, str], ...] = ()
    authors: tuple[Actor, ...] = ()
    changes: tuple[str, ...] = ()
    approvals: tuple[Approval, ...] = ()
    state: CandidateState = CandidateState.OPEN
    by: Actor | None = None
    expires: float | None = None
    reason: str = ""
    retry_of: int | None = None

    @property
    def short(self) -> str:
        return self.digest[:12]


@dataclass(frozen=True, slots=True)
class Node:
    """One name of the account as it stands in all lanes: its definition, its edges, and what of it is not final.

    Exactly one of `job`, `resource` is set; both are None for a name that nobody defines (any more).
    `consumers`: jobs with this as IN. `producers`: jobs with this as OUT. `next_run`, `next_version`, `next_candidate`: the
    next numbers. `pins`: input name -> version, set by people; pins of the file are in the definition.
    `inconsistent`: why the job may not be started, as sentences. `ready`: lanes in which a shut IN changed since the last run.
    """

    name: str
    job: Job | None = None
    resource: Resource | None = None
    consumers: tuple[str, ...] = ()
    producers: tuple[str, ...] = ()
    inconsistent: tuple[str, ...] = ()
    paused: bool = False
    pins: dict[str, VersionRef] = field(default_factory=dict)
    active: tuple[Run, ...] = ()
    open: tuple[Candidate, ...] = ()
    ready: frozenset[Lane] = frozenset()
    next_run: int = 1
    next_version: int = 1
    next_candidate: int = 1

    def input(self, name: str) -> Input | None:
        """The job's IN step called `name`, if there is one."""
        return next((step for step in self.job.inputs if step.name == name), None) if self.job else None


@dataclass(frozen=True, slots=True)
class Past:
    """What of one name lies behind in one lane: its newest version, and for a job how its runs ended.

    `latest`: newest version (of a job: whatever the outcome). `good`: of a job, newest version of a succeeded run.
    `ended`: newest run whose status counts for health (`Status.executed`). `approved`: the newest opened candidate.
    `causes_seen`: keys of root events that the newest run already had (for the union a join reports).
    """

    latest: Version | None = None
    good: Version | None = None
    ended: Run | None = None
    approved: Candidate | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What a decision asks of the line; `Line` maps each to its answer.

    kind      | name, lane            | answer
    node      | name                  | Node
    past      | name, lane            | Past
    version   | name, `#<number>` or label in `extra` | Version | None (the newest with that label, any lane of lane + main)
    watching  | repository            | tuple[str, …]: names of gitRepo resources of it
    tip       | repository, ref in `extra` | str: SHA last recorded for that ref, "" for none
    lane      | lane                  | tuple[str, …]: jobs with something not final there
    commit    | repository, SHA in `extra` | tuple[Run, …]: newest run of each job (and lane) caused by that commit
    queue     | pools, comma-joined, in `extra` | tuple[Run, …]: the queued runs to look at, best first (at most 50)
    run       | job, number in `extra` | Run | None: that run, final or not
    fragments |                       | Fragments: every source's fragment and what its gitRepos watch, for adoption only
    allowed   | repository, SHA in `extra` | bool: whether this fork's commit was admitted
    """

    kind: str
    name: str = ""
    lane: Lane = MAIN
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Fragments:
    """All sources of the account: source -> fragment, and source -> (`sourceName` lower-cased -> repository id)."""

    of: dict[str, Fragment]
    repositories: dict[str, dict[str, str]]


class Unloaded(LookupError):
    """A decision needs more of the account than was loaded: `needs` says what."""

    def __init__(self, needs: frozenset[Need]) -> None:
        super().__init__(", ".join(sorted(f"{need.kind} {need.name}" for need in needs)))
        self.needs = needs


class Line:
    """What of an account was loaded so far, and how facts change it. Immutable from outside: `after` and `knowing` give new ones.

    Every question raises `Unloaded` when its `Need` has not been loaded.
    """

    def knowing(self, answers: Mapping[Need, object]) -> Line:
        """This line, with more of the account loaded."""
        raise NotImplementedError

    def after(self, *facts: Fact) -> Line:
        """This line as the facts, in order, leave it. Only what is loaded changes."""
        raise NotImplementedError
