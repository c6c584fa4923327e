"""The CI job of a repository: it is there when the root `shippable.yml` has CI keys, and takes the repository's commits
(spec/workflow-language.md section 3.3; data/workflow-facts.md, facts 15 and 16).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from app.workflow.definition import Input, Job, Place

CI_JOB = "runCI"
"""The type of a CI job."""

JOB, REPOSITORY = "_runCI", "_ciRepo"
"""What names of CI jobs, and of the repositories that they build, end with."""


def repository_of(job: str) -> str:
    """The name of the ciRepo that a CI job builds."""
    return job.removesuffix(JOB) + REPOSITORY


def with_ci(source: str, jobs: Sequence[Job], named: Collection[str], ci: Place | None) -> list[Job]:
    """`jobs` of a source, each CI job with its repository as an IN; and the repository's own, where `ci` (the place of its CI keys)
    is set and none of the `named` definitions is called so."""
    found = [_building(job) if job.type == CI_JOB else job for job in jobs]
    name = source.partition(":")[2].partition("@")[0].rpartition("/")[2] + JOB
    if ci is not None and name not in named:
        found.append(_building(Job(name, CI_JOB, source, automatic=True, place=ci)))
    return found


def _building(job: Job) -> Job:
    name = repository_of(job.name)
    if any(step.name == name for step in job.inputs):
        return job
    return replace(job, steps=(Input(name, place=job.place), *job.steps))
