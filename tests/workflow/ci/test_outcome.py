"""What the cells of a run make of it: spec/ci-integrations-deploy.md section 1.6, rules 4 to 6; section 1.8."""

from __future__ import annotations

import pytest

from app.workflow.ci.configuration import Entry
from app.workflow.ci.matrix import Cell
from app.workflow.ci.outcome import CellRun, aggregate, planned
from app.workflow.ci.reports import Report, added
from app.workflow.events import Left
from app.workflow.line import Status

S, U, F, L, T = Status.SUCCEEDED, Status.UNSTABLE, Status.FAILED, Status.LOST, Status.TIMED_OUT


def ended(*statuses: Status, may_fail: int = 0) -> list[CellRun]:
    return [CellRun(index, f"T={index}", "default", index == may_fail, status) for index, status in enumerate(statuses, 1)]


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        (ended(S, S), S),
        (ended(S, U), U),
        (ended(U, F), F),
        (ended(S, T), F),
        (ended(S, L), F),
        (ended(S, F, may_fail=2), S),
        (ended(S, U, may_fail=2), S),
        (ended(F, F, may_fail=2), F),
        (ended(U, F, may_fail=2), U),
    ],
)
def test_failed_goes_before_unstable_and_that_before_success(cells: list[CellRun], status: Status) -> None:
    assert aggregate(cells).status is status


def test_the_only_cell_is_the_run() -> None:
    only = CellRun(1, status=T, reason="The run took longer than its timeout of 60 min.")
    assert (aggregate([only]).status, aggregate([only]).reason) == (T, only.reason)


def test_the_reason_names_a_few_of_the_cells_that_failed() -> None:
    assert aggregate(ended(S, F, L)).reason == "2 of 3 cells: 2 (T=2) failed, 3 (T=3) lost"
    assert aggregate(ended(*[F] * 7)).reason.endswith("5 (T=5) failed, 2 more")


def test_what_several_cells_left_for_one_out_is_put_together_in_their_order() -> None:
    first = CellRun(1, status=S, outputs={"img": Left((("A", "1"),), {"x": 1}, "files-1")})
    second = CellRun(2, status=S, outputs={"img": Left((("A", "2"),)), "other": Left((("B", "3"),))})
    assert aggregate([first, second]).outputs == {
        "img": Left((("A", "1"), ("A", "2")), {"x": 1}, "files-1"),
        "other": Left((("B", "3"),)),
    }


def test_a_cell_that_succeeded_before_in_the_same_place_is_copied() -> None:
    earlier = [CellRun(1, "T=1", "default", status=S, code=0), CellRun(2, "T=2", "default", status=F)]
    one, two, three = planned([Cell(1), Cell(2), Cell(3)], "default", [])
    assert [one.status, two.status, three.status] == [Status.QUEUED] * 3
    again = planned([_cell(1), _cell(2), _cell(3)], "default", earlier)
    assert [(cell.index, cell.status, cell.copied) for cell in again] == [
        (1, S, True),
        (2, Status.QUEUED, False),
        (3, Status.QUEUED, False),
    ]


def test_a_cell_whose_title_changed_is_not_copied() -> None:
    (cell,) = planned([_cell(1)], "default", [CellRun(1, "T=other", "default", status=S)])
    assert not cell.copied


def test_a_cell_without_a_pool_runs_in_that_of_the_run() -> None:
    assert [cell.pool for cell in planned([Cell(1), Cell(2, pool="arm")], "big")] == ["big", "arm"]


def test_tests_of_cells_add_up_and_the_lowest_coverage_counts() -> None:
    found = added([Report(3, 1, 0, ("a",), 0.9), None, Report(2, 0, 1, (), 0.8)])
    assert found == Report(5, 1, 1, ("a",), 0.8)
    assert found.text == "5 passed, 1 failed, 1 skipped, coverage 80%"
    assert added([None, None]) is None


def _cell(index: int) -> Cell:
    return Cell(index, env=(Entry(f"T={index}"),))
