"""The edges of the graph as nodes hold them: who has a name as IN, who as OUT, and which jobs are neighbours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.workflow.definition import Job
from app.workflow.needs import Node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.workflow.line import Line


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Jobs around a job (spec/workflow-language.md section 4.2), itself left out.

    `upstream`: its IN jobs, switched-off ones too. `producers`: jobs whose OUT is an IN resource of it. `downstream`: jobs that have
    it, or a resource that it makes, as IN.
    """

    upstream: tuple[str, ...]
    producers: tuple[str, ...]
    downstream: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.upstream, *self.producers, *self.downstream)))


def neighbours(line: Line, job: Job) -> Neighbours:
    """Raises Unloaded for what is not loaded of the nodes around `job`."""
    nodes = {node.name: node for node in line.nodes({job.name} | ends(job))}
    taken = [nodes[step.name] for step in job.inputs]
    made = [nodes[job.name], *(nodes[step.name] for step in job.outputs)]
    return Neighbours(
        _others(job, [node.name for node in taken if node.job]),
        _others(job, [name for node in taken for name in node.producers]),
        _others(job, [name for node in made for name in node.consumers]),
    )


def load_around(line: Line, names: Iterable[str]) -> None:
    """Asks for the neighbourhood of many jobs at once, so that it is loaded in few rounds."""
    jobs = [node.job for node in line.nodes(names) if node.job]
    line.nodes({end for job in jobs for end in ends(job)})
    line.nodes({name for job in jobs for name in neighbours(line, job).all})


def ends(job: Job | None) -> set[str]:
    """Names at the far ends of a job's edges."""
    return {step.name for step in job.inputs} | {step.name for step in job.outputs} if job else set()


def joined(far: Node, name: str, job: Job | None) -> Node:
    """`far` when the job called `name` is now as `job` says (None: it is gone)."""
    takes = job is not None and any(step.name == far.name for step in job.inputs)
    makes = job is not None and any(step.name == far.name for step in job.outputs)
    return replace(far, consumers=_with(far.consumers, name, takes), producers=_with(far.producers, name, makes))


def _with(names: tuple[str, ...], name: str, there: bool) -> tuple[str, ...]:
    if there:
        return names if name in names else (*names, name)
    return tuple(each for each in names if each != name)


def _others(job: Job, names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name != job.name))
