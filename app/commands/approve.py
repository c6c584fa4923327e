"""`approve`: opens a job's gate for exactly the versions announced (product.md section 4)."""

from __future__ import annotations

from dataclasses import dataclass

from app.commands import Reading, Refusal, Right, Scene, Wish
from app.commands._gate import chosen
from app.commands._start import manual_run
from app.workflow import say
from app.workflow.comment import Call
from app.workflow.events import Approved
from app.workflow.line import MAIN, Line


@dataclass(frozen=True, slots=True)
class Approve:
    name: str = "approve"
    usage: str = "approve JOB [DIGEST] [-- REASON]"
    help: str = "Opens the gate of JOB for exactly what was announced; runs a job without a gate that is ready by hand."
    examples: tuple[str, ...] = ("approve deploy-prod", "approve deploy-prod 3f9a1c2b -- checked on staging")
    right: Right = Right.GATE

    def read(self, line: Line, call: Call, scene: Scene) -> Reading:
        node = line.node(scene.job.name)
        if scene.job.gate is None and not node.open:
            return self._by_hand(line, call, scene)
        candidate = chosen(line, call, scene)
        if isinstance(candidate, Refusal):
            return candidate
        approved = Approved(
            key=scene.key,
            at=scene.now,
            by=scene.by,
            via=scene.via,
            job=candidate.job,
            digest=candidate.digest,
            reason=call.reason,
        )
        return Wish((approved,))

    def _by_hand(self, line: Line, call: Call, scene: Scene) -> Reading:
        ready = line.node(scene.job.name).ready
        here = scene.spot.lane if scene.spot else MAIN
        lane = here if here in ready else MAIN if MAIN in ready else None
        return manual_run(call, scene, lane) if lane else Refusal(say.no_gate(scene.job.name))


plugin = Approve()
