"""What is wrong with one job in the light of everything else that an account defines (spec/workflow-language.md section 1.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.workflow._keys import nearest
from app.workflow.automatic import CI_REPO, GIT_REPO
from app.workflow.definition import Input, Job, Output, Place, Problem, Resource, Severity, Task
from app.workflow.kinds import Kinds
from app.workflow.names import env_name

_STATE = "state"
_AUTOMATIC = re.compile(r"_(runCI|rSync|ciRepo)$")
_MOST_GUESSES = 20


@dataclass(slots=True)
class Known:
    """The account's definitions. `kinds`: None when they are not to be checked.

    Only the first few unknown names are compared with all known ones: in a line of thousands that is slow.
    """

    jobs: Mapping[str, Job]
    resources: Mapping[str, Resource]
    kinds: Kinds | None
    _guesses: int = field(default=0)

    def defined(self, name: str) -> bool:
        return name in self.jobs or name in self.resources

    def type_of(self, name: str) -> str:
        """The type of a job or resource that is defined."""
        found = self.jobs.get(name) or self.resources[name]
        return found.type

    def guess(self, name: str) -> str:
        self._guesses += 1
        return nearest(name, (*self.jobs, *self.resources)) if self._guesses <= _MOST_GUESSES else ""

    def passes_back(self, name: str) -> bool:
        """Whether the resource never triggers, so that a circle through it is none."""
        resource = self.resources.get(name)
        if resource is None:
            return False
        kind = self.kinds.resources.get(resource.type) if self.kinds else None
        return kind.silent if kind else resource.type == _STATE


def faults_of(job: Job, known: Known) -> Iterator[Problem]:
    """Errors make the job inconsistent; warnings do not."""
    for step in job.steps:
        if isinstance(step, Input):
            yield from _of_input(job, step, known)
        elif isinstance(step, Output):
            yield from _of_output(job, step, known)
    yield from _of_kind(job, known)
    yield from _of_notices(job, known)
    yield from _alike(job)


def _of_input(job: Job, step: Input, known: Known) -> Iterator[Problem]:
    if not known.defined(step.name):
        yield _missing(job, step, "IN", known)
        return
    resource = known.resources.get(step.name)
    if step.paths is not None and known.type_of(step.name) not in (GIT_REPO, CI_REPO):
        sentence = (
            f"`paths` of IN `{step.name}` has no effect: it is a {known.type_of(step.name)}, and only gitRepos and ciRepos have files"
        )
        yield Problem(step.place, Severity.WARNING, sentence, job.name)
    if resource and step.pin and resource.type == CI_REPO:
        yield _error(job, step.place, f"`{step.name}` is a ciRepo, whose versions cannot be pinned: remove the pin, or take a gitRepo")
    elif resource and step.pin and not _accepted(job, resource):
        yield _error(job, step.place, _consent(job, resource, "pin"))


def _of_output(job: Job, step: Output, known: Known) -> Iterator[Problem]:
    resource = known.resources.get(step.name)
    if resource is None:
        if step.name in known.jobs:
            sentence = f"OUT `{step.name}` is a job; only resources can be an OUT. Give `{step.name}` the step `IN: {job.name}` instead"
            yield _error(job, step.place, sentence)
        else:
            yield _missing(job, step, "OUT", known)
        return
    if known.kinds and not known.kinds.may_be_output(resource, step):
        sentence = f"OUT `{step.name}` is a {resource.type}, which no job can write"
        yield _error(job, step.place, sentence)
    if not _accepted(job, resource):
        yield _error(job, step.place, _consent(job, resource, "write"))
    yield from _of_replicate(job, step)
    passes_back = known.passes_back(step.name)
    if not passes_back and any(each.name == step.name for each in job.inputs):
        sentence = f"`{step.name}` is both IN and OUT; only a resource of type state can be both"
        yield _error(job, step.place, sentence)
    if passes_back and step.lanes:
        sentence = f"OUT `{step.name}` is a state and leaves main (`lanes`): what a pull request writes there is dropped when it closes"
        yield Problem(step.place, Severity.WARNING, sentence, job.name)


def _of_kind(job: Job, known: Known) -> Iterator[Problem]:
    """What the job's own kind finds wrong with its INs."""
    kind = known.kinds.jobs.get(job.type) if known.kinds else None
    if kind is None:
        return
    types = {step.name: known.type_of(step.name) for step in job.inputs if known.defined(step.name)}
    places = {step.name: step.place for step in job.inputs}
    for fault in kind.check_inputs(job, types):
        severity = Severity.WARNING if fault.warning else Severity.ERROR
        yield Problem(places.get(fault.path, job.place), severity, fault.sentence, job.name)


def _of_replicate(job: Job, step: Output) -> Iterator[Problem]:
    if step.replicate is not None and all(each.name != step.replicate for each in job.inputs):
        sentence = f"`replicate: {step.replicate}` of OUT `{step.name}` names no IN of this job"
        yield _error(job, step.place, sentence)


def _of_notices(job: Job, known: Known) -> Iterator[Problem]:
    for kind, hook in job.hooks.items():
        for notice in hook.notify:
            resource = known.resources.get(notice.name)
            if resource is None:
                sentence = f"NOTIFY `{notice.name}` in `{kind.value}` is not a resource that any source defines"
                yield _error(job, job.place, sentence, known.guess(notice.name))
            elif resource.type != "notification":
                sentence = f"NOTIFY `{notice.name}` in `{kind.value}` is a {resource.type}, not a notification"
                yield _error(job, job.place, sentence)


def _alike(job: Job) -> Iterator[Problem]:
    """Steps whose names become the same environment variables (section 10 #11)."""
    first: dict[str, str] = {}
    for step in job.steps:
        if isinstance(step, Task):
            continue
        other = first.setdefault(env_name(step.name), step.name)
        if other != step.name:
            sentence = f"`{step.name}` and `{other}` would share their variables (`{env_name(other)}_…`): rename one of them"
            yield _error(job, step.place, sentence)


def _accepted(job: Job, resource: Resource) -> bool:
    repository = _repository(job.source)
    return resource.source == job.source or repository in (each.lower() for each in resource.accepts)


def _repository(source: str) -> str:
    """`owner/name`, lower-cased, of a source key `<forge>:<owner>/<name>@<branch>`."""
    return source.partition(":")[2].partition("@")[0].lower()


def _consent(job: Job, resource: Resource, verb: str) -> str:
    repository = job.source.partition(":")[2].partition("@")[0]
    return f"`{resource.name}` belongs to {resource.source}; to {verb} it from here its definition there needs `accepts: [{repository}]`"


def _missing(job: Job, step: Input | Output, operation: str, known: Known) -> Problem:
    automatic = _AUTOMATIC.search(step.name)
    if automatic:
        repository = step.name[: automatic.start()]
        keys = " that has CI keys" if automatic[1] == "runCI" else ""
        sentence = f"{operation} `{step.name}` is there once a repository `{repository}`{keys} is a source: `gateline source add`"
        return _error(job, step.place, sentence)
    sentence = f"{operation} `{step.name}` is not a job or resource that any source defines"
    return _error(job, step.place, sentence, known.guess(step.name))


def _error(job: Job, place: Place, sentence: str, guess: str = "") -> Problem:
    return Problem(place, Severity.ERROR, sentence, job.name, guess)


def dependencies(jobs: Mapping[str, Job], known: Known) -> dict[str, list[str]]:
    """What follows what: object -> job for each IN, job -> object for each OUT; without what passes values back.

    A resource that is both IN and OUT of one job is reported for itself, and is no circle.
    """
    graph: dict[str, list[str]] = {name: [] for name in (*known.resources, *jobs)}
    for job in jobs.values():
        written = {step.name for step in job.outputs}
        for step in job.inputs:
            if step.name in graph and step.name not in written and not known.passes_back(step.name):
                graph[step.name].append(job.name)
        graph[job.name] += [name for name in sorted(written) if name in graph and not known.passes_back(name)]
    return graph
