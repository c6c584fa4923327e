"""What is left of the hour's requests to GitHub, as its answers tell (spec/forges.md A7).

An App has one budget for each installation, and what is known here is that of the last answer: near enough for being sparing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

CORE = "core"
"""The limit that statuses and comments count against; searches and GraphQL have others."""


class Budget:
    """`now`: our clock, in seconds since the epoch. Unlimited until an answer says otherwise, and again after its reset."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._share = 1.0
        self._reset = 0.0

    def hear(self, headers: Mapping[str, str]) -> None:
        """Takes an answer's headers (lower case); GHES without rate limits sends none."""
        limit, remaining, reset = (headers.get(f"x-ratelimit-{name}", "") for name in ("limit", "remaining", "reset"))
        whole = limit.isdecimal() and remaining.isdecimal() and reset.isdecimal()
        if whole and int(limit) > 0 and headers.get("x-ratelimit-resource", CORE) == CORE:
            self._share = min(int(remaining) / int(limit), 1.0)
            self._reset = float(reset)

    @property
    def share(self) -> float:
        """What is left of the whole, 0..1."""
        return self._share if self.seconds else 1.0

    @property
    def seconds(self) -> float:
        """Until it is whole again."""
        return max(self._reset - self._now(), 0.0)
