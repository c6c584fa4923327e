"""The database goes away for a while: what runs meanwhile is neither lost nor left running by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import _GeneratorContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.errands._beat import LEASE, Beat, Pace
from app.errands._run import claim, drain_runs
from app.errors import Temporary
from app.leaving import Leaving
from app.store import AccountTransaction, Chunk, RunView, Store
from app.workflow.line import RunRef, Status, Version, VersionRef
from app.workflow.plan import Plan, Result
from tests.conftest import KEY
from tests.fakes.clock import MovableClock
from tests.scenarios.town import ACCOUNT, Town

LINE = {
    "gateline.yml": """
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app, branch: main}
        jobs:
          - name: build
            type: runSh
            steps:
              - IN: app
              - TASK: [{script: make}]
        """
}


class ShakyStore(Store):
    """The store, whose database does not answer the next `failures` times that it is asked for one of `away`."""

    away: frozenset[str] = frozenset()
    failures = 0

    def fail(self, failures: int, *away: str) -> None:
        self.failures, self.away = failures, frozenset(away)

    def _answer(self, question: str) -> None:
        if self.failures and question in self.away:
            self.failures -= 1
            raise Temporary("The database does not answer: it was restarted")

    def now(self) -> float:
        self._answer("now")
        return super().now()

    def decision(self, account: str) -> _GeneratorContextManager[AccountTransaction]:
        self._answer("decision")
        return super().decision(account)

    def version(self, account: str, ref: VersionRef) -> tuple[int, Version] | None:
        self._answer("version")
        return super().version(account, ref)

    def append_log(self, account: str, run: RunRef, token: str, chunks: Sequence[Chunk]) -> None:
        self._answer("append_log")
        super().append_log(account, run, token, chunks)


@pytest.fixture
def store(database_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[ShakyStore]:
    store = ShakyStore(database_url, tmp_path / "files", (KEY,), clock)
    yield store
    store.close()


@pytest.mark.parametrize("question", ["decision", "now", "append_log"])
def test_a_run_whose_end_the_database_did_not_hear_tells_it_again(town: Town, store: ShakyStore, question: str) -> None:
    town.source(LINE)

    def make(plan: Plan, should_stop: Callable[[], str]) -> Result:
        store.fail(2, question)
        return Result(Status.SUCCEEDED, code=0)

    town.executor.acts["build"] = make
    town.push()
    town.settle()
    assert store.failures == 0
    assert town.ran() == ["build#1 succeeded"]


def test_a_run_that_was_declared_lost_stops_telling_its_end(town: Town, store: ShakyStore) -> None:
    view = started(town)
    beat = Beat(town.context, view, lambda: "", Pace(every=0.01))
    town.clock.forward(2 * LEASE)
    for _ in range(6):
        town.tick(5)
    beat.start()
    try:
        assert beat.lost_within(5)
        assert beat.reason() == "this run was declared lost"
    finally:
        beat.stop()


def test_a_run_that_cannot_be_planned_for_want_of_the_database_ends_with_an_error(town: Town, store: ShakyStore) -> None:
    town.source(LINE)
    town.push()
    town.deliveries()
    store.fail(1, "version")
    drain_runs(town.context, ("default",), "runs", Leaving(30, town.clock))
    assert [(run.status, run.reason) for run in town.runs()] == [
        (Status.ERRORED, "The database does not answer: it was restarted"),
    ]


# -- heartbeats ----------------------------------------------------------------------------------------------------------------


@dataclass
class Stopwatch:
    """Monotonic seconds of a test."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Listener:
    """Counts renewals, to wait for the next ones."""

    heard: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def wait(self, renewals: int) -> bool:
        return all(self.heard.acquire(timeout=5) for _ in range(renewals))


def started(town: Town) -> RunView:
    town.source(LINE)
    town.push()
    town.deliveries()
    view = claim(town.context, ("default",), "a worker")
    assert view is not None
    return view


class CountingStore(ShakyStore):
    """Tells a listener of each renewal, heard or not."""

    renewed: Listener
    missed: Listener

    def now(self) -> float:
        try:
            return super().now()
        except Temporary:
            self.missed.heard.release()
            raise

    def renew_run(self, account: str, run: RunRef, token: str, lease: float) -> str:
        reason = super().renew_run(account, run, token, lease)
        self.renewed.heard.release()
        return reason


@pytest.fixture
def counting(database_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[CountingStore]:
    store = CountingStore(database_url, tmp_path / "files", (KEY,), clock)
    store.renewed, store.missed = Listener(), Listener()
    yield store
    store.close()


def test_heartbeats_go_on_after_the_database_was_away_for_a_moment(counting: CountingStore, clock: MovableClock, tmp_path: Path) -> None:
    town = Town(counting, clock, tmp_path)
    beat = Beat(town.context, started(town), lambda: "", Pace(every=0.01))
    counting.fail(3, "now")
    beat.start()
    try:
        assert counting.missed.wait(3)
        assert counting.renewed.wait(2)
        assert beat.reason() == ""
    finally:
        beat.stop()


def test_a_run_is_stopped_when_the_database_was_away_for_a_whole_lease(
    counting: CountingStore, clock: MovableClock, tmp_path: Path
) -> None:
    town, watch = Town(counting, clock, tmp_path), Stopwatch()
    beat = Beat(town.context, started(town), lambda: "", Pace(0.01, watch))
    beat.start()
    try:
        assert counting.renewed.wait(1)
        counting.fail(10**9, "now")
        watch.seconds = LEASE - 1
        assert counting.missed.wait(2)
        assert beat.reason() == ""
        watch.seconds = LEASE + 1
        assert counting.missed.wait(2)
        assert beat.reason() == "the database was out of reach for a whole lease"
    finally:
        counting.fail(0)
        beat.stop()
    assert town.store.run(ACCOUNT, RunRef("build", 1)) is not None
