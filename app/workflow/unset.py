"""Integrations that a source's jobs name and may not have, or that do not fit their resources: known only where secrets are kept
(spec/workflow-language.md section 1.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.workflow._keys import nearest
from app.workflow.definition import Input, Job, Output, Place, Problem, Resource, Severity, Workflow
from app.workflow.integrations import lacking


def unset(workflow: Workflow, source: str, known: Mapping[str, str]) -> tuple[Problem, ...]:
    """Warnings for the jobs of `source`; `known` are the integrations that it may see, by name, with their types.

    An integration of a repository counts for nothing: repositories are read with the credentials of their source's forge.
    """
    jobs = (job for job in workflow.jobs.values() if job.source == source)
    found = {(problem.subject, problem.sentence): problem for job in jobs for problem in _of_job(job, workflow, source, known)}
    return tuple(found.values())


def _of_job(job: Job, workflow: Workflow, source: str, known: Mapping[str, str]) -> Iterator[Problem]:
    for name in job.integrations:
        if name not in known:
            yield _missing(job, job.place, f"the job uses integration `{name}`", name, source, known)
    for resource, place in _resources(job, workflow):
        name = resource.integration or ""
        if name not in known:
            yield _missing(job, place, f"`{resource.name}` uses integration `{name}`", name, source, known)
        elif fields := lacking(resource, known[name]):
            wanted = " and ".join(f"`{field}`" for field in fields)
            sentence = f"`{resource.name}` needs {wanted}: its integration `{name}` is of type {known[name]}"
            yield Problem(resource.place if resource.source == source else place, Severity.WARNING, sentence, job.name)


def _resources(job: Job, workflow: Workflow) -> Iterator[tuple[Resource, Place]]:
    """The resources that the job names and that have an integration, with where it names them."""
    steps = [(step.name, step.place) for step in job.steps if isinstance(step, Input | Output)]
    notices = [(notice.name, job.place) for hook in job.hooks.values() for notice in hook.notify]
    for name, place in (*steps, *notices):
        resource = workflow.resources.get(name)
        if resource is not None and resource.integration and not resource.watches:
            yield resource, place


def _missing(job: Job, place: Place, used: str, name: str, source: str, known: Mapping[str, str]) -> Problem:
    sentence = f"{used}, which is not set for {source}: `gateline secret set {name} --type TYPE …`"
    return Problem(place, Severity.WARNING, sentence, job.name, nearest(name, known))
