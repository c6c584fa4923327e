"""A clock that moves only when told to."""

from __future__ import annotations

from dataclasses import dataclass

START = 1_800_000_000.0
"""15 January 2027, 08:00 UTC."""


@dataclass
class MovableClock:
    """Call it for the time, in seconds since the epoch."""

    now: float = START

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> float:
        self.now += seconds
        return self.now
