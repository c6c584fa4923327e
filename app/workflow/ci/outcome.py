"""How the cells of a CI run end, and what that makes of the run (spec/ci-integrations-deploy.md section 1.6, rules 4 to 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.workflow.ci.matrix import Cell
from app.workflow.ci.reports import Report, added
from app.workflow.events import Left
from app.workflow.plan import Result
from app.workflow.values import Status

_MOST_NAMED = 5
"""Cells that a reason names, at most."""


@dataclass(frozen=True, slots=True)
class CellRun:
    """One cell of one run, from the moment it exists. `title` tells it from the others; `copied`: an earlier run had it succeed."""

    index: int
    title: str = ""
    pool: str = ""
    allow_failure: bool = False
    status: Status = Status.QUEUED
    reason: str = ""
    code: int | None = None
    worker: str = ""
    started: float | None = None
    ended: float | None = None
    copied: bool = False
    own: Left = field(default_factory=Left)
    outputs: Mapping[str, Left] = field(default_factory=dict)
    report: Report | None = None

    @property
    def good(self) -> bool:
        return self.status is Status.SUCCEEDED

    def ended_with(self, result: Result, at: float) -> CellRun:
        left = replace(self, own=result.own, outputs=dict(result.outputs), report=result.report)
        return replace(left, status=result.status, reason=result.reason, code=result.code, ended=at)


def planned(cells: Iterable[Cell], pool: str, earlier: Sequence[CellRun] = ()) -> tuple[CellRun, ...]:
    """The cells of a new run; `pool` is the run's. Those that succeeded `earlier`, in the same place with the same title, are copied."""
    done = {(cell.index, cell.title): cell for cell in earlier if cell.good}
    found = []
    for cell in cells:
        before = done.get((cell.index, cell.title))
        new = CellRun(cell.index, cell.title, cell.pool or pool, cell.allow_failure)
        found.append(replace(before, pool=new.pool, allow_failure=new.allow_failure, copied=True) if before else new)
    return tuple(found)


def aggregate(cells: Sequence[CellRun]) -> Result:
    """Any failed cell fails the run, but for those that may; else any unstable one makes it unstable.

    The only cell is the run. What several left is put together in their order, so that each OUT is posted once.
    """
    if len(cells) == 1:
        (only,) = cells
        return Result(only.status, only.reason, only.code, only.own, only.outputs, only.report)
    bad = [cell for cell in cells if cell.status not in (Status.SUCCEEDED, Status.UNSTABLE) and not cell.allow_failure]
    unstable = [cell for cell in cells if cell.status is Status.UNSTABLE and not cell.allow_failure]
    status = Status.FAILED if bad else Status.UNSTABLE if unstable else Status.SUCCEEDED
    code = next((cell.code for cell in bad if cell.code), None)
    own, report = _joined([cell.own for cell in cells]), added(cell.report for cell in cells)
    return Result(status, _reason(bad or unstable, len(cells)), code, own, _outputs(cells), report)


def _reason(worse: Sequence[CellRun], count: int) -> str:
    if not worse:
        return ""
    names = [f"{cell.index} ({cell.title}) {cell.status.value.replace('_', ' ')}" for cell in worse[:_MOST_NAMED]]
    more = f", {len(worse) - _MOST_NAMED} more" if len(worse) > _MOST_NAMED else ""
    return f"{len(worse)} of {count} cells: {', '.join(names)}{more}"


def _outputs(cells: Sequence[CellRun]) -> dict[str, Left]:
    names = dict.fromkeys(name for cell in cells for name in cell.outputs)
    return {name: _joined([cell.outputs[name] for cell in cells if name in cell.outputs]) for name in names}


def _joined(lefts: Sequence[Left]) -> Left:
    """Keys of all; the last bag and the last files that there are."""
    return Left(
        tuple(pair for left in lefts for pair in left.keys),
        next((left.bag for left in reversed(lefts) if left.bag is not None), None),
        next((left.files for left in reversed(lefts) if left.files is not None), None),
        "\n\n".join(left.summary for left in lefts if left.summary),
    )


def judged(result: Result, least: float) -> Result:
    """A cell whose commands passed is unstable when tests failed, or when less than `least` (a share) is covered (section 1.7)."""
    report = result.report
    if report is None or result.status is not Status.SUCCEEDED:
        return result
    if report.failed:
        named = ", ".join(report.failures[:3]) + (", …" if report.failed > 3 else "")
        reason = f"{report.failed} {'test' if report.failed == 1 else 'tests'} failed: {named}"
        return replace(result, status=Status.UNSTABLE, reason=reason)
    if report.coverage is not None and report.coverage < least:
        return replace(result, status=Status.UNSTABLE, reason=f"coverage is {report.coverage:.0%}, less than {least:.0%}")
    return result
