"""Measuring: a figure and its baseline in turn, A B A B …, so that a machine that drifts drifts for both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Series:
    """Seconds of each round."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """How far apart the slowest and the fastest round are, as a share of the median: the noise."""
        return (max(self.seconds) - min(self.seconds)) / self.median


@dataclass(frozen=True, slots=True)
class Figure:
    """`amount` of `unit` is what one round does; `ratios` are ours to the baseline, round by round."""

    name: str
    amount: float
    unit: str
    ours: Series
    baseline: Series
    against: str

    @property
    def rate(self) -> float:
        return self.amount / self.ours.median

    @property
    def ratio(self) -> float:
        return statistics.median(ours / base for ours, base in zip(self.ours.seconds, self.baseline.seconds, strict=True))


def compare(name: str, amount: float, unit: str, ours: Callable[[], object], against: str, baseline: Callable[[], object]) -> Figure:
    """Both once to warm up, then five rounds in turn."""
    ours()
    baseline()
    pairs = [(_seconds(ours), _seconds(baseline)) for _ in range(ROUNDS)]
    return Figure(name, amount, unit, Series(tuple(a for a, _ in pairs)), Series(tuple(b for _, b in pairs)), against)


def _seconds(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began
