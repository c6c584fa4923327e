"""One cell of a CI run, from claim to end: by the worker that has the run, or by one that is free (spec/ci-integrations-deploy.md 1.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog

from app.context import Context
from app.errands._beat import CellBeat
from app.errands._ci import CiFiles
from app.errands._execution import carry_out, or_error
from app.errands._materials import plan_inputs
from app.runlog import Journal, log_of_cell
from app.store import ClaimedCell, RunView, Stale
from app.workflow.ci.automatic import repository_of
from app.workflow.ci.configuration import Configuration
from app.workflow.ci.matrix import cells
from app.workflow.ci.outcome import judged
from app.workflow.definition import Job
from app.workflow.errands import ERRANDS, cells_errands
from app.workflow.kinds import MatrixKind
from app.workflow.plan import CiInputs, Plan, Result, Unplannable

log = structlog.get_logger(__name__)


def execute_cell(context: Context, claimed: ClaimedCell, stopping: Callable[[], str], journal: Journal | None = None) -> None:
    """Carries a claimed cell out and keeps how it ended. Its log goes to `journal`, by default one of its own.

    A cell whose token is stale, or whose run is over, is killed and reported by nobody here.
    """
    bound = log.bind(account=claimed.view.account, run=str(claimed.view.run.ref), cell=claimed.index)
    bound.info("cell.started")
    beat = CellBeat(context, claimed, stopping)
    beat.start()
    try:
        result = _result(context, claimed, journal or log_of_cell(context, claimed), beat)
        beat.insist(lambda: _keep(context, claimed, result))
    except Stale:
        bound.warning("cell.stale")
        return
    finally:
        beat.stop()
    bound.info("cell.ended", status=result.status, reason=result.reason)


def _result(context: Context, claimed: ClaimedCell, journal: Journal, beat: CellBeat) -> Result:
    view = claimed.view
    result = or_error(view, lambda: carry_out(context, view, _plan(context, claimed), journal, beat))
    return judged(result, context.settings.of(view.account).least_coverage)


def _plan(context: Context, claimed: ClaimedCell) -> Plan:
    view = claimed.view
    job = context.store.definition_at(view.account, view.run.ref)
    kind = context.kinds.jobs[job.type]
    configuration = CiFiles(context.store.ci_files(view.id), "").read().configuration
    if configuration is None or not isinstance(kind, MatrixKind):
        raise Unplannable(f"{job.name} has no CI keys any more.")
    job = _with_integrations(context, view, job, configuration)
    good = context.store.ask(view.account, lambda line: line.past(job.name, view.run.lane).good)
    ci = CiInputs(kind.builds(job), configuration, cells(configuration)[claimed.index - 1], good.created if good else None)
    return kind.plan(job, replace(plan_inputs(context, view, job), ci=ci))


def _with_integrations(context: Context, view: RunView, job: Job, configuration: Configuration) -> Job:
    """The job with those that the CI file names, which the repository of that file has to see itself. Raises Unplannable."""
    built = repository_of(job.name)
    resource = context.store.ask(view.account, lambda line: line.node(built)).resource
    named = str(resource.content.get("sourceName", "")).lower() if resource else ""
    own = {source.key for source in context.store.sources(view.account) if source.full_name.lower() == named}
    for row in context.store.secret_rows(view.account):
        if row.name in configuration.integrations and not own.intersection(row.sources):
            raise Unplannable(f"the CI file names the integration {row.name}, which is not set for its own repository ({named}).")
    return replace(job, integrations=tuple(dict.fromkeys((*job.integrations, *configuration.integrations))))


def _keep(context: Context, claimed: ClaimedCell, result: Result) -> None:
    store = context.store
    (cell,) = (each for each in store.cells(claimed.view.id) if each.index == claimed.index)
    store.end_cell(claimed, cell.ended_with(result, store.now()))
    tell_cells(context, claimed.view)


def tell_cells(context: Context, view: RunView) -> None:
    """Asks for the statuses of the cells that are over."""
    context.store.add_errands(view.account, cells_errands(view.run, context.store.now()))
    context.bell.ring(ERRANDS)
