"""What was decided, in the past tense. `Line.after(fact)` folds one into the line; the store writes it as rows.

Facts are complete: whoever applies one needs nothing but the fact and what it names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from app.workflow.definition import Fragment, Job, Resource
from app.workflow.values import (
    Actor,
    Approval,
    Candidate,
    CandidateState,
    Cause,
    Lane,
    Run,
    RunRef,
    Status,
    Taken,
    Version,
    VersionRef,
)


@dataclass(frozen=True, slots=True)
class VersionAdded:
    """A resource or job got its next version. For versions of runs, lineage is the run's inputs; `parents` names others."""

    version: Version
    causes: tuple[Cause, ...] = ()
    parents: tuple[VersionRef, ...] = ()


@dataclass(frozen=True, slots=True)
class RunAdded:
    """A run exists, waiting or queued, with all that `Run` says of it."""

    run: Run


@dataclass(frozen=True, slots=True)
class RunJoined:
    """A waiting run (a strict entry) got another cause instead of a run of its own."""

    run: RunRef
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class RunQueued:
    """A waiting run of `pool` may start now."""

    run: RunRef
    pool: str = ""


@dataclass(frozen=True, slots=True)
class RunWaits:
    """A queued run may not start any more (a neighbour got busy before a worker came)."""

    run: RunRef


@dataclass(frozen=True, slots=True)
class RunReleased:
    """What held a run (`Run.held`) is gone."""

    run: RunRef


@dataclass(frozen=True, slots=True)
class RunDue:
    """The wait before another try (`Run.due`) is over."""

    run: RunRef


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A worker has it: inputs frozen, lease and fencing token set."""

    run: RunRef
    inputs: tuple[Taken, ...]
    worker: str
    token: str
    lease: float
    at: float


@dataclass(frozen=True, slots=True)
class RunCancelling:
    """Its worker was told to stop a running run; it ends `cancelled` when its processes are gone."""

    run: RunRef
    reason: str
    by: Actor | None = None


@dataclass(frozen=True, slots=True)
class RunFinished:
    """A run is final. `reason` is a sentence, "" when the status says it all; `by` cancelled it, if a person did."""

    run: RunRef
    status: Status
    at: float
    reason: str = ""
    code: int | None = None
    by: Actor | None = None


@dataclass(frozen=True, slots=True)
class SummaryLeft:
    """A run wrote about itself, in Markdown: foreign text, without secrets."""

    run: RunRef
    text: str


@dataclass(frozen=True, slots=True)
class NotRun:
    """`job` has no run for these causes. `state` is `skipped` (a filter or mark, or nothing new: fine), `not_run` (something before
    it failed, was cancelled or is inconsistent) or `paused` (people paused the job; events meanwhile are not replayed).

    `because` is the name of what stands in the way (a job, a resource), `reason` the whole sentence.
    """

    job: str
    lane: Lane
    causes: tuple[Cause, ...]
    state: str
    because: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadyByHand:
    """A shut IN (`switch: off`) of `job` has changed, or an open one while a strict job with a gate was not settled.

    Nothing starts or is proposed; the job is listed as ready, until it runs or is proposed.
    """

    job: str
    lane: Lane
    input: str


@dataclass(frozen=True, slots=True)
class CandidateProposed:
    """A gate has something to show. It replaces `supersedes` (a candidate's number), if any."""

    candidate: Candidate
    supersedes: int | None = None


@dataclass(frozen=True, slots=True)
class ApprovalGiven:
    """One approval counted; the gate may still want more."""

    job: str
    number: int
    approval: Approval


@dataclass(frozen=True, slots=True)
class CandidateEnded:
    """A candidate is final. Of an opened one `run` is the run it became."""

    job: str
    number: int
    state: CandidateState
    at: float
    reason: str = ""
    run: RunRef | None = None
    by: Actor | None = None


@dataclass(frozen=True, slots=True)
class JobDefined:
    """A job is new or changed. `inconsistent` says why it may not start, if so."""

    job: Job
    inconsistent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JobRemoved:
    """No source defines the job any more; its runs and versions stay."""

    name: str


@dataclass(frozen=True, slots=True)
class ResourceDefined:
    """A resource is new or changed. `repository` is what a gitRepo watches (`github:123`), "" for others.

    `inconsistent` says why it cannot be used (its repository cannot be reached): it becomes `Node.inconsistent`.
    """

    resource: Resource
    repository: str = ""
    inconsistent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceRemoved:
    """No source defines the resource any more; its versions stay."""

    name: str


@dataclass(frozen=True, slots=True)
class FragmentAdopted:
    """This is now what the source says. A removed source's fragment is empty with `removed` set.

    `repositories`: gitRepo's `sourceName`, lower-cased -> id of what it means (`github:123`).
    """

    fragment: Fragment
    repositories: dict[str, str] = field(default_factory=dict)
    removed: bool = False


@dataclass(frozen=True, slots=True)
class PauseSet:
    job: str
    paused: bool
    by: Actor


@dataclass(frozen=True, slots=True)
class PinSet:
    """Runs of `job` take `version` of `resource`; None: the latest again."""

    job: str
    resource: str
    version: VersionRef | None
    by: Actor


@dataclass(frozen=True, slots=True)
class TipMoved:
    """The newest commit known of a ref, for "latest follows the ref" (rule 7). "" when the ref is gone."""

    repository: str
    ref: str
    sha: str


@dataclass(frozen=True, slots=True)
class LaneOpened:
    """A lane other than main has something in it for the first time, or its `head` (newest commit) moved: replaces what was known.

    `head_ref` is the short name of the branch that a pull request in the same repository comes from ("" for forks). `fork`: what
    is in the lane is not trusted (product.md section 8).
    """

    lane: Lane
    repository: str
    full_name: str
    head: str
    number: int | None = None
    title: str = ""
    head_ref: str = ""
    fork: bool = False


@dataclass(frozen=True, slots=True)
class LaneClosed:
    lane: Lane
    at: float


@dataclass(frozen=True, slots=True)
class ShaAllowed:
    """A fork's commit was admitted."""

    repository: str
    number: int
    sha: str
    by: Actor


@dataclass(frozen=True, slots=True)
class Ignored:
    """The event, or a part of it, started nothing: why, in a sentence. `subject` is the job or resource concerned."""

    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Denied:
    """A command was understood and the answer is no: `reason` is what the asker is told."""

    reason: str


Fact: TypeAlias = (
    VersionAdded
    | RunAdded
    | RunJoined
    | RunQueued
    | RunWaits
    | RunReleased
    | RunDue
    | RunStarted
    | RunCancelling
    | RunFinished
    | SummaryLeft
    | NotRun
    | ReadyByHand
    | CandidateProposed
    | ApprovalGiven
    | CandidateEnded
    | JobDefined
    | JobRemoved
    | ResourceDefined
    | ResourceRemoved
    | FragmentAdopted
    | PauseSet
    | PinSet
    | TipMoved
    | LaneOpened
    | LaneClosed
    | ShaAllowed
    | Ignored
    | Denied
)
