"""`deploy`: brings the manifests of its INs to a cluster (spec/workflow-language.md section 3.7). What is to change is worked out here,
as data; the executor `deployments` makes it so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.jobs._dependency import Dependency
from app.jobs._deploy_checks import input_faults, key_faults
from app.jobs._deployed import commits_of, deployed_before, record
from app.jobs._deploying import NODES, Deploying, cluster_of, refuse_strangers
from app.jobs._managed import INPUT_FIELDS, Managed, described, left, taken
from app.jobs._variables import environment, job_variables, task_variables
from app.jobs._workspace import checkouts
from app.workflow.definition import Job
from app.workflow.kinds import Fault, Field, Use
from app.workflow.plan import Plan, PlanInputs, PlannedTask, Section, Unplannable

METHODS = ("blueGreen", "upgrade", "replace")
EXECUTOR = "deployments"


class Deploy(Managed):
    """Its version lists the manifests that are on the cluster now, which other deploys and releases take."""

    __slots__ = ()

    def check(self, job: Job) -> Iterable[Fault]:
        return key_faults(job)

    def check_inputs(self, job: Job, types: Mapping[str, str]) -> Iterable[Fault]:
        return input_faults(job, types)

    def plan(self, job: Job, inputs: PlanInputs) -> Plan:
        if any(cause.fork for cause in inputs.run.causes):
            raise Unplannable("a fork's commit is never deployed: it has to be merged first.")
        steps = taken(job, inputs)
        cluster = cluster_of(job, steps)
        run = Deploying(job, inputs, steps, deployed_before(inputs, cluster.name))
        _refuse_without_nodes(run, cluster)
        refuse_strangers(run)
        work, sources = run.work, tuple(checkouts(run.repositories))
        return Plan(
            job=job.name,
            number=inputs.run.ref.number,
            env=environment(job_variables(job, inputs), steps, (), inputs.run.values) if job.tasks else (),
            checkouts=sources,
            tasks=tuple(PlannedTask(task.name, task.script, task_variables(task)) for task in job.tasks),
            timeout=inputs.default_timeout,
            executor=EXECUTOR if work.units or work.removed or sources else "inline",
            account=(described(steps), Section("Deployment", tuple(_told(run)))),
            own=left(record(cluster.name, run.manifests, run.services, commits_of(steps)), _carried_version(steps)),
            work=work,
        )


def _refuse_without_nodes(run: Deploying, cluster: Dependency) -> None:
    """Scripts, files and repositories go to machines only, not to clusters of containers. Raises Unplannable."""
    integration = run.inputs.integrations.get(cluster.integration or "")
    if integration is None:
        raise Unplannable(
            f"the integration {cluster.integration} of {cluster.name} is not there for this run: set it with `gateline secret set "
            f"{cluster.integration}`, for this job's source; one that is set for gated runs only needs a gate on this job."
        )
    brought = next(_for_nodes(run), "")
    if brought and integration.type != NODES:
        raise Unplannable(f"{run.job.name} has {brought}, which only a cluster of nodes takes; {cluster.name} is a {integration.type}.")


def _for_nodes(run: Deploying) -> Iterator[str]:
    """What containers have no use for. A gitRepo beside manifests only triggers."""
    if run.job.tasks:
        yield "a TASK"
    if commits_of(run.steps) and not run.manifests:
        yield "a gitRepo to deploy"
    yield from (f"files ({manifest.name})" for manifest in run.manifests.values() if manifest.kind == "file")


def _carried_version(steps: Sequence[Dependency]) -> str:
    """The semantic version that the last release or deploy among the INs carries, "" for none."""
    return next((step.label for step in reversed(steps) if step.held.type in ("release", "deploy") and step.label), "")


def _told(run: Deploying) -> Iterator[str]:
    work = run.work
    order = "all at once" if work.parallel else "one after the other"
    yield f"{work.cluster.name}: {work.method}, {order}, each within {work.wait} s"
    if run.before.elsewhere:
        yield f"what was deployed to {run.before.elsewhere} before stays there"
    for unit in work.units:
        former = f" instead of {unit.former}" if unit.former and unit.former != unit.name else ""
        yield f"deploy {unit.manifest.described} as {unit.name}{former}"
    yield from (f"keep {name}, which did not change" for name in work.kept)
    yield from (f"remove {name}, which is no input any more" for name in work.removed)
    yield from (f"balance {each.balancer.name} to {each.manifest}/{each.image}:{each.port}" for each in work.balancers)
    if not (work.units or work.removed or run.repositories):
        yield "nothing to do"


plugin = Deploy(
    name="deploy",
    code=2010,
    help="Brings the manifests of its INs to a cluster: those that changed, in order.",
    fields={
        "method": Field("str", "How a running service is replaced; `blueGreen` unless given.", choices=METHODS),
        "deployMethod": Field("str", "An older name of `method`.", choices=METHODS),
        "workflow": Field("str", "Whether manifests are deployed one after the other.", choices=("serial", "parallel")),
        "maxWaitTime": Field("int", "Seconds to wait for each manifest to be stable, 0 to 3600; 600 unless given."),
        "stabilityDuration": Field("int", "Seconds for which it must stay stable, 0 to 300 (blueGreen)."),
    },
    input_fields={
        **INPUT_FIELDS,
        "applyTo": Field("any", "Names of manifests or images; of a loadBalancer a list of maps with `manifest`, `image`, `port`."),
        "force": Field("bool", "Of a manifest, release or deploy: deploy it though it did not change."),
        "deployName": Field("str", "Of a manifest: the name of its service instead of `<job>-<manifest>`."),
    },
    tasks=Use.OPTIONAL,
)
