"""Carrying one plan out: what it names is fetched, its output logged, and whatever goes wrong outside its scripts said in a sentence."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from app.context import Context
from app.errands._beat import Beat
from app.errands._materials import materials_of
from app.errors import GatelineError
from app.executors import Executor
from app.runlog import Journal, RunLog
from app.store import RunView, Stale
from app.workflow.line import Status
from app.workflow.plan import Plan, Result, Unplannable

log = structlog.get_logger(__name__)


def or_error(view: RunView, attempt: Callable[[], Result]) -> Result:
    """What `attempt` comes to; whatever goes wrong outside the run's own scripts is an error of the run, in a sentence. Raises Stale."""
    try:
        return attempt()
    except Stale:
        raise
    except (GatelineError, Unplannable) as problem:
        return Result(Status.ERRORED, str(problem))
    except Exception as problem:
        log.exception("run.crashed", run=str(view.run.ref))
        return Result(Status.ERRORED, f"Gateline itself failed: {type(problem).__name__}: {problem}")


def carry_out(context: Context, view: RunView, plan: Plan, journal: Journal, beat: Beat) -> Result:
    """By the executor that the plan names; its log goes to `journal`. Raises Stale, Unplannable, and what stores and forges raise."""
    executor = _executor(context, plan)
    refusal = _unsafe(context, view, executor)
    if refusal:
        return Result(Status.ERRORED, refusal)
    materials = materials_of(context, view, plan)
    with RunLog(context, journal, materials.mask, beat) as output:
        return executor.run(plan, materials, output, beat.reason)


def _executor(context: Context, plan: Plan) -> Executor:
    """Who carries the plan out. Raises Unplannable when this installation has nobody who can."""
    found = context.executors.get(plan.executor)
    if found is None:
        there = ", ".join(sorted(context.executors))
        raise Unplannable(
            f"nothing was started: {plan.job} needs the executor `{plan.executor}`, and this installation has only {there}; "
            "docs/managed-jobs.md says which jobs need which."
        )
    return found


def _unsafe(context: Context, view: RunView, executor: Executor) -> str:
    """Why this run may not execute here: lanes other than main need isolation (product.md section 8)."""
    if view.run.lane.main or context.settings.unsafe_local:
        return ""
    leak = executor.isolated()
    return f"runs outside main are refused on this machine: {leak} (GATELINE_UNSAFE_LOCAL=true allows them)" if leak else ""
