"""Runs of managed jobs, tersely: `settled(job("manifest", take("img")), held("img", …))`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.registry import load
from app.workflow.definition import Input, Job, Json
from app.workflow.kinds import JobKind
from app.workflow.line import MAIN, Version, VersionRef
from app.workflow.plan import Held, Plan
from tests.jobs.planning import RUN, held, inputs, version

KINDS: dict[str, JobKind] = dict(load("app.jobs"))  # type: ignore[arg-type]
UNTOUCHED = {"memory": 400, "cpuShares": 0}


def job(type: str, *steps: Input, name: str = "it", **attributes: Any) -> Job:
    return Job(name, type, "github:acme/app@main", steps, attributes=attributes)


def settled(of: Job, *given: Held, **more: Any) -> Plan:
    run = more.pop("run", replace(RUN, ref=replace(RUN.ref, job=of.name), trigger=""))
    return KINDS[of.type].plan(of, inputs(of, *given, run=run, **more))


def label(plan: Plan) -> str:
    return dict(plan.own.keys).get("versionName", "")


def bag(plan: Plan) -> dict[str, Any]:
    return dict(plan.own.bag or {})


def account(plan: Plan) -> list[str]:
    return [line for section in plan.account for line in (f"[{section.name}]", *section.lines)]


def image(name: str, tag: str, number: int = 3, source: str = "") -> Held:
    return held(name, "image", version(name, tag, number, sourceName=source or f"acme/{name}"))


def options(name: str, **bag: Json) -> Held:
    return held(name, "dockerOptions", version(name, **bag))


def params(name: str, **values: Json) -> Held:
    return held(name, "params", version(name, params=values))


def replicas(name: str, count: int) -> Held:
    return held(name, "replicas", version(name, count=count))


def of_job(name: str, type: str, number: int, bag: dict[str, Any], label: str = "") -> Held:
    """An IN job with a version."""
    return Held(name, type, f"id-{name}", None, Version(VersionRef(name, number), MAIN, 0.0, label, bag), "78")


def made(plan: Plan, type: str = "manifest", number: int = 1, name: str = "") -> Held:
    """The job that the plan is of, as the IN of another once it ran."""
    return of_job(name or plan.job, type, number, bag(plan), label(plan))


def sentences(of: Job, **types: str) -> list[str]:
    """What is wrong with a job whose INs have these types."""
    return [fault.sentence for fault in (*KINDS[of.type].check(of), *KINDS[of.type].check_inputs(of, types))]
