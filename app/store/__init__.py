"""The store: the database that decides. One class over SQLAlchemy Core, the same on SQLite and PostgreSQL.

All methods are short transactions of their own except those of `AccountTransaction`. Times are seconds since the epoch as floats, read
from the clock once a transaction. Names of things: `account` (`github:acme`), `repository` (`github:123`), `source`
(`github:acme/app@main`). A run is `RunRef` inside its account; outside it has a `key`, 22 unguessable URL-safe characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from app.forges import CommitState, Delivery, Level
from app.workflow.definition import Job, JsonMap, Problem
from app.workflow.errands import Errand
from app.workflow.events import Event, Repository
from app.workflow.facts import Fact, NotRun
from app.workflow.line import Actor, Candidate, Line, Need, Run, RunRef, Version, VersionRef

Answer = TypeVar("Answer")


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
class Standing:
    """What is to be reported of one job on one commit, newest first of each: what the status errand decides from.

    `reported` is whether the job ever reported a status in this repository.
    """

    job: str
    account: str
    runs: tuple[RunView, ...]
    candidates: tuple[Candidate, ...]
    not_run: tuple[tuple[NotRun, float], ...]
    reported: bool


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

    `place` is its conversation as a string (a channel for Slack), `id` the service's id, `digest` of the text it has.
    """

    purpose: str
    subject: str
    place: str
    id: str
    digest: str
    at: float


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


class AccountTransaction:
    """One decision: the account is locked, `now` is fixed, nothing is visible to others before the commit."""

    now: float

    def seen(self, key: str) -> Outcome | None:
        """The stored outcome of an event of this account with that key."""
        raise NotImplementedError

    def load(self, needs: Iterable[Need]) -> Mapping[Need, object]:
        """The answers that `Line` is made of (see `Need`)."""
        raise NotImplementedError

    def write(self, event: Event, facts: Sequence[Fact], errands: Sequence[Errand]) -> None:
        """Rows for all of it, and the event's key. Raises IntegrityError-free: a seen key must have been asked for before."""
        raise NotImplementedError


class Store:
    """See the module. `clock` returns seconds since the epoch; without one the database's own time is read."""

    def __init__(self, url: str, data: Path, keys: Sequence[str], clock: Callable[[], float] | None = None) -> None:
        """`data` is GATELINE_DATA_DIR (logs and state files live under it, through fsspec). `keys`: secret keys, newest first."""
        raise NotImplementedError

    # -- schema -------------------------------------------------------------------------------------------------------
    def migrate(self) -> str:
        """Brings the schema up to date, one process at a time; returns a sentence. Raises Permanent for a newer schema."""
        raise NotImplementedError

    def check_schema(self) -> None:
        """Raises Permanent, with what to type, unless the schema is the one this version knows."""
        raise NotImplementedError

    def now(self) -> float: ...
    def ping(self) -> None: ...
    def close(self) -> None: ...

    # -- the line -----------------------------------------------------------------------------------------------------
    def decision(self, account: str) -> AbstractContextManager[AccountTransaction]:
        """Locks the account (made on first use), commits at the end of the block, rolls back on an exception."""
        ...

    def ask(self, account: str, question: Callable[[Line], Answer]) -> Answer:
        """Answers a pure question about the line as it stands, loading what `question` turns out to need. Locks nothing."""
        ...

    # -- accounts, sources, repositories -------------------------------------------------------------------------------
    def accounts(self) -> tuple[str, ...]: ...
    def watchers(self, repository: str) -> tuple[str, ...]:
        """Accounts that have a source in this repository or a gitRepo resource of it."""
        ...

    def add_source(self, source: Source) -> None: ...
    def source(self, key: str) -> Source | None: ...
    def sources(self, account: str | None = None, repository: str | None = None) -> tuple[Source, ...]: ...
    def update_source(
        self,
        key: str,
        *,
        commit: str | None = None,
        blobs: Mapping[str, str] | None = None,
        problems: Sequence[Problem] | None = None,
        sha_seen: str | None = None,
    ) -> None: ...
    def remove_source(self, key: str) -> None: ...
    def put_repository(self, repository: Repository) -> None: ...
    def repository(self, id_or_name: str) -> Repository | None:
        """By `github:123` or `github:owner/name` (names without regard to case)."""
        ...

    def baseline(self, repository: str) -> Mapping[str, str] | None:
        """ref or `pr/<number>` -> SHA as last compared; None before the first comparison."""
        ...

    def set_baseline(self, repository: str, tips: Mapping[str, str]) -> None: ...

    # -- deliveries ----------------------------------------------------------------------------------------------------
    def keep_delivery(self, delivery: Delivery) -> int | None:
        """Keeps it with its `handle_delivery` errand in one durable transaction; None for an authentic duplicate
        (same forge, hook, delivery id and body hash)."""
        ...

    def delivery(self, id: int) -> Delivery: ...
    def note_delivery(self, id: int, outcome: str) -> None:
        """Keeps with the delivery what came of it, or why nothing did."""
        ...

    def deliveries(self, limit: int = 50) -> tuple[tuple[int, Delivery, float, str], ...]: ...

    # -- outbox --------------------------------------------------------------------------------------------------------
    def add_errands(self, account: str, errands: Sequence[Errand]) -> None: ...
    def claim_errand(self, worker: str, lease: float) -> Claimed | None:
        """The oldest due errand whose key nobody has in hand and that is first of its key; voids older ones that it replaces."""
        ...

    def renew_errand(self, claimed: Claimed, lease: float) -> None:
        """Raises Stale."""
        ...

    def errand_done(self, claimed: Claimed, note: str = "") -> None: ...
    def errand_put_off(self, claimed: Claimed, after: float, problem: str) -> None: ...
    def errand_failed(self, claimed: Claimed, problem: str) -> None: ...
    def redo(self, errand: int) -> bool: ...
    def stuck(self) -> tuple[Stuck, ...]: ...
    def due_queues(self) -> tuple[str, ...]:
        """Names of queues that have something due now: `errands`, `runs:<pool>`."""
        ...

    def sweep(self) -> tuple[tuple[str, RunRef, str], ...]:
        """Frees errands whose lease expired; returns (account, run, token) of runs whose lease did."""
        ...

    # -- runs ----------------------------------------------------------------------------------------------------------
    def queued_accounts(self, pools: Sequence[str]) -> tuple[str, ...]:
        """Accounts with a queued run in one of these pools, the one with the best run (priority, age) first."""
        ...

    def renew_run(self, account: str, run: RunRef, token: str, lease: float) -> str:
        """Prolongs the lease to `lease`; returns why the run should stop, "" to go on. Raises Stale."""
        ...

    def run(self, account: str, run: RunRef) -> RunView | None: ...
    def run_by_key(self, key: str) -> RunView | None: ...
    def runs(
        self, account: str | None = None, job: str | None = None, live: bool | None = None, limit: int = 50
    ) -> tuple[RunView, ...]:
        """Newest first; `live` True: not final, False: final only."""
        ...

    def runs_of_commit(self, repository: str, sha: str) -> tuple[RunView, ...]: ...
    def standing(self, repository: str, sha: str, job: str | None = None) -> tuple[Standing, ...]: ...
    def definition_at(self, account: str, run: RunRef) -> Job:
        """The job as it was when the run was claimed (its candidate's, for a gated run); the current one before that."""
        ...

    # -- versions, candidates ------------------------------------------------------------------------------------------
    def version(self, account: str, ref: VersionRef) -> tuple[int, Version] | None:
        """The database's id (VERSIONID) and the version."""
        ...

    def versions(self, account: str, name: str, limit: int = 50) -> tuple[tuple[int, Version], ...]: ...
    def trace(self, account: str, ref: VersionRef) -> tuple[tuple[int, VersionRef], ...]:
        """The transitive inputs of a version, depth first, as (depth, version)."""
        ...

    def object_id(self, account: str, name: str) -> int:
        """The stable id of a job or resource (RESOURCE_ID)."""
        ...

    def candidate(self, account: str, job: str, number: int) -> Candidate | None: ...
    def candidates(
        self, account: str | None = None, job: str | None = None, open_only: bool = True
    ) -> tuple[tuple[str, Candidate], ...]: ...
    def due_candidates(self) -> tuple[tuple[str, Candidate], ...]: ...
    def due_times(self) -> tuple[tuple[str, str, str, float], ...]:
        """(account, resource, cron expression, last tick or definition time) of `time` resources, to see what is due."""
        ...

    def events(self, account: str, limit: int = 50) -> tuple[tuple[float, str, str, tuple[str, ...]], ...]:
        """Newest first: (at, kind, key, sentences of what was decided or why nothing was)."""
        ...

    # -- what was written outside ----------------------------------------------------------------------------------------
    def written(self, repository: str, sha: str, context: str) -> Written | None: ...
    def written_on(self, repository: str, sha: str) -> tuple[Written, ...]: ...
    def set_written(self, written: Written) -> None: ...
    def posted(self, purpose: str, subject: str) -> Posted | None: ...
    def posted_as(self, place: str, id: str) -> Posted | None:
        """Which of ours a comment with this id in this place is, None when it is not ours."""
        ...

    def set_posted(self, posted: Posted) -> None: ...

    # -- logs and files ----------------------------------------------------------------------------------------------------
    def append_log(self, account: str, run: RunRef, token: str, chunks: Sequence[Chunk]) -> None:
        """Raises Stale. Chunks are masked already."""
        ...

    def read_log(self, run_id: int, after: int = 0, limit: int = 200) -> tuple[Chunk, ...]: ...
    def keep_files(self, account: str, folder: Path) -> str | None:
        """Stores a folder's files with modes and sub-folders; returns the key, None for an empty folder. Raises Refused over the limits."""
        ...

    def fetch_files(self, key: str, folder: Path) -> None: ...

    # -- secrets -------------------------------------------------------------------------------------------------------------
    def put_secret(self, row: SecretRow, values: Mapping[str, str]) -> None: ...
    def secret_rows(self, account: str) -> tuple[SecretRow, ...]: ...
    def reveal(self, account: str, name: str, source: str, gated: bool) -> Mapping[str, str]:
        """Raises Refused when `source` may not see it, NotFound when there is none."""
        ...

    def remove_secret(self, account: str, name: str) -> bool: ...
    def rotate_secrets(self) -> int:
        """Encrypts everything anew under the newest key; returns how many."""
        ...

    # -- people, tokens, audit, workers ----------------------------------------------------------------------------------------
    def issue_token(self, account: str, actor: Actor, scopes: Sequence[str], expires: float, admin: bool = False) -> str: ...
    def check_token(self, text: str) -> Token | None: ...
    def tokens(self, account: str | None = None) -> tuple[Token, ...]: ...
    def revoke_token(self, id: int) -> bool: ...
    def add_audit(self, entry: AuditEntry) -> None: ...
    def audit(self, account: str | None = None, subject: str | None = None, limit: int = 100) -> tuple[AuditEntry, ...]: ...
    def beat(self, worker: WorkerRow) -> None: ...
    def workers(self) -> tuple[WorkerRow, ...]: ...
    def lead(self, name: str, holder: str, lease: float) -> bool:
        """Whether `holder` is the one leader called `name` until now + lease (a claimed row)."""
        ...
