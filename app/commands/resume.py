"""`resume`: automatic runs of a paused job again."""

from __future__ import annotations

from dataclasses import dataclass

from app.commands import Reading, Right, Scene
from app.commands._pausing import set_paused
from app.workflow.comment import Call
from app.workflow.line import Line


@dataclass(frozen=True, slots=True)
class Resume:
    name: str = "resume"
    usage: str = "resume JOB"
    help: str = "Lets JOB run automatically again, in the whole account."
    examples: tuple[str, ...] = ("resume deploy-staging",)
    right: Right = Right.WRITE

    def read(self, line: Line, call: Call, scene: Scene) -> Reading:  # noqa: ARG002 - the contract's signature
        return set_paused(line, scene, False)


plugin = Resume()
