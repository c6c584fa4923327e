"""Fixtures of all suites: a movable clock, and the store over both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import Store
from tests.fakes.clock import MovableClock
from tests.fakes.postgres import PostgresServer, postgres_server

KEY = "a key for tests only"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server a session, whose new databases come with the newest schema."""
    with postgres_server() as server:
        url = server.database()
        store = Store(url, Path("/nonexistent"), ())
        store.migrate()
        store.close()
        server.template = url.rpartition("/")[2]
        yield server


@pytest.fixture(scope="session")
def spare_databases() -> list[str]:
    """Migrated PostgreSQL databases that no test uses, empty again."""
    return []


@pytest.fixture
def postgres_url(postgres: PostgresServer, spare_databases: list[str]) -> Iterator[str]:
    """An empty, migrated database. Tests leave the schema as it is."""
    url = spare_databases.pop() if spare_databases else postgres.database()
    yield url
    if postgres.empty(url):
        spare_databases.append(url)
    else:
        postgres.drop(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: faster than migrating for each test."""
    folder = tmp_path_factory.mktemp("sqlite")
    store = Store(f"sqlite:///{folder / 'gateline.db'}", folder, ())
    store.migrate()
    store.close()
    return folder / "gateline.db"


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A new, migrated database."""
    (tmp_path / "gateline.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'gateline.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A new, migrated database: every test that asks for it runs on both kinds."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def store(database_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[Store]:
    """The store over both databases, on the movable clock."""
    store = Store(database_url, tmp_path / "files", (KEY,), clock)
    yield store
    store.close()
