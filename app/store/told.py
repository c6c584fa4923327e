"""What was decided on an event, as sentences for people."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

from app.workflow import facts as made


def told(facts: Iterable[made.Fact]) -> tuple[str, ...]:
    """One sentence for each fact that people would ask about, in order; each once."""
    return tuple(dict.fromkeys(sentence for fact in facts if (sentence := _sentence(fact))))


@singledispatch
def _sentence(fact: object) -> str:  # noqa: ARG001 - facts that say nothing to people
    return ""


@_sentence.register
def _(fact: made.VersionAdded) -> str:
    label = f" ({fact.version.label})" if fact.version.label else ""
    return f"{fact.version.ref.name} has version {fact.version.ref.number}{label}"


@_sentence.register
def _(fact: made.RunAdded) -> str:
    return f"{fact.run.ref} is {fact.run.status}"


@_sentence.register
def _(fact: made.RunJoined) -> str:
    return f"{fact.run} has another cause"


@_sentence.register
def _(fact: made.RunQueued) -> str:
    return f"{fact.run} may start"


@_sentence.register
def _(fact: made.RunWaits) -> str:
    return f"{fact.run} waits again"


@_sentence.register
def _(fact: made.RunReleased) -> str:
    return f"{fact.run} is no longer held"


@_sentence.register
def _(fact: made.RunDue) -> str:
    return f"{fact.run} has waited long enough to be tried again"


@_sentence.register
def _(fact: made.RunStarted) -> str:
    return f"{fact.run} started on {fact.worker}"


@_sentence.register
def _(fact: made.RunCancelling) -> str:
    return f"{fact.run} is told to stop: {fact.reason}" if fact.reason else f"{fact.run} is told to stop"


@_sentence.register
def _(fact: made.RunFinished) -> str:
    return f"{fact.run} ended {fact.status}: {fact.reason}" if fact.reason else f"{fact.run} ended {fact.status}"


@_sentence.register
def _(fact: made.SummaryLeft) -> str:
    return f"{fact.run} wrote a summary"


@_sentence.register
def _(fact: made.NotRun) -> str:
    return f"{fact.job} did not run: {fact.reason}"


@_sentence.register
def _(fact: made.ReadyByHand) -> str:
    return f"{fact.job} is ready to be started by hand: {fact.input} changed"


@_sentence.register
def _(fact: made.CandidateProposed) -> str:
    return f"{fact.candidate.job} waits for approval of {fact.candidate.short}"


@_sentence.register
def _(fact: made.ApprovalGiven) -> str:
    return f"{fact.approval.by.login} approved {fact.job}"


@_sentence.register
def _(fact: made.CandidateEnded) -> str:
    return f"candidate {fact.number} of {fact.job} is {fact.state}"


@_sentence.register
def _(fact: made.JobDefined) -> str:
    return f"job {fact.job.name} is defined"


@_sentence.register
def _(fact: made.ResourceDefined) -> str:
    return f"resource {fact.resource.name} is defined"


@_sentence.register
def _(fact: made.JobRemoved | made.ResourceRemoved) -> str:
    return f"{fact.name} is no longer defined"


@_sentence.register
def _(fact: made.PauseSet) -> str:
    return f"{fact.job} is {'paused' if fact.paused else 'resumed'}"


@_sentence.register
def _(fact: made.PinSet) -> str:
    return f"{fact.job} takes {f'version {fact.version.number}' if fact.version else 'the latest'} of {fact.resource}"


@_sentence.register
def _(fact: made.ShaAllowed) -> str:
    return f"{fact.sha[:12]} of #{fact.number} is allowed to run"


@_sentence.register
def _(fact: made.Ignored) -> str:
    return fact.reason


@_sentence.register
def _(fact: made.Denied) -> str:
    return fact.reason
