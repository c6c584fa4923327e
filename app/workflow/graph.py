"""A workflow as a graph to be drawn: a vertex for each job and resource, an edge for each IN and OUT. Drawn by `app.workflow.drawing`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from app.workflow.definition import Input, Job, Json, Workflow
from app.workflow.kinds import Kinds
from app.workflow.labels import asked, typed


class Kind(StrEnum):
    """What a vertex stands for; MISSING is a name that nobody here defines."""

    JOB = "job"
    RESOURCE = "resource"
    MISSING = "missing"


class Flow(StrEnum):
    """What an edge means: a new version at its start makes a run or a version at its end; it is switched off; or it is a state's,
    which is read and never triggers (spec/workflow-language.md section 2.3)."""

    TRIGGERS = "triggers"
    OFF = "off"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Vertex:
    """`what`: a job's type, or a resource's with what it stands for. `gate`: who is asked at it, "" for none."""

    name: str
    kind: Kind
    what: str = ""
    gate: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    start: str
    end: str
    flow: Flow = Flow.TRIGGERS

    @property
    def solid(self) -> bool:
        return self.flow is Flow.TRIGGERS


@dataclass(frozen=True)
class Graph:
    """`vertices` by name, resources first, in order of definition. Circles (of inconsistent jobs, or through a state) may be there."""

    vertices: Mapping[str, Vertex]
    edges: tuple[Edge, ...]

    @property
    def told(self) -> Json:
        vertices: list[Json] = [
            {"name": each.name, "kind": each.kind.value, "type": each.what, "gate": each.gate} for each in self.vertices.values()
        ]
        edges: list[Json] = [{"from": each.start, "to": each.end, "flow": each.flow.value} for each in self.edges]
        return {"vertices": vertices, "edges": edges}

    @cached_property
    def layers(self) -> Mapping[str, int]:
        """Each vertex, upstream before downstream, with the length of the longest way to it; what closes a circle is left out."""
        after: dict[str, list[str]] = {name: [] for name in self.vertices}
        missing = dict.fromkeys(self.vertices, 0)
        for edge in self.edges:
            if edge.flow is not Flow.STATE:
                after[edge.start].append(edge.end)
                missing[edge.end] += 1
        found = {name: 0 for name, number in missing.items() if not number}
        ready, left = deque(found), deque(self.vertices)
        placed: dict[str, int] = {}
        while ready or left:
            name = ready.popleft() if ready else left.popleft()
            if name in placed:
                continue
            placed[name] = found.get(name, 0)
            for other in after[name]:
                if other not in placed:
                    found[other] = max(found.get(other, 0), placed[name] + 1)
                missing[other] -= 1
                if not missing[other]:
                    ready.append(other)
        return placed


def graph_of(workflow: Workflow, kinds: Kinds) -> Graph:
    """All of `workflow`, names that its steps use and nobody defines among it."""
    vertices = {each.name: Vertex(each.name, Kind.RESOURCE, typed(each)) for each in workflow.resources.values()}
    vertices |= {each.name: Vertex(each.name, Kind.JOB, each.type, asked(each.gate)) for each in workflow.jobs.values()}
    edges = tuple(dict.fromkeys(edge for job in workflow.jobs.values() for edge in _edges(job, workflow, kinds)))
    for edge in edges:
        for name in (edge.start, edge.end):
            vertices.setdefault(name, Vertex(name, Kind.MISSING, "not defined here"))
    return Graph(vertices, edges)


def _edges(job: Job, workflow: Workflow, kinds: Kinds) -> Iterator[Edge]:
    yield from (Edge(step.name, job.name, _flow(step, workflow, kinds)) for step in job.inputs)
    yield from (Edge(job.name, step.name) for step in job.outputs)


def _flow(step: Input, workflow: Workflow, kinds: Kinds) -> Flow:
    resource = workflow.resources.get(step.name)
    kind = kinds.resources.get(resource.type) if resource else None
    if kind is not None and kind.silent:
        return Flow.STATE
    return Flow.TRIGGERS if step.switch else Flow.OFF
