"""Keeping the lease of what a worker has in hand, from a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from app.context import Context
from app.errors import Temporary
from app.store import ClaimedCell, RunView, Stale

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

LEASE = 20.0
"""Seconds a run's lease lasts (architecture.md section 6, rule 4)."""
BEAT = 2.0
"""Seconds between renewals; each also asks whether to stop, so that TERM comes within 3 s of a cancel."""
LONGEST_PAUSE = 5.0
"""Seconds between attempts to tell the database of a run, at most."""


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


class CellBeat(Beat):
    """Renews the lease of a cell, for as long as its run goes on."""

    def __init__(self, context: Context, claimed: ClaimedCell, stopping: Callable[[], str], pace: Pace = Pace()) -> None:
        super().__init__(context, claimed.view, stopping, pace)
        self._claimed = claimed

    def _renew(self) -> str:
        return self._context.store.renew_cell(self._claimed, self._context.store.now() + LEASE)
