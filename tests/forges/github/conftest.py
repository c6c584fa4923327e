"""A double of GitHub for each test, and the forge that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.forges.github.api import GithubApi, with_token
from tests.fakes.github.openapi import PACKAGE
from tests.fakes.github.packages import npm_package
from tests.fakes.github.server import GithubDouble

TOKEN = "ghp_thetokenofthebotsuser"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GithubDouble]:
    """A double on which `gateline-bot` owns TOKEN. Requests that GitHub's description does not know fail the test."""
    with GithubDouble(tmp_path / "github") as double:
        double.happen.token(TOKEN, "gateline-bot")
        yield double
        double.state.deliveries.settle()
        assert double.problems == []


@pytest.fixture
def forge(github: GithubDouble) -> GithubApi:
    return with_token(github.url, TOKEN)


@pytest.fixture(scope="session")
def described() -> None:
    """For tests whose point is GitHub's description: skipped where it is not installed, required under CI=true."""
    npm_package(PACKAGE)
