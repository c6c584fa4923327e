"""Which secrets the runs of a job get, and what a change of the files changes about that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.workflow._facets import Sort
from app.workflow.definition import Job, Workflow


@dataclass(frozen=True, slots=True)
class Reach:
    """Runs of `job` get the values of `integration` (`sort` ADDED), or do not any more. `through`: the resources that bring it, none
    when the job names it itself. `gated`: only after an approval."""

    sort: Sort
    job: str
    integration: str
    through: tuple[str, ...]
    gated: bool


def reached(old: Workflow, new: Workflow) -> Iterator[Reach]:
    before, after = _reachable(old), _reachable(new)
    yield from (reach for key, reach in after.items() if key not in before or (before[key].gated and not reach.gated))
    yield from (replace(reach, sort=Sort.REMOVED) for key, reach in before.items() if key not in after)


def _reachable(workflow: Workflow) -> dict[tuple[str, str], Reach]:
    """(job, integration) -> how a run of the job comes by the integration's values."""
    found: dict[tuple[str, str], Reach] = {}
    for job in workflow.jobs.values():
        for integration, through in _integrations(job, workflow):
            known = found.get((job.name, integration))
            ways = (*known.through, *through) if known and known.through and through else ()
            found[job.name, integration] = Reach(
                Sort.ADDED, job.name, integration, through if known is None else ways, job.gate is not None
            )
    return found


def _integrations(job: Job, workflow: Workflow) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Those that the job names, and those of the resources that it takes or makes; a repository's is the forge's own affair."""
    yield from ((name, ()) for name in job.integrations)
    names = [*(step.name for step in job.inputs), *(step.name for step in job.outputs)]
    for name in dict.fromkeys(names):
        resource = workflow.resources.get(name)
        if resource is not None and resource.integration and not resource.watches:
            yield resource.integration, (name,)
