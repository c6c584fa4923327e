"""A job as it is in the lane of a run: as the source branch defines it, or with a pull request's own scripts (`definition: lane`)."""

from __future__ import annotations

from app.context import Context
from app.errands._proposed import written
from app.store import RunView
from app.workflow.definition import Job
from app.workflow.lane_definition import as_proposed, head_of


def in_its_lane(context: Context, view: RunView, job: Job) -> Job:
    """What the run carries out of `job`. A request that leaves the workflow files alone has the source branch's scripts.

    Raises Unplannable when the request's files are wrong, and what forges raise.
    """
    source = context.store.source(job.source) if job.own_definition else None
    if source is None or view.run.lane.main:
        return job
    opened = context.store.ask(view.account, lambda line: line.opened(view.run.lane))
    head = head_of(view.run, source.repository, opened)
    parsed = written(context, source, head) if head else None
    return as_proposed(job, parsed) if parsed else job
