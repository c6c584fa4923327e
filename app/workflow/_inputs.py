"""Which versions a run takes (spec/workflow-language.md section 4.3): the pinned one, else the lane's newest, else main's."""

from __future__ import annotations

from dataclasses import dataclass

from app.workflow.definition import Input
from app.workflow.kinds import Kinds
from app.workflow.line import MAIN, Lane, Line, Node, Past, Run, Taken, Version
from app.workflow.trigger import pinned, pinned_version, silent


@dataclass(frozen=True, slots=True)
class Choice:
    """What a run of a job would take now: `versions` by IN name, and the sentence that says what is `missing` ("" for nothing)."""

    versions: dict[str, Version | None]
    missing: str = ""

    @property
    def taken(self) -> tuple[Taken, ...]:
        return tuple(Taken(name, version.ref if version else None) for name, version in self.versions.items())


def choose(line: Line, node: Node, lane: Lane, kinds: Kinds) -> Choice:
    """Only a `state` may be without a version: other kinds of IN have nothing to give then (section 1.4)."""
    if node.job is None:
        return Choice({}, f"no file defines {node.name} any more")
    line.require_pasts((step.name for step in node.job.inputs), lane)
    line.nodes(step.name for step in node.job.inputs)
    versions = {step.name: _version(line, node, step, lane) for step in node.job.inputs}
    for step in node.job.inputs:
        if versions[step.name] is None and (pinned(node, step) or not silent(line.node(step.name), kinds)):
            return Choice(versions, _missing(line, node, step))
    return Choice(versions)


def at_start(line: Line, node: Node, run: Run, kinds: Kinds) -> Choice | tuple[Taken, ...]:
    """The inputs of `run` as it starts: those that it was given before, with `state` as it is now (product.md section 4)."""
    if not run.inputs:
        return choose(line, node, run.lane, kinds)
    fresh = {step.name: _version(line, node, step, run.lane) for step in states(line, node, kinds)}
    given = tuple(each for each in run.inputs if each.name not in fresh)
    return (*given, *(Taken(name, version.ref if version else None) for name, version in fresh.items()))


def states(line: Line, node: Node, kinds: Kinds) -> list[Input]:
    """The `state` inputs of a job: read when a run starts, never frozen before."""
    steps = node.job.inputs if node.job else ()
    line.require_pasts((step.name for step in steps), MAIN)
    return [step for step in steps if silent(line.node(step.name), kinds)]


def _version(line: Line, node: Node, step: Input, lane: Lane) -> Version | None:
    if pinned(node, step):
        return pinned_version(line, node, step, lane)
    is_job = line.node(step.name).job is not None
    here, main = line.past(step.name, lane), line.past(step.name)
    return _newest(here, step, is_job) or _newest(main, step, is_job)


def _newest(past: Past, step: Input, is_job: bool) -> Version | None:
    """Of a job the newest successful one, unless its failures are asked for (section 10 #25)."""
    return past.good if is_job and not step.on_failure else past.latest


def _missing(line: Line, node: Node, step: Input) -> str:
    if pinned(node, step):
        return f"{step.name} is pinned to a version that does not exist"
    if line.node(step.name).job is not None:
        return f"{step.name} has no successful run yet"
    return f"{step.name} has no version yet"
