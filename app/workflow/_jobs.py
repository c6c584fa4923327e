"""Reading one job (spec/workflow-language.md section 3.1, product.md sections 4 and 5)."""

from __future__ import annotations

import re
from typing import TypeVar

from app.workflow._faults import check_name, report_faults, type_of
from app.workflow._fields import read_fields
from app.workflow._gate import read_gate, refuse_stray_gates
from app.workflow._hooks import read_hooks
from app.workflow._keys import Findings, Keys
from app.workflow._manual import read_parameters
from app.workflow._nodes import Map
from app.workflow._reruns import read_lock, read_own_definition, read_retry
from app.workflow._steps import Steps
from app.workflow.definition import Job, Mode, Runtime, Supersede
from app.workflow.kinds import JobKind, Kinds, Use

LANGUAGE = frozenset({"runSh", "runCI", "runCLI", "manifest", "release", "deploy", "provision", "externalCI", "rSync"})
"""The types of jobs that the language has, whether or not this version has a kind for them."""

ALIASES = {"runCLI": "runSh"}
"""Types that are other names of a kind."""
_DELIBERATE = re.compile(r"(?<![a-z])(deploy|prod|release|promote|publish|live|rollout|ship)", re.IGNORECASE)
_Choice = TypeVar("_Choice", Mode, Supersede)


def read_job(node: Map, name: str, source: str, kinds: Kinds, findings: Findings) -> Job | None:
    """The job, None when anything in it is wrong: `findings` say what."""
    keys = Keys(node, "a job", findings)
    check_name(keys)
    types = {alias: kinds.jobs[kind] for alias, kind in ALIASES.items() if kind in kinds.jobs} | dict(kinds.jobs)
    type_name = type_of(keys, "job", types, LANGUAGE, kinds.resources)
    refuse_stray_gates(node, findings)
    if type_name is None:
        return None
    kind = types[type_name]
    job = _job(keys, name, source, kind)
    keys.close()
    if findings.failed:
        return None
    report_faults(kind.check(job), node, findings)
    if findings.failed:
        return None
    _suggest_gate(job, findings)
    return job


def _job(keys: Keys, name: str, source: str, kind: JobKind) -> Job:
    steps = Steps(kind, keys.findings)
    attributes = read_fields(keys, kind.fields)
    steps.read(keys.take("steps"))
    gate = read_gate(keys)
    job = Job(
        name=name,
        type=kind.name,
        source=source,
        steps=tuple(steps.found),
        mode=_choice(keys, "dependencyMode", Mode) or Mode.CHRONO,
        priority=_or(keys.whole("priority", 0, 10_000), 9999),
        parallel=keys.choice("triggerMode", ("serial", "parallel")) == "parallel",
        runtime=_runtime(keys),
        integrations=keys.texts("integrations") or (),
        flags=keys.texts("flags") or (),
        hooks=read_hooks(keys, kind.name, kind.hook_scripts),
        gate=gate,
        supersede=_choice(keys, "supersede", Supersede),
        allow_failure=keys.truth("allowFailure") is True,
        public=keys.truth("allowPublicAccess") is True,
        lock=read_lock(keys),
        retry=read_retry(keys),
        own_definition=read_own_definition(keys, kind, gate),
        parameters=read_parameters(keys),
        attributes={**steps.beside_task, **attributes},
        place=keys.place("name"),
    )
    _check_required(job, keys, kind)
    return job


def _check_required(job: Job, keys: Keys, kind: JobKind) -> None:
    if kind.tasks is Use.REQUIRED and not job.tasks and not keys.findings.failed:
        keys.findings.error(job.place, f"a {kind.name} job needs a `TASK` step with at least one script line")
    for key, field in kind.fields.items():
        if field.required and key not in job.attributes:
            keys.findings.error(job.place, f"a {kind.name} job needs `{key}`: {field.help}")


def _runtime(keys: Keys) -> Runtime:
    node = keys.map("runtime")
    if node is None:
        return Runtime()
    inner = Keys(node, "`runtime` of a job", keys.findings)
    runtime = Runtime(inner.text("nodePool") or "", inner.truth("container"), inner.whole("timeoutMinutes", 1))
    inner.close()
    return runtime


def _choice(keys: Keys, key: str, choices: type[_Choice]) -> _Choice | None:
    chosen = keys.choice(key, tuple(each.value for each in choices))
    return choices(chosen) if chosen is not None else None


def _or(number: int | None, default: int) -> int:
    return default if number is None else number


def _suggest_gate(job: Job, findings: Findings) -> None:
    """`switch: off` on everything was the original's approval; here only `gate:` asks for one (product.md section 4)."""
    shut = bool(job.inputs) and not any(step.switch for step in job.inputs)
    if shut and job.gate is None and _DELIBERATE.search(job.name):
        sentence = "every IN is switched off, so the job runs by hand only and nobody is asked; if an approval is meant, add `gate: true`"
        findings.warning(job.place, sentence, "gate")
