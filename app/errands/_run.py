"""One run, from claim to end: claim -> plan -> execute -> RunEnded. What a run worker does when the bell rings."""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from app.context import Context
from app.errands._materials import materials_of, plan_inputs
from app.errors import GatelineError, Temporary
from app.executors import Executor
from app.leaving import Leaving
from app.react import react
from app.runlog import RunLog
from app.store import RunView, Stale
from app.workflow.events import Claim, RunEnded
from app.workflow.facts import RunFinished, RunStarted
from app.workflow.line import Status
from app.workflow.plan import Plan, Result, Unplannable

log = structlog.get_logger(__name__)

LEASE = 20.0
"""Seconds a run's lease lasts (architecture.md section 6, rule 4)."""
BEAT = 2.0
"""Seconds between renewals; each also asks whether to stop, so that TERM comes within 3 s of a cancel."""


def drain_runs(context: Context, pools: tuple[str, ...], worker: str, leaving: Leaving) -> int:
    """Claims and executes runs of `pools`, one after the other, until none may start or the process leaves; returns how many."""
    done = 0
    while leaving.claims() and enough_disk(context):
        claimed = claim(context, pools, worker)
        if claimed is None:
            break
        execute(context, claimed, leaving.reason)
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
    """Carries a claimed run out and says how it ended. A run whose token is stale is killed and reported by nobody here."""
    bound = log.bind(account=view.account, run=str(view.run.ref), id=view.id)
    bound.info("run.started", lane=view.run.lane.key)
    beat = Beat(context, view, stopping)
    beat.start()
    try:
        result = _result(context, view, beat)
    except Stale:
        bound.warning("run.stale")
        return
    finally:
        beat.stop()
    if beat.stale:
        bound.warning("run.stale")
        return
    _end(context, view, result)
    bound.info("run.ended", status=result.status, reason=result.reason)


def _result(context: Context, view: RunView, beat: Beat) -> Result:
    """Plans and executes; whatever cannot be done before the executor starts is an error of the run, in a sentence."""
    executor = context.executors["local"]
    refusal = _unsafe(context, view, executor)
    if refusal:
        return Result(Status.ERRORED, refusal)
    try:
        job = context.store.definition_at(view.account, view.run.ref)
        inputs = plan_inputs(context, view, job)
        plan = context.kinds.jobs[job.type].plan(job, inputs)
    except Unplannable as problem:
        return Result(Status.ERRORED, str(problem))
    return _carry_out(context, view, plan, executor, beat)


def _carry_out(context: Context, view: RunView, plan: Plan, executor: Executor, beat: Beat) -> Result:
    try:
        materials = materials_of(context, view, plan)
        with RunLog(context, view, materials.mask) as output:
            result = executor.run(plan, materials, output, beat.reason)
            if result.reason:
                output.write(f"{result.reason}\n".encode())
            return result
    except Stale:
        raise
    except GatelineError as problem:
        return Result(Status.ERRORED, str(problem))
    except Exception as problem:
        log.exception("run.crashed", run=str(view.run.ref))
        return Result(Status.ERRORED, f"Gateline itself failed: {type(problem).__name__}: {problem}")


def _unsafe(context: Context, view: RunView, executor: Executor) -> str:
    """Why this run may not execute here: lanes other than main need isolation (product.md section 8)."""
    if view.run.lane.main or context.settings.unsafe_local:
        return ""
    leak = executor.isolated()
    return f"runs outside main are refused on this machine: {leak} (GATELINE_UNSAFE_LOCAL=true allows them)" if leak else ""


def _end(context: Context, view: RunView, result: Result) -> None:
    """Tells the line; again and again while the database is away, since the run's processes are gone already."""
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


@dataclass(frozen=True, slots=True)
class Heard:
    """What the last renewal said: why to stop ("" to go on), and whether the run is still ours."""

    reason: str = ""
    stale: bool = False


class Beat:
    """Renews a run's lease from a thread of its own, and remembers why the run should stop."""

    def __init__(self, context: Context, view: RunView, stopping: Callable[[], str]) -> None:
        self._context = context
        self._view = view
        self._stopping = stopping
        self._over = threading.Event()
        self._heard = Heard()
        self._thread = threading.Thread(target=self._renew, name=f"beat {view.run.ref}", daemon=True)

    @property
    def stale(self) -> bool:
        return self._heard.stale

    def reason(self) -> str:
        """Why the executor should stop, "" to go on."""
        return self._heard.reason or self._stopping()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _renew(self) -> None:
        store, run = self._context.store, self._view.run
        since = store.now()
        while not self._over.wait(BEAT):
            now = store.now()
            try:
                reason = store.renew_run(self._view.account, run.ref, run.token, now + LEASE)
                since = now
            except Stale:
                self._heard = Heard("this run was declared lost", stale=True)
                return
            except Temporary:
                reason = "the database was out of reach for a whole lease" if now - since > LEASE else ""
            if reason:
                self._heard = Heard(reason)
