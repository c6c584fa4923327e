"""Stages that tests share: each test has an account of its own there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.postgres import PostgresServer
from tests.live.stage import Stage
from tests.live.witness import Witness


@pytest.fixture(scope="session")
def witness() -> Iterator[Witness]:
    with Witness() as witness:
        yield witness


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("sqlite")) as stage:
        yield stage


@pytest.fixture(scope="session")
def on_postgres(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("postgres"), database_url=postgres.database()) as stage:
        yield stage


@pytest.fixture(scope="session")
def unconfined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Without a sandbox, with one worker of each kind, and a default timeout that tests can wait for."""
    with Stage(tmp_path_factory.mktemp("open"), run_workers=1, errand_workers=1, sandbox="off", default_timeout=10) as stage:
        yield stage


@pytest.fixture(params=["sqlite", "postgres"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """Every test that asks for it runs over both databases."""
    found: Stage = request.getfixturevalue(f"on_{request.param}")
    return found
