"""The values that a line is made of: lanes, causes, runs, versions and candidates, all frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from app.workflow.definition import Job, JsonMap


class Status(StrEnum):
    """Where a run stands. A run starts its life WAITING (blocked: `trigger` says by what) or QUEUED (may start)."""

    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    UNSTABLE = "unstable"
    FAILED = "failed"
    TOLERATED = "tolerated"
    ERRORED = "errored"
    LOST = "lost"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"

    @property
    def final(self) -> bool:
        return self not in (Status.WAITING, Status.QUEUED, Status.RUNNING)

    @property
    def passed(self) -> bool:
        """Whether what follows goes on: the run succeeded, or failed where its job says `allowFailure`."""
        return self in (Status.SUCCEEDED, Status.TOLERATED)

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
    Status.TOLERATED: 4003,
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
DEFAULT_POOL = "default"
"""The pool of jobs that name none."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody a forge knows. `id` is forge-qualified and numeric (`github:583231`); `login` is for showing only."""

    id: str
    login: str
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """A root event of a run, inherited by all that follows from it.

    `kind` is push, tag, release, pull_request, merge_group, tick, webhook, trigger, version, manual, retry, adoption or external.
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
    `code` is the exit code of a run that has one. `attempt` counts the tries of `retry`; `due` is the time before which this one does not
    start, None when that is over.
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
    attempt: int = 1
    due: float | None = None

    @property
    def executing(self) -> bool:
        """Whether a worker has it in hand. A run that happens elsewhere and is only reported is RUNNING without one."""
        return self.status is Status.RUNNING and bool(self.worker)


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
