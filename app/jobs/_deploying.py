"""What a deploy run is to change: which manifests, under which names, which services go (spec/workflow-language.md section 3.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.jobs._dependency import Dependency
from app.jobs._deployed import Deployed, commits_of
from app.jobs._managed import carried, names_in
from app.jobs._merging import overlaid
from app.workflow.definition import Job, Json
from app.workflow.deployment import Balancing, Deployment, Manifest, Target, Unit
from app.workflow.plan import PlanInputs, Unplannable
from app.workflow.variables import text_of

BLUE_GREEN = "blueGreen"
MERGED = ("dockerOptions", "params", "replicas")
NODES = "nodeCluster"
"""The type of integration of machines that are reached by SSH."""


@dataclass(frozen=True)
class Deploying:
    """One deploy run: the job, what it takes, and what was `before`."""

    job: Job
    inputs: PlanInputs
    steps: tuple[Dependency, ...]
    before: Deployed

    @property
    def method(self) -> str:
        """`method`, or `deployMethod` as it was called beside a TASK."""
        return text_of(self.job.attributes.get("method") or self.job.attributes.get("deployMethod") or BLUE_GREEN)

    @cached_property
    def manifests(self) -> Mapping[str, Manifest]:
        """What shall be on the cluster afterwards, in the order of the INs; of one name the later IN's counts."""
        found = {manifest.name: manifest for step in self.steps for manifest in carried(step)}
        return {name: overlaid(manifest, self.steps) for name, manifest in found.items()}

    @cached_property
    def changed(self) -> tuple[str, ...]:
        """Those to be deployed: not what was, or forced. A run that somebody asked for forces all; a retry does not."""
        forced = {manifest.name for step in self.steps if step.step.attributes.get("force") is True for manifest in carried(step)}
        return tuple(
            name
            for name, manifest in self.manifests.items()
            if self.asked or name in forced or self.before.manifests.get(name) != manifest or name not in self.before.services
        )

    @property
    def asked(self) -> bool:
        return self.inputs.run.by is not None and self.inputs.run.retry_of is None

    @cached_property
    def services(self) -> Mapping[str, str]:
        """The name of each manifest's service after the run."""
        return {name: self._service(name) if name in self.changed else self.before.services[name] for name in self.manifests}

    def _service(self, manifest: str) -> str:
        """A new one for each blue/green run; with the other methods the first name sticks."""
        called = {held.name: step for step in self.steps for held in carried(step)}[manifest].step.attributes.get("deployName")
        base = called if isinstance(called, str) else f"{self.job.name}-{manifest}"
        base = base if self.inputs.lane.main else f"{base}-{self.inputs.lane.label.replace('/', '-')}"
        if self.method == BLUE_GREEN:
            return f"{base}-{self.inputs.run.ref.number}"
        return self.before.services.get(manifest) or base

    @cached_property
    def repositories(self) -> tuple[Dependency, ...]:
        """The gitRepos whose commit is not the one that was deployed, all of them when somebody asked; none beside manifests."""
        now = {} if self.manifests else commits_of(self.steps)
        return tuple(s for s in self.steps if s.name in now and (self.asked or self.before.commits.get(s.name) != now[s.name]))

    @property
    def work(self) -> Deployment:
        attributes = self.job.attributes
        gone = [name for name in self.before.services if name not in self.manifests]
        return Deployment(
            cluster=target(cluster_of(self.job, self.steps)),
            method=self.method,
            units=tuple(self._unit(name) for name in self.changed),
            kept=tuple(self.services[name] for name in self.manifests if name not in self.changed),
            removed=tuple(self.before.services[name] for name in gone),
            balancers=tuple(_balancings(self.steps)),
            resources=tuple(target(step) for step in self.steps if step.held.type == "integration"),
            parallel=attributes.get("workflow") == "parallel",
            wait=_number(attributes.get("maxWaitTime"), 600),
            stability=_number(attributes.get("stabilityDuration"), 0),
        )

    def _unit(self, name: str) -> Unit:
        labels = {"name": name, "jobName": self.job.name}
        return Unit(self.manifests[name], self.services[name], self.before.services.get(name, ""), labels)


def cluster_of(job: Job, steps: Sequence[Dependency]) -> Dependency:
    found = [step for step in steps if step.held.type == "cluster"]
    if len(found) != 1:
        raise Unplannable(f"{job.name} needs exactly one IN of type cluster, and has {len(found) or 'none'}.")
    return found[0]


def refuse_strangers(run: Deploying) -> None:
    """Every `applyTo` names what is deployed: a manifest, or an image of one. Raises Unplannable."""
    parts = {name: [part.name for part in manifest.parts] for name, manifest in run.manifests.items()}
    known = {*parts, *(part for each in parts.values() for part in each)}
    for step in run.steps:
        if step.held.type in MERGED:
            for name in names_in(step.step.attributes.get("applyTo")):
                if name not in known:
                    raise Unplannable(
                        f"`applyTo` of {step.name} names {name}; what is deployed is {', '.join(sorted(known)) or 'nothing'}."
                    )
    for each in run.work.balancers:
        if each.image not in parts.get(each.manifest, ()):
            raise Unplannable(f"`applyTo` of {each.balancer.name} names image {each.image} of {each.manifest}, which is not deployed here.")


def target(step: Dependency) -> Target:
    return Target(step.name, step.integration or "", step.bag)


def _balancings(steps: Sequence[Dependency]) -> Iterator[Balancing]:
    for step in steps:
        applied = step.step.attributes.get("applyTo") if step.held.type == "loadBalancer" else None
        for each in applied if isinstance(applied, list) else ():
            if isinstance(each, dict):
                yield Balancing(target(step), text_of(each.get("manifest")), text_of(each.get("image")), _number(each.get("port"), 0))


def _number(value: Json, default: int) -> int:
    return value if isinstance(value, int) else default
