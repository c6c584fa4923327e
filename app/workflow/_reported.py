"""Runs that happen elsewhere and are only reported: external CI, and the adoption of workflow files (spec/workflow-language.md 3.4)."""

from __future__ import annotations

from app.workflow._arrival import new_run
from app.workflow._course import Course
from app.workflow._executions import over
from app.workflow.events import RunEnded, RunReported
from app.workflow.facts import RunAdded, RunStarted
from app.workflow.line import MAIN, Node, Run, Status


def run_reported(course: Course, event: RunReported) -> None:
    """The first report of a build makes a run that is under way, with no worker; a final one ends it, whoever reported it first."""
    node = course.line.node(event.job)
    refusal = _refusal(course, node, event)
    if refusal:
        course.deny(refusal)
        return
    run = _under_way(node, event) or _begin(course, node, event)
    if event.status is not Status.RUNNING:
        over(course, run, _ended(run, event))


def token_of(build: str) -> str:
    """What marks the run of a build: no worker has such a token."""
    return f"reported:{build}"


def _refusal(course: Course, node: Node, event: RunReported) -> str:
    if node.job is None:
        return f"no file defines a job called {event.job}"
    if _under_way(node, event) is not None:
        return f"build {event.build} of {event.job} is running already" if event.status is Status.RUNNING else ""
    newest = course.line.past(event.job, MAIN).newest
    if newest is not None and newest.token == token_of(event.build):
        return f"{newest.ref}, which is build {event.build}, has ended already ({newest.status.value})"
    return f"{event.job} is paused: nothing new is taken of it" if node.paused else ""


def _under_way(node: Node, event: RunReported) -> Run | None:
    return next((run for run in node.active if run.token == token_of(event.build)), None)


def _begin(course: Course, node: Node, event: RunReported) -> Run:
    run = new_run(course, node, MAIN, (event.cause,))
    course.note(RunAdded(run), RunStarted(run.ref, (), "", token_of(event.build), event.lease, course.at))
    course.disturb(node.name)
    return next(each for each in course.line.node(node.name).active if each.ref == run.ref)


def _ended(run: Run, event: RunReported) -> RunEnded:
    return RunEnded(
        key=event.key,
        at=event.at,
        job=run.ref.job,
        number=run.ref.number,
        token=run.token,
        status=event.status,
        own=event.own,
        reason=event.reason,
    )
