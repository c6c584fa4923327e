"""`why`: what a job waits for, down to what would free it, or why it did not run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.commands import Answer, Reading, Right, Scene
from app.commands._typed import line_of
from app.workflow import answers
from app.workflow.comment import Call
from app.workflow.line import Line
from app.workflow.trigger import why


@dataclass(frozen=True, slots=True)
class Why:
    name: str = "why"
    usage: str = "why JOB"
    help: str = "Says what JOB waits for and what would free it, or why it did not run."
    examples: tuple[str, ...] = ("why deploy-prod",)
    right: Right = Right.READ

    def read(self, line: Line, call: Call, scene: Scene) -> Reading:  # noqa: ARG002 - the contract's signature
        reasons = list(_now(line, scene)) or list(_behind(scene)) or [answers.nothing_going_on(scene.job.name)]
        return Answer(answers.bullets(reasons))


def _now(line: Line, scene: Scene) -> Iterator[str]:
    """What holds of the job itself, then of all of it that is not final."""
    node = line.node(scene.job.name)
    yield from (answers.inconsistent(node.name, sentence) for sentence in node.inconsistent)
    if node.paused:
        yield answers.is_paused(node.name, line_of(scene, "resume", node.name))
    for candidate in node.open:
        yield answers.at_the_gate(candidate, line_of(scene, "approve", node.name, candidate.short))
    for run in node.active:
        yield answers.run_waits(run, [reason.sentence for reason in why(line, run, scene.kinds, scene.served)])
    for lane in sorted(node.ready):
        yield answers.ready_by_hand(node.name, lane, line_of(scene, "trigger", node.name))


def _behind(scene: Scene) -> Iterator[str]:
    """Why nothing of it goes on: what was left out for this commit, and how its last run ended."""
    for found in scene.found:
        if found.job == scene.job.name:
            yield from (answers.not_run(each) for each in found.not_run[:3])
            yield from (answers.last_run(run) for run in found.runs[:1])


plugin = Why()
