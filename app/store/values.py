"""What the store takes and gives, as frozen values. Times are seconds since the epoch.

Names of things: `account` (`github:acme`), `repository` (`github:123`), `source` (`github:acme/app@main`). A run is a `RunRef` inside
its account; outside it has a `key`, 22 unguessable URL-safe characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.forges import CommitState
from app.workflow.definition import Problem
from app.workflow.errands import Errand
from app.workflow.facts import Fact, NotRun
from app.workflow.line import Actor, Candidate, Lane, Run


class Stale(Exception):
    """A write carried a token that is not the run's or errand's any more: stop, kill, forget."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one event came to. `duplicate`: its key had been seen, these are the facts of the first time."""

    facts: tuple[Fact, ...]
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A repository's branch whose workflow files are part of an account's line.

    `commit` is the adopted one ("" for none yet); `blobs` path -> blob id of the workflow files adopted; `problems` of the last
    attempt, whatever its outcome; `sha_seen` the commit it was made at.
    """

    key: str
    account: str
    forge: str
    repository: str
    full_name: str
    branch: str
    private: bool = True
    commit: str = ""
    blobs: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    sha_seen: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An errand in hand: every write about it carries `token`. `attempts` counts this one; `first` is when it was made."""

    id: int
    account: str
    errand: Errand
    token: str
    attempts: int
    first: float


@dataclass(frozen=True, slots=True)
class Stuck:
    """An errand that failed or is being put off, for `show --problems`."""

    id: int
    account: str
    errand: Errand
    state: str
    attempts: int
    due: float
    problem: str


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as pages, API and CLI see it. `id` is the database's number (BUILD_ID), `key` the unguessable one in its link."""

    account: str
    id: int
    key: str
    run: Run


@dataclass(frozen=True, slots=True)
class ClaimedCell:
    """A cell in hand: every write about it carries `token`. `view` is its run, `index` its number in it."""

    view: RunView
    index: int
    token: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is to be reported of one job on one commit, newest first of each: what the status errand decides from.

    `reported` is whether the job ever reported a status in this repository; `open_lanes` are those of open pull requests of it.
    """

    job: str
    account: str
    runs: tuple[RunView, ...]
    candidates: tuple[Candidate, ...]
    not_run: tuple[tuple[NotRun, float], ...]
    reported: bool
    open_lanes: frozenset[Lane] = frozenset()


@dataclass(frozen=True, slots=True)
class Written:
    """A commit status as last written."""

    repository: str
    sha: str
    context: str
    state: CommitState
    description: str
    url: str
    at: float


@dataclass(frozen=True, slots=True)
class Posted:
    """A comment or message of ours: `purpose` and `subject` find it again (`line`, `announcement`, `reply`, `slack` …).

    `place` is its conversation as a string (a channel for Slack), `id` the service's id, `digest` of the text it has, `edits` how
    often it was edited.
    """

    purpose: str
    subject: str
    place: str
    id: str
    digest: str
    at: float
    edits: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a run's log: numbered from 1 without gaps. Lines in `text` begin with an ISO timestamp and a space."""

    number: int
    at: float
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class Token:
    """An API token as it is known afterwards (its text is never stored): bound to one forge user."""

    id: int
    account: str
    actor: Actor
    scopes: tuple[str, ...]
    expires: float
    admin: bool = False


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Somebody asked for something: what came of it."""

    at: float
    account: str
    by: Actor
    action: str
    subject: str
    accepted: bool
    detail: str
    via: str


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker process as it last said; `run` is what it executes now (`build#12`), which the run's own row says."""

    name: str
    host: str
    pools: tuple[str, ...]
    started: float
    seen: float
    run: str = ""


@dataclass(frozen=True, slots=True)
class SecretRow:
    """An integration without its values. `sources` may use it; `gated` ones only in runs that an approval opened."""

    account: str
    name: str
    type: str
    fields: tuple[str, ...]
    sources: tuple[str, ...]
    gated: bool
