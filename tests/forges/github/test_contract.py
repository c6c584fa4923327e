"""The GitHub forge passes the contract of all forges, against the double, with every request valid by GitHub's description."""

from __future__ import annotations

import pytest

from app.forges.github.api import GithubApi
from tests.contract.forges import ForgeContract
from tests.fakes.github.forge_world import GithubWorld
from tests.fakes.github.server import GithubDouble


class TestGithub(ForgeContract):
    @pytest.fixture
    def world(self, github: GithubDouble, forge: GithubApi) -> GithubWorld:
        return GithubWorld(github, forge)
