"""The store: the database that decides. One class over SQLAlchemy Core, the same on SQLite and PostgreSQL.

All methods are short transactions of their own except those of `AccountTransaction`. Times are seconds since the epoch as floats, read
from the clock once a transaction. `values` says what the names of things mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from app.store.caches import Caches
from app.store.cells import Cells
from app.store.cipher import Cipher
from app.store.deliveries import Deliveries
from app.store.engine import Database
from app.store.files import Files, open_files
from app.store.history import History
from app.store.imports import Imports
from app.store.keys import Keys
from app.store.line import AccountTransaction, Lines
from app.store.outbox import Outbox
from app.store.outside import Outside
from app.store.people import SILENT, People
from app.store.retention import Retention
from app.store.runs import Runs
from app.store.schema import Schema
from app.store.secrets import Secrets
from app.store.sources import Sources
from app.store.standings import Standings
from app.store.values import (
    AuditEntry,
    Chunk,
    Claimed,
    ClaimedCell,
    Outcome,
    Posted,
    RunView,
    SecretRow,
    Source,
    Stale,
    Standing,
    Stuck,
    Token,
    WorkerRow,
    Written,
)

__all__ = [
    "SILENT",
    "AccountTransaction",
    "AuditEntry",
    "Chunk",
    "Claimed",
    "ClaimedCell",
    "Outcome",
    "Posted",
    "RunView",
    "SecretRow",
    "Source",
    "Stale",
    "Standing",
    "Store",
    "Stuck",
    "Token",
    "WorkerRow",
    "Written",
]


class Store(
    Schema,
    Lines,
    Sources,
    Imports,
    Deliveries,
    Outbox,
    Runs,
    Cells,
    Caches,
    Standings,
    History,
    Outside,
    Files,
    Secrets,
    Keys,
    People,
    Retention,
):
    """See the module. `clock` returns seconds since the epoch; without one the database's own time is read."""

    def __init__(self, url: str, data: Path, keys: Sequence[str], clock: Callable[[], float] | None = None) -> None:
        """`data` is GATELINE_DATA_DIR (logs and state files live under it, through fsspec). `keys`: secret keys, newest first."""
        self.database = Database(url, clock)
        self._files = open_files(str(data))
        self._cipher = Cipher(keys)

    def now(self) -> float:
        """The time by which everything here is decided."""
        with self.database.read() as transaction:
            return transaction.now

    def ping(self) -> None:
        """Raises Temporary when the database does not answer."""
        self.now()

    def close(self) -> None:
        self.database.engine.dispose()
