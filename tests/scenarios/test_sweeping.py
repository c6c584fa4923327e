"""The clock's rounds and the errands in hand: one bad thing stops nothing else, and what takes long stays in hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import _GeneratorContextManager
from pathlib import Path

import pytest

from app.bell import InlineBell
from app.errands._drain import do_one
from app.forges import Delivery, Nothing
from app.store import AccountTransaction, Claimed, Stale, Store, WorkerRow
from app.workflow.line import Status
from tests.conftest import KEY
from tests.fakes.clock import MovableClock
from tests.scenarios.town import ACCOUNT, Town

DAY = 24 * 3600.0
LINE = {
    "gateline.yml": """
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app, branch: main}
          - name: every-minute
            type: time
            seed: {interval: "* * * * *"}
        jobs:
          - name: build
            type: runSh
            steps:
              - IN: app
              - TASK: [{script: make}]
          - name: sweep
            type: runSh
            steps:
              - IN: every-minute
              - TASK: [{script: make sweep}]
        """
}
GPU = {
    "gateline.yml": """
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app, branch: main}
        jobs:
          - name: train
            type: runSh
            runtime: {nodePool: gpu}
            steps:
              - IN: app
              - TASK: [{script: make}]
        """
}


class PoisonedStore(Store):
    """The store, with an account that no decision can be made about, and questions that cannot be answered."""

    poisoned = ""
    unanswerable = ""

    def due_times(self) -> tuple[tuple[str, str, str, float], ...]:
        if self.unanswerable == "due_times":
            raise ValueError("a row that nobody can read")
        poison = ((self.poisoned, "every-minute", "* * * * *", 0.0),) if self.poisoned else ()
        return (*poison, *super().due_times())

    def decision(self, account: str) -> _GeneratorContextManager[AccountTransaction]:
        if account == self.poisoned:
            raise ValueError(f"{account} is poisoned")
        return super().decision(account)


@pytest.fixture
def poisoned(database_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[PoisonedStore]:
    store = PoisonedStore(database_url, tmp_path / "files", (KEY,), clock)
    yield store
    store.close()


def test_an_account_that_cannot_be_decided_about_stops_no_other_schedule(
    poisoned: PoisonedStore, clock: MovableClock, tmp_path: Path
) -> None:
    town = Town(poisoned, clock, tmp_path)
    town.source(LINE)
    poisoned.poisoned = "github:bad"
    town.tick(60)
    assert town.ran() == ["sweep#1 succeeded"]


def test_lost_runs_are_found_though_the_schedules_cannot_be_read(poisoned: PoisonedStore, clock: MovableClock, tmp_path: Path) -> None:
    town = Town(poisoned, clock, tmp_path)
    town.source(LINE)
    town.push()
    town.deliveries()
    poisoned.unanswerable = "due_times"
    town.lose("build")
    assert town.ran() == ["build#1 lost"]
    bell = town.context.bell
    assert isinstance(bell, InlineBell)
    assert "errands" in bell.rung


# -- errands in hand -----------------------------------------------------------------------------------------------------------


class SlowStore(Store):
    """Reading a delivery takes until the errand in hand was renewed so often; somebody else may have taken it over."""

    renewals = 0
    stolen = False

    def start(self) -> None:
        self._renewed = threading.Semaphore(0)

    def renew_errand(self, claimed: Claimed, lease: float) -> None:
        if self.stolen:
            self._renewed.release()
            raise Stale("somebody else has it")
        super().renew_errand(claimed, lease)
        self._renewed.release()

    def delivery(self, id: int) -> Delivery:
        for _ in range(self.renewals):
            assert self._renewed.acquire(timeout=5)
        return super().delivery(id)


@pytest.fixture
def slow(database_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[SlowStore]:
    store = SlowStore(database_url, tmp_path / "files", (KEY,), clock)
    store.start()
    yield store
    store.close()


def test_an_errand_that_takes_long_stays_in_hand_and_is_let_go_when_it_is_done(
    slow: SlowStore, clock: MovableClock, tmp_path: Path
) -> None:
    town = Town(slow, clock, tmp_path)
    town.deliver(Nothing("stars are of no use"))
    claimed = slow.claim_errand("worker", 1.0)
    assert claimed is not None
    slow.renewals = 2
    do_one(town.context, claimed, every=0.01)
    assert [each.name for each in threading.enumerate() if each.name == f"errand {claimed.id}"] == []
    assert slow.claim_errand("worker", 1.0) is None
    assert town.stuck() == []


# -- pools ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heard", "sentence"),
    [
        (None, "no worker serves pool gpu: add it to GATELINE_POOLS of a machine"),
        (DAY, "no worker serves pool gpu: add it to GATELINE_POOLS of a machine"),
        (5.0, "waits for a free worker of pool gpu"),
    ],
)
def test_why_says_whether_a_worker_serves_the_pool_now(town: Town, heard: float | None, sentence: str) -> None:
    town.source(GPU)
    sha = town.push()
    town.deliveries()
    if heard is not None:
        town.store.beat(WorkerRow("w", "host", ("gpu",), 0.0, town.clock() - heard))
    town.comment("carol", "/gateline why train", sha=sha)
    town.deliveries()
    assert sentence in town.answers(sha=sha)[-1]


# -- retention -----------------------------------------------------------------------------------------------------------------


def test_what_is_old_is_dropped_daily_by_itself(town: Town) -> None:
    town.source(LINE)
    town.push()
    town.settle()
    run = town.store.runs(ACCOUNT, "build")[0]
    assert town.store.read_log(run.id) != ()
    town.tick(13 * DAY)
    assert len(town.store.deliveries()) == 1
    town.tick(2 * DAY)
    assert town.store.deliveries() == ()
    town.tick(170 * DAY)
    assert town.store.read_log(run.id) == ()
    assert town.runs("build")[0].status is Status.SUCCEEDED
    town.push()
    town.settle()
    assert [run.status for run in town.runs("build")] == [Status.SUCCEEDED, Status.SUCCEEDED]
