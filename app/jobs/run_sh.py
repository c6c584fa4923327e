"""`runSh`: runs the user's own scripts (spec/workflow-language.md section 3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.jobs._credentials import grants
from app.jobs._dependency import INPUT_FIELDS, Dependency, dependencies, hook_script, of_fork, withheld
from app.jobs._logins import logins
from app.jobs._variables import environment, job_variables, refused_in_task, task_variables
from app.jobs._workspace import checkouts, collects, files, folders, once, restores
from app.workflow.definition import HookKind, Job
from app.workflow.kinds import Fault, Field, Use
from app.workflow.plan import Plan, PlanInputs, PlannedTask, Unplannable


@dataclass(frozen=True, slots=True)
class RunSh:
    """Each TASK is one shell on the worker's host; hooks run in the shell of the last task, or of the one that failed."""

    name: str
    code: int
    help: str
    fields: Mapping[str, Field]
    input_fields: Mapping[str, Field]
    output_fields: Mapping[str, Field]
    tasks: Use = Use.REQUIRED
    hook_scripts: bool = True
    reported: bool = False

    def check(self, job: Job) -> Iterable[Fault]:
        if job.tasks and not any(line.strip() for task in job.tasks for line in task.script):
            yield Fault("steps", f"{job.name} has no script: give a TASK at least one line.")
        for name in (name for task in job.tasks for name, _ in task.env):
            sentence = refused_in_task(name)
            if sentence:
                yield Fault("steps", sentence)

    def check_inputs(self, job: Job, types: Mapping[str, str]) -> Iterable[Fault]:  # noqa: ARG002 - it takes whatever there is
        return ()

    def plan(self, job: Job, inputs: PlanInputs) -> Plan:
        own = job_variables(job, inputs)
        steps = tuple(dependencies(job, inputs, own))
        trusted = not of_fork(inputs, steps)
        steps = steps if trusted else tuple(withheld(step) for step in steps)
        _refuse_containers(job, steps, inputs.host_tasks)
        granted = tuple(grants(job, inputs, steps, trusted))
        minutes = job.runtime.timeout_minutes
        return Plan(
            job=job.name,
            number=inputs.run.ref.number,
            env=environment(own, steps, granted, inputs.run.values),
            files=once((*files(job, inputs, steps), *(file for grant in granted for file in grant.files))),
            folders=folders(steps),
            checkouts=tuple(checkouts(steps)),
            restores=tuple(restores(inputs, steps)),
            logins=logins(job, inputs, steps, trusted),
            tasks=tuple(PlannedTask(task.name, task.script, task_variables(task)) for task in job.tasks),
            on_success=hook_script(job, HookKind.ON_SUCCESS),
            on_failure=hook_script(job, HookKind.ON_FAILURE),
            always=hook_script(job, HookKind.ALWAYS),
            timeout=inputs.default_timeout if minutes is None else minutes * 60.0,
            collects=tuple(collects(job, steps, trusted)),
            previous_files=inputs.previous.files if inputs.previous else None,
        )


def _refuse_containers(job: Job, steps: Iterable[Dependency], host_tasks: bool) -> None:
    """Tasks run on the host: what asks for a container ends before anything starts. Raises `Unplannable`."""
    if host_tasks:
        return
    for task in job.tasks:
        if task.image is not None and task.image.name:
            raise Unplannable(
                f"{task.name} names the container image {task.image.name}; this installation runs tasks on the host only: remove "
                "`runtime.options.imageName`, or ask the administrator to set host_tasks = true for the account."
            )
    for name in _pulled(steps):
        raise Unplannable(
            f"{name} asks with `pull: true` for an image on the worker; this installation runs tasks on the host only: remove `pull`, or "
            "ask the administrator to set host_tasks = true for the account."
        )


def _pulled(steps: Iterable[Dependency]) -> Iterator[str]:
    return (step.name for step in steps if step.held.type == "image" and step.step.attributes.get("pull") is True)


plugin = RunSh(
    name="runSh",
    code=2007,
    help="Runs shell scripts with the versions of its INs at hand, and may post versions of its OUTs.",
    fields={"allowPublicAccess": Field("bool", "Whether everybody may see the job and its log.")},
    input_fields=INPUT_FIELDS,
    output_fields={},
)
