"""`trigger`: a manual run, or for a gated job a candidate."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.commands import Reading, Refusal, Right, Scene
from app.commands._start import manual_run
from app.workflow import say
from app.workflow.comment import Call
from app.workflow.line import Line

_FORBIDDEN = re.compile(r"PATH|LD_.*|BASH_ENV|ENV|IFS|GIT_.*|GATELINE_.*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST = 4_096


@dataclass(frozen=True, slots=True)
class Trigger:
    name: str = "trigger"
    usage: str = "trigger JOB [KEY=VALUE ...]"
    help: str = "Runs JOB by hand with the values in its environment; a job with a gate only waits for approval, values included."
    examples: tuple[str, ...] = ("trigger smoke", 'trigger smoke REGION=eu NOTE="second try"')
    right: Right = Right.WRITE

    def read(self, line: Line, call: Call, scene: Scene) -> Reading:  # noqa: ARG002 - the contract's signature
        wrong = _wrong(call.values)
        return Refusal(wrong) if wrong else manual_run(call, scene)


def _wrong(values: tuple[tuple[str, str], ...]) -> str:
    """What is wrong with the names or values to inject (product.md section 8), "" for nothing."""
    seen: set[str] = set()
    for name, value in values:
        if not _NAME.fullmatch(name):
            return say.bad_name(name)
        if _FORBIDDEN.fullmatch(name):
            return say.forbidden_name(name)
        if name in seen:
            return say.twice(name)
        if len(value) > _LONGEST or "\0" in value:
            return say.bad_value(name)
        seen.add(name)
    return ""


plugin = Trigger()
