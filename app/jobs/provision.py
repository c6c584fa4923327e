"""`provision`: makes or updates the services that load balancers of the Kubernetes family describe (spec/workflow-language.md 3.8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.jobs._dependency import Dependency
from app.jobs._deploying import target
from app.jobs._managed import Managed, complete, described, left, taken
from app.workflow.definition import Job, Json
from app.workflow.deployment import Provision
from app.workflow.kinds import Fault
from app.workflow.plan import Plan, PlanInputs, Section, Unplannable

AWS = ("classic", "application")
"""Methods of load balancers that provision makes none of."""


class ProvisionKind(Managed):
    """Its version lists the services that it made."""

    __slots__ = ()

    def check_inputs(self, job: Job, types: Mapping[str, str]) -> Iterable[Fault]:
        if complete(job, types) and "loadBalancer" not in types.values():
            yield Fault("", "a provision job needs at least one IN of type loadBalancer.")

    def plan(self, job: Job, inputs: PlanInputs) -> Plan:
        steps = taken(job, inputs)
        services = [step for step in steps if step.held.type == "loadBalancer"]
        _refuse(job, services)
        work = Provision(tuple(target(step) for step in services), tuple(_gone(inputs, services)))
        listed: list[Json] = [{"name": step.name, "settings": dict(step.bag)} for step in services]
        return Plan(
            job=job.name,
            number=inputs.run.ref.number,
            env=(),
            timeout=inputs.default_timeout,
            executor="deployments",
            account=(described(steps), Section("Services", tuple(_told(work)))),
            own=left({"services": listed}),
            work=work,
        )


def _refuse(job: Job, services: Sequence[Dependency]) -> None:
    if not services:
        raise Unplannable(f"{job.name} needs at least one IN of type loadBalancer.")
    for step in services:
        if step.bag.get("method") in AWS:
            raise Unplannable(
                f"{job.name} makes services of Kubernetes; {step.name} is a load balancer of AWS, which has to be there already."
            )


def _gone(inputs: PlanInputs, services: Sequence[Dependency]) -> Iterator[str]:
    """What this lane's last run made and no IN describes any more."""
    previous = inputs.previous
    made = previous.bag.get("services") if previous is not None and previous.lane == inputs.lane else None
    now = {step.name for step in services}
    for each in made if isinstance(made, list) else ():
        name = each.get("name") if isinstance(each, dict) else None
        if isinstance(name, str) and name not in now:
            yield name


def _told(work: Provision) -> Iterator[str]:
    for service in work.services:
        yield f"make or update {service.name} ({service.settings.get('method') or 'ClusterIP'})"
    yield from (f"remove {name}, which is no input any more" for name in work.removed)


plugin = ProvisionKind(
    name="provision",
    code=2013,
    help="Makes or updates the services that its loadBalancer INs describe.",
)
