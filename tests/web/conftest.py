"""An application over a store in memory, and an account over the real store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.bell import InlineBell
from app.store import Store
from tests.fakes.clock import MovableClock
from tests.web.line import Account, an_account
from tests.web.world import MemoryStore, a_context


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def bell(store: MemoryStore) -> InlineBell:
    return InlineBell(lambda queue: store.steps.append(f"rang {queue}"))


@pytest.fixture
def client(tmp_path: Path, store: MemoryStore, bell: InlineBell) -> FlaskClient:
    return create_app(a_context(tmp_path, store, bell)).test_client()


@pytest.fixture
def account(sqlite_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[Account]:
    store = Store(sqlite_url, tmp_path / "files", ("key",), clock)
    yield an_account(store, tmp_path / "data")
    store.close()
