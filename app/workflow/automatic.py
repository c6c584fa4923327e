"""What nobody declares: of each source's repository `<repo>_ciRepo`, its commits as CI builds them, `<repo>_<branch>`, the syncRepo of
its workflow files, and `<repo>_<branch>_rSync`, the job that adopts them (spec/workflow-language.md sections 1.2, 1.3 and 2.2).

They are there where a step names them. Commits and pull requests make versions of a ciRepo, tags and releases do not (section 4.7).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from app.workflow.definition import Fragment, Input, Job, Json, Output, Resource

CI_REPO, SYNC_REPO, GIT_REPO = "ciRepo", "syncRepo", "gitRepo"
SYNC_JOB = "rSync"
"""The type of the job that adopts a source's files, and what its name ends with."""


def sync_name(source: str) -> str:
    """The name of the syncRepo of a source (its key); "" for files on disk, whose branch nobody knows."""
    full_name, branch = _parts(source)
    return f"{full_name.rpartition('/')[2]}_{branch}" if branch else ""


def sync_job_name(source: str) -> str:
    """The name of the rSync job of a source (its key)."""
    return f"{sync_name(source)}_{SYNC_JOB}"


def offered(source: str) -> dict[str, Resource]:
    """What `source` has without declaring it, by name."""
    full_name, branch = _parts(source)
    builds: dict[str, Json] = {"sourceName": full_name, "buildOnCommit": True, "buildOnPullRequest": True}
    found = (
        Resource(f"{full_name.rpartition('/')[2]}_ciRepo", CI_REPO, source, content=builds),
        Resource(sync_name(source), SYNC_REPO, source, content={"sourceName": full_name, "branch": branch}),
    )
    return {each.name: each for each in found if each.name}


def implied(fragments: Mapping[str, Fragment], jobs: Mapping[str, Job], resources: Mapping[str, Resource]) -> dict[str, Resource]:
    """Those that steps name and nobody declares, the earlier source's first; and what a declared syncRepo, which has flags only, is of."""
    there: dict[str, Resource] = {}
    for source in reversed(tuple(fragments)):
        there |= offered(source)
    named = {step.name for job in jobs.values() for step in job.steps if isinstance(step, Input | Output)}
    missing = sorted(name for name in named & there.keys() if name not in jobs and name not in resources)
    declared = (each for each in resources.values() if each.type == SYNC_REPO and each.name in there)
    return {name: there[name] for name in missing} | {each.name: replace(each, content=there[each.name].content) for each in declared}


def implied_jobs(fragments: Mapping[str, Fragment], jobs: Mapping[str, Job], resources: Mapping[str, Resource]) -> dict[str, Job]:
    """The rSync jobs that INs name and nobody declares, the earlier source's first."""
    named = {step.name for job in jobs.values() for step in job.inputs} - jobs.keys() - resources.keys()
    there = {sync_job_name(source): source for source in reversed(tuple(fragments))}
    return {name: Job(name, SYNC_JOB, there[name], automatic=True) for name in sorted(named & there.keys())}


def replicating(job: Job, resources: Mapping[str, Resource]) -> Job:
    """The job with each OUT that is a ciRepo copying the commit of the IN gitRepo of the same repository (section 3.3)."""
    steps = tuple(_copying(step, job.inputs, resources) if isinstance(step, Output) else step for step in job.steps)
    return job if steps == job.steps else replace(job, steps=steps)


def _copying(step: Output, inputs: Iterable[Input], resources: Mapping[str, Resource]) -> Output:
    target = resources.get(step.name)
    if target is None or target.type != CI_REPO or step.replicate is not None:
        return step
    sources = (resources.get(each.name) for each in inputs)
    same = (each.name for each in sources if each and each.type == GIT_REPO and _repository(each) == _repository(target))
    return replace(step, replicate=next(same, None))


def _repository(resource: Resource) -> tuple[str, str]:
    """Forge and name, compared without regard to case (section 2.3)."""
    return resource.source.partition(":")[0], str(resource.content.get("sourceName", "")).lower()


def _parts(source: str) -> tuple[str, str]:
    """`owner/name` and branch of a source's key, `<forge>:<owner>/<name>@<branch>`."""
    full_name, _, branch = source.partition(":")[2].partition("@")
    return full_name, branch
