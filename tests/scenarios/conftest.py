"""A town for every scenario, over both databases, and one on the double of GitHub."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.forges.github.api import with_token
from app.store import Store
from tests.fakes.clock import MovableClock
from tests.fakes.github.forge_world import GithubTownWorld
from tests.fakes.github.server import GithubDouble
from tests.scenarios.town import Town

TOKEN = "ghp_thetokenofthebotsuser"

ON_BOTH = frozenset({"test_spine", "test_races", "test_lanes", "test_sources"})
"""Scenarios that run on PostgreSQL too in every run; with FULL=1 all do. That both databases answer alike is `tests/store`'s to show."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the PostgreSQL half of most scenarios, which would double the minutes that they take."""
    if os.environ.get("FULL"):
        return
    spared = [item for item in items if _on_postgres_only_in_full(item)]
    if spared:
        config.hook.pytest_deselected(items=spared)
        items[:] = [item for item in items if item not in spared]


def _on_postgres_only_in_full(item: pytest.Item) -> bool:
    package, _, module = item.module.__name__.rpartition(".")  # type: ignore[attr-defined]  # all of ours are functions in modules
    return package == "tests.scenarios" and module not in ON_BOTH and "postgres" in item.name


@pytest.fixture
def github(clock: MovableClock, tmp_path: Path) -> Iterator[GithubDouble]:
    """A double of GitHub on the scenario's clock. Requests that GitHub's description does not know fail the test."""
    with GithubDouble(tmp_path / "github", clock=clock) as double:
        double.happen.token(TOKEN, "gateline-bot")
        yield double
        assert double.problems == []


@pytest.fixture
def github_town(store: Store, clock: MovableClock, tmp_path: Path, github: GithubDouble) -> Town:
    """A town whose forge is GitHub, over HTTP."""
    return Town(store, clock, tmp_path, GithubTownWorld(github, with_token(github.url, TOKEN, clock)))


@pytest.fixture
def town(store: Store, clock: MovableClock, tmp_path: Path) -> Town:
    return Town(store, clock, tmp_path)
