"""`status`: how every job stands on the commit."""

from __future__ import annotations

from dataclasses import dataclass

from app.commands import Answer, Found, Reading, Refusal, Right, Scene
from app.workflow import answers, say
from app.workflow.comment import Call
from app.workflow.line import CandidateState, Line


@dataclass(frozen=True, slots=True)
class Status:
    name: str = "status"
    usage: str = "status"
    help: str = "Lists how every job of the line stands on this commit."
    examples: tuple[str, ...] = ("status",)
    right: Right = Right.READ

    def read(self, line: Line, call: Call, scene: Scene) -> Reading:  # noqa: ARG002 - the contract's signature
        if scene.spot is None:
            return Refusal(say.NEEDS_COMMIT)
        return Answer(answers.standing(scene.spot.sha, [_row(each) for each in scene.found], scene.hidden))


def _row(found: Found) -> tuple[str, str]:
    """(job, how it stands): a waiting gate first, then the newest run, then why there is none."""
    waiting = next((each for each in found.candidates if each.state is CandidateState.OPEN), None)
    if waiting:
        return found.job, answers.waits_for_approval(waiting)
    run = max(found.runs, key=lambda run: run.ref.number, default=None)
    if run:
        return found.job, answers.stands(run)
    return found.job, found.not_run[0].reason if found.not_run else "nothing happened"


plugin = Status()
