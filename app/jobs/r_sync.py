"""`rSync`: the adoption of a source's workflow files, as a job (spec/workflow-language.md section 1.2, product.md 2)."""

from __future__ import annotations

from collections.abc import Iterable

from app.jobs._managed import Managed
from app.workflow.automatic import SYNC_JOB, sync_job_name
from app.workflow.definition import Job
from app.workflow.kinds import Fault
from app.workflow.plan import Plan, PlanInputs
from app.workflow.synced import Sync


class RSync(Managed):
    """There by itself for each source where an IN names it. Each adoption is a run of it; one that is asked for adopts now."""

    __slots__ = ()

    def check(self, job: Job) -> Iterable[Fault]:
        name = sync_job_name(job.source)
        if job.name != name:
            yield Fault("name", f"the rSync job of this source is called `{name}` and is there by itself; declare it under that name only.")
        if job.steps:
            yield Fault("steps", "an rSync job has no steps: it takes the workflow files of its source.")
        if job.gate is not None:
            yield Fault("gate", "a gate cannot hold an rSync job: pause it, and run it by hand.")

    def plan(self, job: Job, inputs: PlanInputs) -> Plan:
        return Plan(job.name, inputs.run.ref.number, env=(), executor="sync", work=Sync(job.source))


plugin = RSync(
    name=SYNC_JOB,
    code=2009,
    help="Adopts the workflow files of its source; each adoption is a run.",
)
