"""RQ's only task: do what is due in a queue. What that is, and whether it may start, the database knows."""

from __future__ import annotations

from collections.abc import Callable

_duty: Callable[[str], None] | None = None


def on_duty(duty: Callable[[str], None]) -> None:
    """What this process does when a queue rings; said once by the worker's main.

    RQ finds its task by a dotted path, so what the task needs stands in the module.
    """
    global _duty
    _duty = duty


def drain(queue: str) -> None:
    """Does all that is due in `queue`."""
    if _duty is None:
        raise RuntimeError("this process is no Gateline worker: start one with `gateline worker`")
    _duty(queue)
