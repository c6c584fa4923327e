"""A town for every scenario, over both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.store import Store
from tests.fakes.clock import MovableClock
from tests.scenarios.town import Town


@pytest.fixture
def town(store: Store, clock: MovableClock, tmp_path: Path) -> Town:
    return Town(store, clock, tmp_path)
