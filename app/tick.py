"""What time brings: due schedules, expired leases, overdue gates, queues to ring, tips to compare. The clock process runs it.

One process is the leader (a claimed row); the others only stand by. Each sweep repairs what a lost message or a dead worker left
behind, so that nothing is stuck for longer than 30 seconds (product.md section 9).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog

from app.context import Context
from app.errands._run import LEASE
from app.errors import GatelineError
from app.react import react
from app.workflow.errands import Errand
from app.workflow.events import CandidateDue, LeaseExpired, Ticked
from app.workflow.schedule import due

log = structlog.get_logger(__name__)

LEADER_LEASE = 10.0
"""Seconds that a leader's row lasts without being renewed."""
BREAK = 15.0
"""Seconds between two rounds that make this process doubt what it knows."""
COMPARE_EVERY = 3600.0
"""Seconds between comparisons of tips."""


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

    def once(self) -> bool:
        """One round; returns whether this process leads."""
        try:
            now = self.context.store.now()
            unbroken = self.since is not None and now - self.last <= BREAK
            self.since, self.last = self.since if unbroken else now, now
            if not self.context.store.lead("clock", self.holder, LEADER_LEASE):
                return False
            self._round(now)
        except GatelineError as problem:
            self.since = None
            log.warning("clock.round_failed", problem=str(problem))
        return self.since is not None

    def _round(self, now: float) -> None:
        self._times(now)
        self._gates(now)
        if self.since is not None and now - self.since >= LEASE:
            self._leases(now)
        if now - self.compared >= COMPARE_EVERY:
            self._compare()
            self.compared = now
        for queue in self.context.store.due_queues():
            self.context.bell.ring(queue)

    def _times(self, now: float) -> None:
        for account, resource, expression, last in self.context.store.due_times():
            scheduled = due(expression, last, now)
            if scheduled is not None:
                react(
                    self.context,
                    account,
                    Ticked(key=f"tick:{resource}:{scheduled:.0f}", at=now, resource=resource, scheduled=scheduled),
                )

    def _gates(self, now: float) -> None:
        for account, candidate in self.context.store.due_candidates():
            key = f"overdue:{candidate.job}:{candidate.number}"
            react(self.context, account, CandidateDue(key=key, at=now, job=candidate.job, number=candidate.number))

    def _leases(self, now: float) -> None:
        for account, run, token in self.context.store.sweep():
            log.warning("run.lost", account=account, run=str(run))
            react(self.context, account, LeaseExpired(key=f"lost:{token}", at=now, job=run.job, number=run.number, token=token))

    def _compare(self) -> None:
        """Asks for every repository of a source or gitRepo to be compared; at start and hourly."""
        for source in self.context.store.sources():
            key = f"repository:{source.repository}"
            errand = Errand("compare_tips", {"repository": source.repository}, key=key)
            self.context.store.add_errands(source.account, [errand])
