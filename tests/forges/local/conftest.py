"""A local forge on a real disk with real git, its desk over an SQLite file, and something that listens for its webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.forges.local.api import LocalForge
from app.forges.local.disk import Disk, Endpoint, secret_at
from app.store.engine import Database
from app.store.local import LocalDesk
from tests.forges.local.world import Listener, LocalWorld


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    database = Database(sqlite_url)
    yield database
    database.engine.dispose()


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as listener:
        yield listener


@pytest.fixture
def forge(tmp_path: Path, database: Database, listener: Listener) -> LocalForge:
    folder = tmp_path / "data of its own"
    endpoint = Endpoint(listener.url, secret_at(folder / "local-hook-secret"))
    return LocalForge(LocalDesk(database), Disk(folder / "repositories"), endpoint, "gateline")


@pytest.fixture
def world(forge: LocalForge, tmp_path: Path) -> LocalWorld:
    return LocalWorld(forge, tmp_path / "clones")
