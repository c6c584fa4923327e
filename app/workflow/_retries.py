"""`retry:` of a job: an end that is worth it makes another run with the same inputs, after a wait (docs/write-a-line.md).

Until the last try has ended, nothing follows from the ends before it: no trigger, no output, no report that is final.
"""

from __future__ import annotations

from dataclasses import replace

from app.workflow._course import Course
from app.workflow.definition import Job, Retry, Trouble
from app.workflow.events import WaitOver
from app.workflow.facts import RunDue
from app.workflow.line import Line, Run, RunRef, Status

_TROUBLES = {Status.FAILED: Trouble.FAILURE, Status.UNSTABLE: Trouble.FAILURE, Status.TIMED_OUT: Trouble.TIMEOUT, Status.LOST: Trouble.LOST}


def another(line: Line, run: Run, status: Status, code: int | None) -> bool:
    """Whether a run that ends so is tried again."""
    rule = _rule(line, run)
    if rule is None or run.cancelling or run.attempt > rule.times:
        return False
    return _TROUBLES.get(status) in rule.on or (status is Status.FAILED and code in rule.codes)


def _rule(line: Line, run: Run) -> Retry | None:
    """What a gate opened is tried again as its approvers saw it; other runs as their job is now."""
    job: Job | None = line.node(run.ref.job).job
    if job is not None and run.candidate is not None:
        opened = line.past(run.ref.job, run.lane).approved
        job = opened.definition if opened and opened.number == run.candidate else None
    return job.retry if job else None


def try_again(course: Course, run: Run) -> None:
    """The next try: a run like the one that ended, at the end of the wait. What comes meanwhile joins it no more."""
    rule = _rule(course.line, run)
    wait = rule.wait if rule else 0.0
    course.add(
        replace(
            run,
            ref=RunRef(run.ref.job, course.line.node(run.ref.job).next_run),
            status=Status.WAITING,
            created=course.at,
            strict=False,
            immediate=run.immediate or run.strict,
            token="",
            worker="",
            started=None,
            reason="",
            retry_of=run.ref.number,
            attempt=run.attempt + 1,
            due=course.at + wait if wait else None,
        )
    )


def wait_over(course: Course, event: WaitOver) -> None:
    """The wait before a try has passed; a run that is not waiting for it any more, or not yet due, stays as it is."""
    found = next((run for run in course.line.node(event.job).active if run.ref.number == event.number), None)
    if found is None or found.due is None or found.due > course.at:
        course.ignore(event.job, f"{event.job}#{event.number} does not wait to be tried again")
        return
    course.note(RunDue(found.ref))
    course.disturb(event.job)
