"""Whether this process was asked to leave: it claims nothing more at once, and stops what runs after a grace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Leaving:
    """`grace`: seconds that a running run gets to finish (GATELINE_DRAIN). `clock`: monotonic seconds."""

    grace: float
    clock: Callable[[], float]
    asked: float | None = None

    def ask(self) -> None:
        """Somebody wants this process to end."""
        if self.asked is None:
            self.asked = self.clock()

    def claims(self) -> bool:
        """Whether new work may be taken."""
        return self.asked is None

    def reason(self) -> str:
        """Why a run in hand must stop now, "" to go on."""
        if self.asked is None or self.clock() - self.asked < self.grace:
            return ""
        return f"its worker was shut down ({self.grace:.0f} s to finish were over)"
