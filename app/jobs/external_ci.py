"""`externalCI`: a job that runs in another CI, which reports it by `POST /externalCI` (spec/workflow-language.md section 3.4)."""

from __future__ import annotations

from collections.abc import Iterable

from app.jobs._managed import Managed
from app.workflow.definition import Job
from app.workflow.kinds import Fault
from app.workflow.plan import Plan, PlanInputs, Unplannable


class ExternalCi(Managed):
    """It has a name and a type; its runs, and what they leave, are reported."""

    __slots__ = ()

    def check(self, job: Job) -> Iterable[Fault]:
        if job.steps:
            yield Fault("steps", "an externalCI job has no steps: its runs happen elsewhere and are only reported.")
        if job.gate is not None:
            yield Fault("gate", "a gate cannot hold an externalCI job, which runs elsewhere: give the gate to a job that has it as IN.")

    def plan(self, job: Job, inputs: PlanInputs) -> Plan:  # noqa: ARG002 - nothing of it is done here
        raise Unplannable(f"{job.name} runs elsewhere: its CI says how it goes by POST /api/v1/externalCI.")


plugin = ExternalCi(
    name="externalCI",
    code=2015,
    help="Runs in another CI, which reports it to the API.",
    reported=True,
)
