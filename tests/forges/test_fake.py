"""The fake forge keeps the contract of the real ones: what the scenarios show with it holds elsewhere too."""

from __future__ import annotations

import pytest

from app.forges import Forge
from tests.contract.forges import ForgeContract
from tests.fakes.clock import MovableClock
from tests.fakes.forge_world import FakeWorld


class TestTheFake(ForgeContract):
    @pytest.fixture
    def world(self) -> FakeWorld:
        return FakeWorld(MovableClock())


def test_the_fake_is_a_whole_forge() -> None:
    forge: Forge = FakeWorld(MovableClock()).forge
    assert forge.name == "github"
