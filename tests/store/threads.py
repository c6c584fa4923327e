"""Many threads that start at one moment."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread


def together(count: int, work: Callable[[int], None]) -> list[Exception]:
    """Runs `work(number)` in `count` threads; returns what they raised."""
    start = Barrier(count)
    raised: list[Exception] = []

    def one(number: int) -> None:
        start.wait()
        try:
            work(number)
        except Exception as problem:  # noqa: BLE001 - handed to the test
            raised.append(problem)

    threads = [Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
