"""Which versions a run takes (spec/workflow-language.md section 4.3): the pinned one, else the lane's newest, else main's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.workflow.definition import Input
from app.workflow.kinds import Kinds
from app.workflow.line import MAIN, Lane, Line, Node, Past, Run, Taken, Version, VersionRef
from app.workflow.trigger import pinned, pinned_version, silent


@dataclass(frozen=True, slots=True)
class Choice:
    """What a run of a job would take: `refs` by IN name, and the sentence that says what is `missing` ("" for nothing)."""

    refs: Mapping[str, VersionRef | None]
    missing: str = ""

    @property
    def taken(self) -> tuple[Taken, ...]:
        return tuple(Taken(name, ref) for name, ref in self.refs.items())


def choose(line: Line, node: Node, lane: Lane, kinds: Kinds, kept: Mapping[str, VersionRef | None] | None = None) -> Choice:
    """The newest versions, but `kept` ones where they are given.

    Only a `state` may be without a version: other kinds of IN have nothing to give then (section 1.4).
    """
    if node.job is None:
        return Choice({}, f"no file defines {node.name} any more")
    line.require_pasts((step.name for step in node.job.inputs), lane)
    line.nodes(step.name for step in node.job.inputs)
    newest = {step.name: _version(line, node, step, lane) for step in node.job.inputs}
    refs = {name: version.ref if version else None for name, version in newest.items()} | dict(kept or {})
    for step in node.job.inputs:
        if refs[step.name] is None and (pinned(node, step) or not silent(line.node(step.name), kinds)):
            return Choice(refs, _missing(line, node, step))
    return Choice(refs)


def at_start(line: Line, node: Node, run: Run, kinds: Kinds) -> Choice:
    """The inputs of `run` as it starts: those that it was given before, with `state` as it is now (product.md section 4).

    What a gate opened takes exactly what was frozen; a retry what the first attempt took, of the INs that the job still has.
    """
    fresh = {step.name for step in states(line, node, kinds)}
    given = {taken.name: taken.version for taken in run.inputs if taken.name not in fresh}
    if not run.frozen:
        names = {step.name for step in node.job.inputs} if node.job else set()
        return choose(line, node, run.lane, kinds, {name: ref for name, ref in given.items() if name in names})
    now = choose(line, node, run.lane, kinds).refs
    return Choice({**given, **{name: now.get(name) for name in sorted(fresh)}})


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
