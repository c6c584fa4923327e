"""A machine to type at; its forge posts to a listener that only keeps what it gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import Store
from tests.cli.machine import Machine, a_machine
from tests.fakes.clock import MovableClock
from tests.forges.local.world import Listener


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as listener:
        yield listener


@pytest.fixture
def machine(sqlite_url: str, tmp_path: Path, clock: MovableClock, listener: Listener) -> Iterator[Machine]:
    """Without sources and people."""
    store = Store(sqlite_url, tmp_path / "files", ("key",), clock)
    yield a_machine(store, tmp_path / "data", clock, listener.url)
    store.close()


@pytest.fixture
def line(machine: Machine) -> Machine:
    """With one source, whose workflow has the job `build` and behind a gate `deploy`."""
    machine.settle()
    return machine
