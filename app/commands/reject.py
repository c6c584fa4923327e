"""`reject`: ends what waits at a job's gate."""

from __future__ import annotations

from dataclasses import dataclass

from app.commands import Reading, Refusal, Right, Scene, Wish
from app.commands._gate import chosen
from app.workflow.comment import Call
from app.workflow.events import Rejected
from app.workflow.line import Line


@dataclass(frozen=True, slots=True)
class Reject:
    name: str = "reject"
    usage: str = "reject JOB [DIGEST] [-- REASON]"
    help: str = "Ends what waits at the gate of JOB as rejected."
    examples: tuple[str, ...] = ("reject deploy-prod -- not on a Friday",)
    right: Right = Right.GATE

    def read(self, line: Line, call: Call, scene: Scene) -> Reading:
        candidate = chosen(line, call, scene)
        if isinstance(candidate, Refusal):
            return candidate
        rejected = Rejected(
            key=scene.key,
            at=scene.now,
            by=scene.by,
            via=scene.via,
            job=candidate.job,
            digest=candidate.digest,
            reason=call.reason,
        )
        return Wish((rejected,))


plugin = Reject()
