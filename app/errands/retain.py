"""Drops what is old: deliveries, errands, decisions, logs, workers that are gone. The settings say after how long; the audit log stays."""

from __future__ import annotations

from dataclasses import dataclass

from app.context import Context
from app.store import Claimed

DAY = 24 * 3600.0
GONE = 1.0
"""Days after which a worker that sent no heartbeat is forgotten."""


@dataclass(frozen=True, slots=True)
class Retain:
    """Has no arguments. What an interruption leaves, the next one finds."""

    name: str = "retain"

    def do(self, context: Context, claimed: Claimed) -> str:  # noqa: ARG002 - the contract's signature
        store, keep, now = context.store, context.settings, context.store.now()
        dropped = {
            "errands": store.drop_errands(now - keep.keep_deliveries * DAY),
            "deliveries": store.drop_deliveries(now - keep.keep_deliveries * DAY),
            "events": store.drop_events(now - keep.keep_events * DAY),
            "omissions": store.drop_not_run(now - keep.keep_events * DAY),
            "logs": store.drop_logs(now - keep.keep_logs * DAY),
            "workers": store.drop_workers(now - GONE * DAY),
        }
        return ", ".join(f"{count} {what} dropped" for what, count in dropped.items() if count)


plugin = Retain()
