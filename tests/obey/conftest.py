"""The town that commands are tested in, over SQLite: the store's own suite shows that both databases are alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.clock import MovableClock
from tests.obey.town import Town, town


@pytest.fixture
def here(sqlite_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[Town]:
    made = town(sqlite_url, tmp_path, clock)
    yield made
    made.store.close()
