"""Runs of rSync jobs that somebody asked for: the files of a source are adopted now. Adopting itself is handed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from app.executors import Log, Materials
from app.workflow.line import Status
from app.workflow.plan import Plan, Result
from app.workflow.synced import Sync, Synced


@dataclass(frozen=True, slots=True)
class SyncExecutor:
    """An `Executor`. `adopt` adopts the source with this key, and says what came of it; its errors are the run's."""

    adopt: Callable[[str], Synced]
    name: ClassVar[str] = "sync"

    def run(self, plan: Plan, materials: Materials, log: Log, should_stop: Callable[[], str]) -> Result:  # noqa: ARG002 - needs none
        reason = should_stop()
        if reason:
            return Result(Status.CANCELLED, reason)
        assert isinstance(plan.work, Sync)  # noqa: S101 - for the type checker: only rSync jobs name this executor
        synced = self.adopt(plan.work.source)
        log.section("Sync")
        log.write("".join(f"{line}\n" for line in synced.lines).encode())
        return Result(synced.status, synced.reason, own=synced.own)

    def sweep(self) -> None:
        """Nothing is ever left."""

    def isolated(self) -> str:
        return ""


plugin = SyncExecutor
