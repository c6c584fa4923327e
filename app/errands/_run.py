"""One run, from claim to end: claim -> plan -> execute -> RunEnded. What a run worker does when the bell rings."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

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

Answer = TypeVar("Answer")

LEASE = 20.0
"""Seconds a run's lease lasts (architecture.md section 6, rule 4)."""
BEAT = 2.0
"""Seconds between renewals; each also asks whether to stop, so that TERM comes within 3 s of a cancel."""
LONGEST_PAUSE = 5.0
"""Seconds between attempts to tell the database of a run, at most."""


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
    """Plans and executes; whatever goes wrong outside the run's own scripts is an error of the run, in a sentence. Raises Stale."""
    try:
        job = context.store.definition_at(view.account, view.run.ref)
        plan = context.kinds.jobs[job.type].plan(job, plan_inputs(context, view, job))
        executor = _executor(context, plan)
        refusal = _unsafe(context, view, executor)
        return Result(Status.ERRORED, refusal) if refusal else _carry_out(context, view, plan, executor, beat)
    except Stale:
        raise
    except (GatelineError, Unplannable) as problem:
        return Result(Status.ERRORED, str(problem))
    except Exception as problem:
        log.exception("run.crashed", run=str(view.run.ref))
        return Result(Status.ERRORED, f"Gateline itself failed: {type(problem).__name__}: {problem}")


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


def _carry_out(context: Context, view: RunView, plan: Plan, executor: Executor, beat: Beat) -> Result:
    materials = materials_of(context, view, plan)
    with RunLog(context, view, materials.mask, beat) as output:
        return executor.run(plan, materials, output, beat.reason)


def _unsafe(context: Context, view: RunView, executor: Executor) -> str:
    """Why this run may not execute here: lanes other than main need isolation (product.md section 8)."""
    if view.run.lane.main or context.settings.unsafe_local:
        return ""
    leak = executor.isolated()
    return f"runs outside main are refused on this machine: {leak} (GATELINE_UNSAFE_LOCAL=true allows them)" if leak else ""


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


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a beat comes (seconds), and the monotonic clock by which an outage is measured: the database's is out of reach then."""

    every: float = BEAT
    clock: Callable[[], float] = time.monotonic


class Beat:
    """Renews a run's lease from a thread of its own, and remembers why the run should stop."""

    def __init__(self, context: Context, view: RunView, stopping: Callable[[], str], pace: Pace = Pace()) -> None:
        self._context = context
        self._view = view
        self._stopping = stopping
        self._pace = pace
        self._over = threading.Event()
        self._lost = threading.Event()
        self._heard = ""
        self._thread = threading.Thread(target=self._keep, name=f"beat {view.run.ref}", daemon=True)

    def lost_within(self, seconds: float) -> bool:
        """Waits until the run was declared lost, at most so long; returns whether it was."""
        return self._lost.wait(seconds)

    def insist(self, action: Callable[[], Answer], unless: Callable[[], str] = lambda: "") -> Answer:
        """What `action` returns, tried again and again while the database is away.

        Raises Stale once the run was declared lost, and the Temporary when `unless` has a reason to give up.
        """
        pause = 0.0
        while not self.lost_within(pause):
            try:
                return action()
            except Temporary as problem:
                if unless():
                    raise
                pause = min(2 * pause or 0.1, LONGEST_PAUSE)
                log.warning("run.not_told", run=str(self._view.run.ref), again=pause, problem=str(problem))
        raise Stale(f"{self._view.run.ref} was declared lost")

    def reason(self) -> str:
        """Why the executor should stop, "" to go on."""
        return self._heard or self._stopping()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _keep(self) -> None:
        renewed = self._pace.clock()
        while not self._over.wait(self._pace.every):
            asked = self._pace.clock()
            try:
                self._heard = self._renew() or self._heard
                renewed = asked
            except Stale:
                self._heard = "this run was declared lost"
                self._lost.set()
                return
            except Exception as problem:  # noqa: BLE001 - a beat that fails for any reason is one that was missed; the next may not
                log.warning("run.beat_failed", run=str(self._view.run.ref), problem=str(problem))
                if asked - renewed > LEASE:
                    self._heard = "the database was out of reach for a whole lease"

    def _renew(self) -> str:
        """Why the run should stop, "" to go on. Raises Stale."""
        store, run = self._context.store, self._view.run
        return store.renew_run(self._view.account, run.ref, run.token, store.now() + LEASE)
