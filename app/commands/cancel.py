"""`cancel`: ends what is not final for a commit, runs and candidates alike."""

from __future__ import annotations

from dataclasses import dataclass

from app.commands import Reading, Refusal, Right, Scene, Wish
from app.workflow import say
from app.workflow.comment import Call
from app.workflow.events import Cancelled
from app.workflow.line import CandidateState, Line


@dataclass(frozen=True, slots=True)
class Cancel:
    name: str = "cancel"
    usage: str = "cancel [JOB] [-- REASON]"
    help: str = "Cancels what is not final for this commit, of JOB or of all jobs; for jobs with a gate their approvers decide."
    examples: tuple[str, ...] = ("cancel", "cancel load-test -- wrong region")
    right: Right = Right.END

    def read(self, line: Line, call: Call, scene: Scene) -> Reading:  # noqa: ARG002 - the contract's signature
        permitted = {job.name for job in scene.jobs}
        found = [each for each in scene.found if each.job in permitted]
        runs = tuple((run.ref.job, run.ref.number) for each in found for run in each.runs if not run.status.final)
        waiting = tuple(
            (candidate.job, candidate.number) for each in found for candidate in each.candidates if candidate.state is CandidateState.OPEN
        )
        if not runs and not waiting:
            return Refusal(say.nothing_to_cancel(scene.job.name if call.job else ""))
        cancelled = Cancelled(key=scene.key, at=scene.now, by=scene.by, via=scene.via, runs=runs, candidates=waiting, reason=call.reason)
        return Wish((cancelled,))


plugin = Cancel()
