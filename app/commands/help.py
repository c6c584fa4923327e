"""`help`: every command with its usage."""

from __future__ import annotations

from dataclasses import dataclass

from app.commands import Answer, Reading, Right, Scene
from app.workflow import answers
from app.workflow.comment import Call
from app.workflow.line import Line


@dataclass(frozen=True, slots=True)
class Help:
    name: str = "help"
    usage: str = "help"
    help: str = "Lists the commands."
    examples: tuple[str, ...] = ("help",)
    right: Right = Right.READ

    def read(self, line: Line, call: Call, scene: Scene) -> Reading:  # noqa: ARG002 - the contract's signature
        return Answer(answers.commands(scene.prefix, scene.usages))


plugin = Help()
