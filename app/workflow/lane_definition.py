"""`definition: lane` of a job: in the lane of a pull request of its own repository the request's scripts run (docs/write-a-line.md).

Only what a script is comes from there: TASKs and the scripts of hooks. Gate, approvers, integrations, runtime, lanes, INs, OUTs and
whom a hook notifies stay as the source branch has them.
"""

from __future__ import annotations

from dataclasses import replace

from app.workflow.definition import Hook, HookKind, Job, Severity, Task
from app.workflow.facts import LaneOpened
from app.workflow.line import Run
from app.workflow.parse import Parsed
from app.workflow.plan import Unplannable


def head_of(run: Run, repository: str, opened: LaneOpened | None) -> str:
    """The commit whose scripts may run: of the pull request in `repository` (`github:123`) whose lane the run is in; "" for none.

    Never a fork's or an untrusted bot's. `opened` is what is known of the lane, for runs that were started by hand in it.
    """
    kind, _, place = run.lane.key.partition("/")
    if kind != "pr" or place.partition("@")[2] != repository or any(cause.fork for cause in run.causes):
        return ""
    heads = [cause.sha for cause in run.causes if cause.kind == "pull_request" and cause.repository == repository]
    if heads:
        return heads[-1]
    return opened.head if opened and not opened.fork else ""


def as_proposed(job: Job, parsed: Parsed) -> Job:
    """The job with the scripts that a pull request's files have for it. Raises Unplannable when they have none, or are wrong."""
    wrong = [each for each in parsed.problems if each.severity is Severity.ERROR and (parsed.fragment is None or each.subject == job.name)]
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise Unplannable(f"the pull request's workflow files are wrong: {wrong[0]}{more}")
    theirs = next((each for each in parsed.fragment.jobs if each.name == job.name), None) if parsed.fragment else None
    if theirs is None:
        raise Unplannable(
            f"the pull request's workflow files define no job called {job.name}: with `definition: lane` it has no script to run"
        )
    if theirs.type != job.type:
        raise Unplannable(
            f"{theirs.place}: {job.name} is of type {job.type}, and the pull request's of type {theirs.type}: no script of it runs"
        )
    return with_scripts_of(job, theirs)


def with_scripts_of(job: Job, theirs: Job) -> Job:
    """`job`, running the scripts of `theirs`. A task keeps the runtime, `env` among it, that `job` gives to its task of that name."""
    mine = {task.name: task for task in job.tasks}
    tasks = [replace(mine.get(task.name, Task(task.name, ())), script=task.script, place=task.place) for task in theirs.tasks]
    hooks = {
        kind: Hook(theirs.hooks.get(kind, Hook()).script, job.hooks.get(kind, Hook()).notify)
        for kind in HookKind
        if kind in job.hooks or kind in theirs.hooks
    }
    return replace(job, steps=(*(step for step in job.steps if not isinstance(step, Task)), *tasks), hooks=hooks)
