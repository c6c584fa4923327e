"""The environment of a run: which variables, from where, and which is stronger (spec/workflow-language.md sections 2.4 and 3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.jobs._credentials import Grant
from app.jobs._dependency import Dependency, variables
from app.workflow.definition import Job, Task
from app.workflow.names import env_name
from app.workflow.plan import JOB_PATH, PlanInputs, Sealed, Unplannable, Value
from app.workflow.variables import is_name, is_reserved, stripped

HOME = "home"
"""The folder, in the workspace, that scripts have as their home."""

INTEGRATION_VALUES = "secrets/integrations.env"
OUTPUT_LINES = "gateline/output"
SUMMARY = "gateline/summary.md"
SUBSCRIPTION_KEY = "secrets/subscription.pem"


def job_variables(job: Job, inputs: PlanInputs) -> dict[str, Value]:
    """The variables of the job itself (section 3.2). PATH is the executor's."""
    prefix, folders = env_name(job.name), _folders(job)
    return {
        "CI": "true",
        "CONTINUOUS_INTEGRATION": "true",
        "SHIPPABLE": "true",
        "GATELINE": "true",
        "GATELINE_LANE": inputs.lane.label,
        "GATELINE_OUTPUT": f"{JOB_PATH}/{OUTPUT_LINES}",
        "GATELINE_SUMMARY": f"{JOB_PATH}/{SUMMARY}",
        "HOME": f"{JOB_PATH}/{HOME}",
        "LANG": "C.UTF-8",
        **{f"JOB_{suffix}": value for suffix, value in folders.items()},
        **{f"{prefix}_{suffix}": value for suffix, value in folders.items()},
        **_trigger(inputs),
        **_build(inputs),
        "BUILD_SECRETS_DIR": f"{JOB_PATH}/secrets",
        "SHARED_DIR": f"{JOB_PATH}/shared",
        "SUBSCRIPTION_ID": inputs.account,
        "SUBSCRIPTION_PRIVATE_KEY": f"{JOB_PATH}/{SUBSCRIPTION_KEY}",
        "SHIPPABLE_INTEGRATION_ENVS_PATH": f"{JOB_PATH}/{INTEGRATION_VALUES}",
        "SHIPPABLE_AMI_VERSION": "gateline",
        "SHIPPABLE_WWW_URL": inputs.urls.get("www", ""),
        "SHIPPABLE_NODE_ARCHITECTURE": inputs.architecture,
        "SHIPPABLE_NODE_OPERATING_SYSTEM": inputs.operating_system,
        "IS_RESTRICTED_NODE": "false",
    }


def _folders(job: Job) -> dict[str, str]:
    """What the job exports both as `JOB_…` and by its own name."""
    return {
        "NAME": job.name,
        "TYPE": job.type,
        "PATH": JOB_PATH,
        "STATE": f"{JOB_PATH}/state",
        "PREVIOUS_STATE": f"{JOB_PATH}/previousState",
        "INTEGRATIONS": f"{JOB_PATH}/integrations",
        "MESSAGE": f"{JOB_PATH}/message.json",
    }


def _trigger(inputs: PlanInputs) -> dict[str, str]:
    run = inputs.run
    held = inputs.inputs.get(run.trigger)
    return {
        "JOB_TRIGGERED_BY_NAME": run.trigger or (run.by.login if run.by else ""),
        "JOB_TRIGGERED_BY_ID": held.id if held else "",
        "JOB_TRIGGERED_BY_USER": run.by.login if run.by else "",
    }


def _build(inputs: PlanInputs) -> dict[str, str]:
    """A run is one build with one build job (section 3.2)."""
    return {
        "RESOURCE_ID": inputs.job_id,
        "BUILD_ID": inputs.run_id,
        "BUILD_NUMBER": str(inputs.run.ref.number),
        "BUILD_JOB_ID": inputs.run_id,
        "BUILD_JOB_NUMBER": "1",
        "BUILD_URL": inputs.urls.get("run", ""),
        "BUILD_DIR": JOB_PATH,
    }


def environment(
    own: Mapping[str, Value], steps: Sequence[Dependency], grants: Sequence[Grant], values: Sequence[tuple[str, str]]
) -> tuple[tuple[str, Value], ...]:
    """All variables of a run, weakest first and each once: keys of params, keys of key-value integrations, variables of steps, injected
    `values`, the job's own. A task's come over them. Raises `Unplannable` for a value that may not be injected.
    """
    keys: dict[str, Value] = {}
    named: dict[str, Value] = {}
    for step in steps:
        for name, value in variables(step).items():
            weak = isinstance(value, Sealed) or not name.startswith(f"{step.prefix}_")
            (keys if weak else named)[name] = value
    for grant in grants:
        keys |= grant.keys
        named |= grant.variables
    found = {**keys, **named, **_injected(values), **own}
    return tuple((name, value.replace("\0", "") if isinstance(value, str) else value) for name, value in found.items())


def _injected(values: Sequence[tuple[str, str]]) -> dict[str, Value]:
    for name, _ in values:
        if not is_name(name):
            raise Unplannable(f"`{name}` cannot be injected: a variable's name has letters, digits and `_` only, and begins with no digit.")
        if is_reserved(name):
            raise Unplannable(f"`{name}` cannot be injected: it would change how the platform itself works. Set it in the script.")
    return dict(values)


def task_variables(task: Task) -> tuple[tuple[str, Value], ...]:
    """`TASK_…`, then the task's own `env`, which is the strongest of all. Raises `Unplannable` for a name that it may not set."""
    image = task.image
    found: dict[str, Value] = {
        "TASK_NAME": task.name,
        "TASK_IN_CONTAINER": "false",
        "TASK_CONTAINER_OPTIONS": image.options if image else "",
        "TASK_CONTAINER_IMAGE": f"{image.name}:{image.tag or 'latest'}" if image and image.name else "",
        "TASK_CONTAINER_IMAGE_SHOULD_PULL": "true" if image and image.name and image.pull else "false",
        "TASK_CONTAINER_COMMAND": "",
        "TASK_CONTAINER_NAME": "",
    }
    for name, value in task.env:
        key = stripped(name)
        sentence = refused_in_task(name)
        if sentence:
            raise Unplannable(sentence)
        found[key] = value
    return tuple(found.items())


def refused_in_task(name: str) -> str:
    """Why a task's `env` may not set `name`, as a sentence; "" when it may.

    `GIT_…` may be set: whoever writes it writes the script too, and the platform's own git has an environment of its own.
    """
    key = stripped(name)
    if not is_name(key):
        return f"`{name}` in `env` is no name of a variable: use letters, digits and `_`, and begin with no digit."
    if is_reserved(key) and not key.startswith("GIT_"):
        return f"`{key}` in `env` would change how the platform itself works: export it in the script."
    return ""
