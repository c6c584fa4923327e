"""What can be wrong with a deploy job, in sentences (spec/workflow-language.md section 3.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from app.jobs._managed import CARRIERS, complete
from app.workflow.definition import Input, Job, Json
from app.workflow.kinds import Fault

LIMITS = {"maxWaitTime": 3600, "stabilityDuration": 300}
"""Seconds at most."""
LOAD_BALANCER_KEYS = ("manifest", "image", "port")
DEPLOYED = (*CARRIERS, "gitRepo")


def key_faults(job: Job) -> Iterator[Fault]:
    """Of the job's own keys."""
    for key, most in LIMITS.items():
        value = job.attributes.get(key)
        if isinstance(value, int) and not 0 <= value <= most:
            yield Fault(key, f"`{key}` is a number of seconds from 0 to {most}, not {value}.")
    named = {job.attributes[key] for key in ("method", "deployMethod") if key in job.attributes}
    if len(named) > 1:
        yield Fault("deployMethod", "`method` and `deployMethod` are two names of one key and say different things: remove one.")
    if "stabilityDuration" in job.attributes and named - {"blueGreen"}:
        yield Fault("stabilityDuration", "`stabilityDuration` has an effect with `method: blueGreen` only.", warning=True)


def input_faults(job: Job, types: Mapping[str, str]) -> Iterator[Fault]:
    """Of its INs, whose types are known for those that somebody defines."""
    clusters = [step.name for step in job.inputs if types.get(step.name) == "cluster"]
    if len(clusters) > 1:
        yield Fault(clusters[1], f"a deploy job has exactly one cluster; this one has {' and '.join(f'`{name}`' for name in clusters)}.")
    if complete(job, types):
        yield from _missing(types, clusters)
    for step in job.inputs:
        yield from _of_step(step, types)


def _missing(types: Mapping[str, str], clusters: list[str]) -> Iterator[Fault]:
    if not clusters:
        yield Fault("", "a deploy job needs an IN of type cluster, which says where to.")
    if not any(type in DEPLOYED for type in types.values()):
        yield Fault(
            "", "a deploy job needs an IN of type manifest, release or deploy (on a cluster of nodes a gitRepo will do): what to deploy."
        )


def _of_step(step: Input, types: Mapping[str, str]) -> Iterator[Fault]:
    type = types.get(step.name, "")
    if type == "loadBalancer":
        yield from _of_balancer(step)
    if type and "force" in step.attributes and type not in CARRIERS:
        yield Fault(step.name, f"`force` has no effect on `{step.name}`: it is for INs of type manifest, release or deploy.", warning=True)
    if type and "deployName" in step.attributes and type != "manifest":
        yield Fault(step.name, f"`deployName` has no effect on `{step.name}`: it names the service of one manifest.", warning=True)


def _of_balancer(step: Input) -> Iterator[Fault]:
    applied = step.attributes.get("applyTo")
    if applied is None:
        yield Fault(step.name, f"`{step.name}` has no effect without `applyTo`: say `manifest`, `image` and `port`.", warning=True)
    for each in applied if isinstance(applied, list) else [applied] if applied is not None else []:
        missing = _absent(each)
        if missing:
            wanted = "`applyTo` of a load balancer is a list of maps with `manifest`, `image` and `port`"
            yield Fault(step.name, f"{wanted}; `{step.name}` lacks {' and '.join(f'`{key}`' for key in missing)}.")


def _absent(value: Json) -> Iterable[str]:
    return [key for key in LOAD_BALANCER_KEYS if value.get(key) in (None, "")] if isinstance(value, dict) else LOAD_BALANCER_KEYS
