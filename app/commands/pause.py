"""`pause`: no automatic runs of a job until it is resumed."""

from __future__ import annotations

from dataclasses import dataclass

from app.commands import Reading, Right, Scene
from app.commands._pausing import set_paused
from app.workflow.comment import Call
from app.workflow.line import Line


@dataclass(frozen=True, slots=True)
class Pause:
    name: str = "pause"
    usage: str = "pause JOB"
    help: str = "No automatic runs of JOB until it is resumed, in the whole account; runs by hand go on."
    examples: tuple[str, ...] = ("pause deploy-staging",)
    right: Right = Right.WRITE

    def read(self, line: Line, call: Call, scene: Scene) -> Reading:  # noqa: ARG002 - the contract's signature
        return set_paused(line, scene, True)


plugin = Pause()
