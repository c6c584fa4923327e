"""Builds what a plan is made from, tersely: `plan(job(...), held(...))`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.registry import load
from app.workflow.definition import Input, Job, Output, Resource, Step, Task
from app.workflow.kinds import JobKind, ResourceKind
from app.workflow.line import MAIN, Actor, Cause, Lane, Run, RunRef, Status, Version, VersionRef
from app.workflow.plan import Held, Integration, Plan, PlanInputs, Value

RUN_SH: JobKind = load("app.jobs")["runSh"]  # type: ignore[assignment]
RESOURCES: dict[str, ResourceKind] = dict(load("app.resources"))  # type: ignore[arg-type]
ANN = Actor("github:10", "ann")
FORK = Cause("pull_request", "d1", fork=True)
RUN = Run(RunRef("build", 4), MAIN, Status.RUNNING, (Cause("push", "d0"),), 0.0, trigger="app")


def job(*steps: Step, name: str = "build", **attributes: Any) -> Job:
    return Job(name, "runSh", "github:acme/app@main", (*steps, Task("go", ("make",))), **attributes)


def version(name: str, label: str = "", number: int = 3, files: str | None = None, **bag: Any) -> Version:
    return Version(VersionRef(name, number), MAIN, 0.0, label, bag, files)


def held(name: str, type: str, version: Version | None = None, integration: str | None = None, **content: Any) -> Held:
    resource = Resource(name, type, "s", integration, content, raw={"name": name, "type": type, "versionTemplate": content})
    return Held(name, type, f"id-{name}", resource, version, "77" if version else "")


def upstream(name: str, version: Version | None) -> Held:
    return Held(name, "runSh", f"id-{name}", None, version, "78" if version else "")


def integration(name: str, type: str, *fields: str) -> Integration:
    return Integration(name, type, fields)


def inputs(of: Job, *given: Held, integrations: tuple[Integration, ...] = (), run: Run = RUN, **more: Any) -> PlanInputs:
    by_name = {each.name: each for each in given}
    return PlanInputs(
        run=run,
        run_id="901",
        job_id="55",
        account="github:acme",
        lane=run.lane,
        inputs={step.name: by_name[step.name] for step in of.inputs if step.name in by_name},
        outputs={step.name: by_name[step.name] for step in of.outputs if step.name in by_name},
        previous=more.pop("previous", None),
        integrations={each.name: each for each in integrations},
        urls={"run": "https://gl/runs/k", "www": "https://gl"},
        kinds=RESOURCES,
        architecture="x86_64",
        operating_system="Debian_12",
        **more,
    )


def plan(of: Job, *given: Held, **more: Any) -> Plan:
    return RUN_SH.plan(of, inputs(of, *given, **more))


def env(of: Job, *given: Held, **more: Any) -> dict[str, Value]:
    return dict(plan(of, *given, **more).env)


def contents(made: Plan) -> dict[str, Value]:
    return {file.path: file.content for file in made.files}


def with_values(*values: tuple[str, str]) -> Run:
    return replace(RUN, values=values)


def in_lane(key: str, *causes: Cause) -> Run:
    return replace(RUN, lane=Lane(key), causes=causes or RUN.causes)


def take(name: str, **attributes: Any) -> Input:
    return Input(name, attributes=attributes)


def give(name: str) -> Output:
    return Output(name)
