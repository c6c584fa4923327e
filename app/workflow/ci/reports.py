"""What a cell reports of its tests and their coverage (spec/ci-integrations-deploy.md section 1.8), and how several add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST_NAMED = 20
"""Failed tests that are named, at most."""


@dataclass(frozen=True, slots=True)
class Report:
    """Counts over all JUnit files; `failures` names the first failed tests. `coverage` is a share of lines, 0..1, None if not told."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: tuple[str, ...] = ()
    coverage: float | None = None

    @property
    def text(self) -> str:
        """One line: `41 passed, 1 failed, coverage 87%`."""
        counts = ((self.passed, "passed"), (self.failed, "failed"), (self.skipped, "skipped"))
        parts = [f"{count} {word}" for count, word in counts if count]
        return ", ".join(parts if self.coverage is None else [*parts, f"coverage {self.coverage:.0%}"])


def added(reports: Iterable[Report | None]) -> Report | None:
    """All tests of several cells; of coverage the lowest, since nobody knows which lines overlap. None when nobody reports."""
    found = [report for report in reports if report is not None]
    if not found:
        return None
    coverages = [report.coverage for report in found if report.coverage is not None]
    return Report(
        passed=sum(report.passed for report in found),
        failed=sum(report.failed for report in found),
        skipped=sum(report.skipped for report in found),
        failures=tuple(name for report in found for name in report.failures)[:MOST_NAMED],
        coverage=min(coverages, default=None),
    )
