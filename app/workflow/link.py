"""Joins the fragments of an account's sources into one graph, and says which jobs may not be started and why.

The contract is spec/workflow-language.md sections 1.3 and 1.4, and product.md section 8 for what crosses sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.workflow._consistency import Known, dependencies, faults_of
from app.workflow._cycles import circle, entangled
from app.workflow.automatic import implied, implied_jobs, replicating
from app.workflow.definition import Fragment, Job, Problem, Resource, Severity, Workflow
from app.workflow.kinds import Kinds

_MOST_DRAWN = 20


@dataclass(frozen=True, slots=True)
class Linked:
    """`problems` in the order of the fragments; a job that `workflow.inconsistent` names has an error among them."""

    workflow: Workflow
    problems: tuple[Problem, ...]
    sources: tuple[str, ...] = ()

    def problems_of(self, source: str) -> tuple[Problem, ...]:
        """Those of what `source` defines; `sources` has the source of each problem."""
        return tuple(problem for problem, where in zip(self.problems, self.sources, strict=True) if where == source)


def link(fragments: Mapping[str, Fragment], kinds: Kinds | None = None) -> Linked:
    """Joins `fragments` (source key -> fragment), the earlier owner of a name first: a name keeps its first owner.

    Without `kinds`, whether a type of
    resource may be an OUT is not checked either.
    """
    jobs, resources, taken = _owned(fragments.values())
    resources |= implied(fragments, jobs, resources)
    jobs |= implied_jobs(fragments, jobs, resources)
    jobs = {name: replicating(job, resources) for name, job in jobs.items()}
    known = Known(jobs, resources, kinds)
    found = [problem for job in jobs.values() for problem in faults_of(job, known)]
    found += _namesakes(jobs)
    found += _circles(jobs, known)
    inconsistent: dict[str, list[str]] = {}
    for problem in found:
        if problem.severity is Severity.ERROR:
            inconsistent.setdefault(problem.subject, []).append(problem.sentence)
    reasons = {name: tuple(sentences) for name, sentences in inconsistent.items()}
    sources = (*(source for source, _ in taken), *(jobs[problem.subject].source for problem in found))
    return Linked(Workflow(jobs, resources, reasons), (*(problem for _, problem in taken), *found), sources)


def _owned(fragments: Iterable[Fragment]) -> tuple[dict[str, Job], dict[str, Resource], list[tuple[str, Problem]]]:
    """The jobs and resources that have their names first, and for every later one its source and a problem."""
    jobs: dict[str, Job] = {}
    resources: dict[str, Resource] = {}
    problems: list[tuple[str, Problem]] = []
    for fragment, definition in _written_first(fragments):
        if owner := jobs.get(definition.name) or resources.get(definition.name):
            if not _automatic(definition):
                problems.append((fragment.source, _taken(definition, owner)))
        elif isinstance(definition, Job):
            jobs[definition.name] = definition
        else:
            resources[definition.name] = definition
    return jobs, resources, problems


def _written_first(fragments: Iterable[Fragment]) -> Iterator[tuple[Fragment, Job | Resource]]:
    """All definitions with their fragments; those that no file has written come last, so that they give way."""
    found: list[tuple[Fragment, Job | Resource]] = []
    for fragment in fragments:
        definitions: tuple[Job | Resource, ...] = (*fragment.resources, *fragment.jobs)
        found += [(fragment, definition) for definition in definitions]
    return iter(sorted(found, key=lambda each: _automatic(each[1])))


def _automatic(definition: Job | Resource) -> bool:
    return isinstance(definition, Job) and definition.automatic


def _taken(new: Job | Resource, owner: Job | Resource) -> Problem:
    noun = "job" if isinstance(owner, Job) else "resource"
    sentence = f"`{new.name}` is already a {noun} of {owner.source} ({owner.place}); names are unique over an account: choose another"
    return Problem(new.place, Severity.ERROR, sentence, new.name)


def _namesakes(jobs: Mapping[str, Job]) -> Iterator[Problem]:
    """Jobs called alike but for upper and lower case: forges would mix up what they report (product.md section 6)."""
    first: dict[str, Job] = {}
    for job in jobs.values():
        other = first.setdefault(job.name.lower(), job)
        if other is not job:
            sentence = f"`{job.name}` and `{other.name}` ({other.place}) differ in upper and lower case only: rename one of them"
            yield Problem(job.place, Severity.ERROR, sentence, job.name)


def _circles(jobs: Mapping[str, Job], known: Known) -> Iterator[Problem]:
    graph = dependencies(jobs, known)
    position = {name: number for number, name in enumerate(jobs)}
    for part in entangled(graph):
        members = sorted((name for name in part if name in jobs), key=position.__getitem__)
        way = _drawn(circle(graph, members[0], part))
        for name in members:
            sentence = f"`{name}` waits for itself: {way}. Remove one of these steps, or pass values back through a `state`"
            yield Problem(jobs[name].place, Severity.ERROR, sentence, name)


def _drawn(way: list[str]) -> str:
    shown = way if len(way) <= _MOST_DRAWN else [*way[: _MOST_DRAWN - 3], f"({len(way) - _MOST_DRAWN} more)", *way[-3:]]
    return " -> ".join(shown)
