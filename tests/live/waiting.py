"""The one place where these tests wait: by asking again, up to a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

Found = TypeVar("Found")
PATIENCE = 60.0
"""Seconds for whatever the product makes no promise about: machines that run tests are slow."""
PROMISE = 30.0
"""Seconds within which the product repairs whatever broke (product.md section 9)."""
SLACK = 6.0
"""Seconds that a busy machine may add to a promise before a test fails."""


def eventually(what: str, found: Callable[[], Found | None], within: float = PATIENCE) -> Found:
    """The first answer of `found` that is true. Raises AssertionError naming `what`, and the last answer, when there is none in time."""
    ends = time.monotonic() + within
    while True:
        answer = found()
        if answer:
            return answer
        if time.monotonic() > ends:
            raise AssertionError(f"waited {within:.0f} s for {what} in vain; the last answer was {answer!r}")
        Event().wait(0.1)
