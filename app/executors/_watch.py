"""When a run has to end before its time: somebody wants it to, or its time is up."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from app.workflow.line import Status


class Stopped(Exception):
    """The run must end now, as `status` for `reason`."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class SetupFailed(Exception):
    """The run cannot begin: it ends ERRORED, with this sentence."""


class Watch:
    """Asks `should_stop` and looks at the clock. `timeout` in seconds from now; `clock` is monotonic, in seconds."""

    def __init__(self, should_stop: Callable[[], str], timeout: float, clock: Callable[[], float]) -> None:
        self._should_stop = should_stop
        self._timeout = timeout
        self._clock = clock
        self._ends = clock() + timeout

    def stopped(self) -> Stopped | None:
        """Why the run has to end, None while it may go on."""
        if reason := self._should_stop():
            return Stopped(Status.CANCELLED, reason)
        if self._clock() >= self._ends:
            return Stopped(Status.TIMED_OUT, f"The run took longer than its timeout of {_duration(self._timeout)}.")
        return None

    def check(self) -> None:
        """Raises Stopped when the run has to end."""
        if stopped := self.stopped():
            raise stopped

    def pause(self, seconds: float) -> None:
        """Waits, looking up at least twice a second. Raises Stopped."""
        ends = self._clock() + seconds
        self.check()
        while (rest := ends - self._clock()) > 0:
            Event().wait(min(rest, 0.5))
            self.check()


def _duration(seconds: float) -> str:
    if seconds < 120 or seconds % 60:
        return f"{seconds:g} s"
    return f"{seconds / 60:g} min"
