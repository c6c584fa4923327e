"""What time brings: due schedules, expired leases, overdue gates, queues to ring, tips to compare. The clock process runs it.

One process is the leader (a claimed row); the others only stand by. Each sweep repairs what a lost message or a dead worker left
behind, so that nothing is stuck for longer than 30 seconds (product.md section 9).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from app.context import Context
from app.errands._beat import LEASE
from app.react import react
from app.workflow.errands import Errand
from app.workflow.events import CandidateDue, LeaseExpired, Ticked, WaitOver
from app.workflow.line import Candidate, RunRef
from app.workflow.schedule import due

log = structlog.get_logger(__name__)

Item = TypeVar("Item")

LEADER_LEASE = 10.0
"""Seconds that a leader's row lasts without being renewed."""
BREAK = 15.0
"""Seconds between two rounds that make this process doubt what it knows."""
COMPARE_EVERY = 3600.0
"""Seconds between comparisons of tips."""
RETAIN_EVERY = 24 * 3600.0
"""Seconds between two rounds of dropping what is old."""
RETAIN = Errand("retain", key="retain", replaces=True)


@dataclass(slots=True)
class Sweep:
    """One clock process. `since` is when it began to reach the database without a break (leading or not), `last` when it last did.

    An expired lease is believed only after a whole lease of that, so that neither a database outage nor a clock that was stopped itself
    makes every live run look lost (architecture.md section 6, rule 4).
    """

    context: Context
    holder: str
    since: float | None = None
    last: float = field(default=float("-inf"))
    compared: float = field(default=float("-inf"))
    retained: float = field(default=float("-inf"))

    def once(self) -> bool:
        """One round; returns whether this process leads."""
        try:
            now = self.context.store.now()
            unbroken = self.since is not None and now - self.last <= BREAK
            self.since, self.last = self.since if unbroken else now, now
            if not self.context.store.lead("clock", self.holder, LEADER_LEASE):
                return False
            self._round(now)
        except Exception as problem:  # noqa: BLE001 - whatever kept a round from being made, the next one is due in a second
            self.since = None
            log.warning("clock.round_failed", problem=str(problem))
        return self.since is not None

    def _round(self, now: float) -> None:
        """What frees workers and keeps them busy goes first: it has to come whatever the rest of the round meets."""
        if self.since is not None and now - self.since >= LEASE:
            self._each(self.context.store.sweep, lambda expired: self._lease(now, *expired))
        self._each(self.context.store.due_queues, self.context.bell.ring)
        self._each(self.context.store.due_times, lambda clock: self._time(now, *clock))
        self._each(self.context.store.due_candidates, lambda overdue: self._gate(now, *overdue))
        self._each(self.context.store.due_runs, lambda waiting: self._try(now, *waiting))
        if now - self.compared >= COMPARE_EVERY:
            self.compared = now
            self._each(self._comparisons, self._ask)
        if now - self.retained >= RETAIN_EVERY:
            self.retained = now
            self._each(lambda: [RETAIN], self._ask)

    def _each(self, look: Callable[[], Iterable[Item]], act: Callable[[Item], object]) -> None:
        """Acts on each thing found. What goes wrong with one, or with the look, keeps nothing else of the round from being done."""
        try:
            found = look()
        except Exception:
            log.exception("clock.look_failed")
            return
        for item in found:
            try:
                act(item)
            except Exception:
                log.exception("clock.item_failed", item=str(item)[:200])

    def _time(self, now: float, account: str, resource: str, expression: str, last: float) -> None:
        scheduled = due(expression, last, now)
        if scheduled is not None:
            event = Ticked(key=f"tick:{resource}:{scheduled:.0f}", at=now, resource=resource, scheduled=scheduled)
            react(self.context, account, event)

    def _gate(self, now: float, account: str, candidate: Candidate) -> None:
        key = f"overdue:{candidate.job}:{candidate.number}"
        react(self.context, account, CandidateDue(key=key, at=now, job=candidate.job, number=candidate.number))

    def _try(self, now: float, account: str, run: RunRef) -> None:
        react(self.context, account, WaitOver(key=f"retry:{run}", at=now, job=run.job, number=run.number))

    def _lease(self, now: float, account: str, run: RunRef, token: str) -> None:
        log.warning("run.lost", account=account, run=str(run))
        react(self.context, account, LeaseExpired(key=f"lost:{token}", at=now, job=run.job, number=run.number, token=token))

    def _comparisons(self) -> list[Errand]:
        """Every source's repository is compared in turn with what else is done about it; at start and hourly."""
        repositories = sorted({source.repository for source in self.context.store.sources()})
        return [Errand("compare_tips", {"repository": each}, key=f"repository:{each}") for each in repositories]

    def _ask(self, errand: Errand) -> None:
        self.context.store.add_errands("", [errand])
