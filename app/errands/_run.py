"""One run, from claim to end: claim -> plan -> execute -> RunEnded. What a run worker does when the bell rings."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable

import structlog

from app.context import Context
from app.errands._beat import LEASE, Beat
from app.errands._cells import execute_cell
from app.errands._execution import carry_out, or_error
from app.errands._lane_definition import in_its_lane
from app.errands._materials import plan_inputs
from app.errands._matrix import Matrix, run_cells
from app.leaving import Leaving
from app.react import react
from app.runlog import log_of_run
from app.store import RunView, Stale
from app.workflow.events import Claim, RunEnded
from app.workflow.facts import RunFinished, RunStarted
from app.workflow.kinds import MatrixKind
from app.workflow.plan import Result

log = structlog.get_logger(__name__)


def drain_runs(context: Context, pools: tuple[str, ...], worker: str, leaving: Leaving) -> int:
    """Claims and executes runs of `pools`, and cells of others' CI runs, one after the other, until there is none or the process leaves.

    Returns how many.
    """
    done = 0
    while leaving.claims() and enough_disk(context):
        if claimed := claim(context, pools, worker):
            execute(context, claimed, leaving.reason)
        elif cell := context.store.claim_cell(pools, worker, context.store.now() + LEASE):
            execute_cell(context, cell, leaving.reason)
        else:
            break
        done += 1
    return done


def enough_disk(context: Context) -> bool:
    """Whether claims go on: nearly full disks pause them."""
    return shutil.disk_usage(context.settings.data_dir).free >= context.settings.min_free


def claim(context: Context, pools: tuple[str, ...], worker: str) -> RunView | None:
    """The best startable run of these pools, now running and ours; None when there is none."""
    for account in context.store.queued_accounts(pools):
        token, now = secrets.token_hex(16), context.store.now()
        event = Claim(key=f"claim:{token}", at=now, pools=pools, worker=worker, token=token, lease=now + LEASE)
        for fact in react(context, account, event).facts:
            if isinstance(fact, RunStarted):
                return context.store.run(account, fact.run)
    return None


def execute(context: Context, view: RunView, stopping: Callable[[], str]) -> None:
    """Carries a claimed run out and says how it ended, keeping its lease until that was heard.

    A run whose token is stale is killed and reported by nobody here.
    """
    bound = log.bind(account=view.account, run=str(view.run.ref), id=view.id)
    bound.info("run.started", lane=view.run.lane.key)
    beat = Beat(context, view, stopping)
    beat.start()
    try:
        result = _result(context, view, beat)
        _end(context, view, result, beat)
    except Stale:
        bound.warning("run.stale")
        return
    finally:
        beat.stop()
    bound.info("run.ended", status=result.status, reason=result.reason)


def _result(context: Context, view: RunView, beat: Beat) -> Result:
    """Plans and executes. Raises Stale."""

    def attempt() -> Result:
        job = in_its_lane(context, view, context.store.definition_at(view.account, view.run.ref))
        kind = context.kinds.jobs[job.type]
        inputs = plan_inputs(context, view, job)
        if isinstance(kind, MatrixKind):
            return run_cells(context, view, Matrix(job, kind, inputs), beat)
        return carry_out(context, view, kind.plan(job, inputs), log_of_run(context, view), beat)

    return or_error(view, attempt)


def _end(context: Context, view: RunView, result: Result, beat: Beat) -> None:
    """Tells the line, for as long as it takes: what the run did cannot be had again. Raises Stale."""
    beat.insist(lambda: _tell(context, view, result))


def _tell(context: Context, view: RunView, result: Result) -> None:
    run = view.run
    event = RunEnded(
        key=f"end:{run.token}",
        at=context.store.now(),
        job=run.ref.job,
        number=run.ref.number,
        token=run.token,
        status=result.status,
        own=result.own,
        outputs=dict(result.outputs),
        reason=result.reason,
        code=result.code,
    )
    facts = react(context, view.account, event).facts
    if not any(isinstance(fact, RunFinished) and fact.run == run.ref for fact in facts):
        log.warning("run.late", run=str(run.ref), status=result.status)
