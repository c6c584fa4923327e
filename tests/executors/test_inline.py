"""Runs without a process: `app.executors.inline`."""

from __future__ import annotations

from pathlib import Path

from app.executors import Materials
from app.executors.inline import InlineExecutor
from app.workflow.events import Left
from app.workflow.line import Status
from app.workflow.plan import Plan, Section
from tests.contract.executors import RecordedLog

PLAN = Plan("rel", 1, (), executor="inline", account=(Section("Inputs", ("none",)), Section("Release", ("a", "b"))), own=Left(bag={"x": 1}))


def nothing(*_: object) -> None:
    return None


def materials() -> Materials:
    return Materials({}, {}, nothing, nothing)  # type: ignore[arg-type]


def test_the_log_is_the_plans_account_and_the_result_its_version(tmp_path: Path) -> None:
    log = RecordedLog()
    result = InlineExecutor().run(PLAN, materials(), log, lambda: "")
    assert (result.status, result.own) == (Status.SUCCEEDED, Left(bag={"x": 1}))
    assert "none\n" in log.text
    assert "a\nb\n" in log.text
    assert list(tmp_path.iterdir()) == []


def test_it_stops_before_it_does_anything() -> None:
    log = RecordedLog()
    result = InlineExecutor().run(PLAN, materials(), log, lambda: "cancelled by ann")
    assert (result.status, result.reason, log.text) == (Status.CANCELLED, "cancelled by ann", "")


def test_it_shows_a_run_nothing() -> None:
    assert InlineExecutor().isolated() == ""
