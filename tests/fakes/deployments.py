"""A small working model of clusters behind the executor `deployments`: it remembers what runs where, and succeeds or fails as told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from app.executors import Log, Materials, preface
from app.workflow.deployment import Deployment, Manifest, Provision
from app.workflow.line import Status
from app.workflow.plan import Plan, Result


@dataclass
class Clusters:
    """`running`: cluster -> service -> what it runs. `sick`: manifests that never get stable. `deployed`: `cluster/service`, in order."""

    name: str = "deployments"
    running: dict[str, dict[str, Manifest]] = field(default_factory=dict)
    services: dict[str, str] = field(default_factory=dict)
    sick: set[str] = field(default_factory=set)
    deployed: list[str] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)

    def run(self, plan: Plan, materials: Materials, log: Log, should_stop: Callable[[], str]) -> Result:
        self.plans.append(plan)
        preface(plan, log)
        log.section("Cluster")
        if isinstance(plan.work, Provision):
            self._provision(plan.work)
        problem = self._deploy(plan.work) if isinstance(plan.work, Deployment) else ""
        log.write((problem or "stable\n").encode())
        return Result(Status.FAILED, problem, 1) if problem else Result(Status.SUCCEEDED, own=plan.own)

    def sweep(self) -> None:
        """Nothing is ever left."""

    def isolated(self) -> str:
        return ""

    def _provision(self, work: Provision) -> None:
        self.services |= {service.name: service.integration for service in work.services}
        for name in work.removed:
            self.services.pop(name, None)

    def _deploy(self, work: Deployment) -> str:
        """A manifest that does not get stable leaves the cluster as it was; what went before it stays."""
        here = self.running.setdefault(work.cluster.name, {})
        for unit in work.units:
            if unit.manifest.name in self.sick:
                return f"{unit.name} did not get stable within {work.wait} s"
            here.pop(unit.former, None)
            here[unit.name] = unit.manifest
            self.deployed.append(f"{work.cluster.name}/{unit.name}")
        for name in work.removed:
            here.pop(name, None)
        return ""
