"""The bell: "look at this queue". Losing a ring costs a delay, never work; the database is the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue

log = structlog.get_logger(__name__)

TASK = "workers.tasks.drain"
OUTSTANDING = 4
"""How many rings may wait in one queue: each drains all that is due, so more would find nothing."""


class Bell(Protocol):
    def ring(self, queue: str) -> None:
        """Says that `queue` has something due. Never raises: a lost ring is found by the clock's sweep."""
        ...

    def reachable(self) -> bool:
        """Whether a ring would be heard now."""
        ...


class RqBell:
    """Rings by enqueuing RQ's one task."""

    def __init__(self, connection: Redis) -> None:
        self._connection = connection

    def ring(self, queue: str) -> None:
        try:
            rq = Queue(queue, connection=self._connection, serializer="json")
            if rq.count < OUTSTANDING:
                rq.enqueue(TASK, queue, job_timeout=-1, result_ttl=0, failure_ttl=0)
        except RedisError as problem:
            log.warning("bell.unreachable", queue=queue, problem=str(problem))

    def reachable(self) -> bool:
        try:
            return bool(self._connection.ping())
        except RedisError:
            return False


class InlineBell:
    """Remembers rings, or answers each at once with `on_ring`; for tests and one-process tools."""

    def __init__(self, on_ring: Callable[[str], None] | None = None) -> None:
        self.rung: list[str] = []
        self._on_ring = on_ring

    def ring(self, queue: str) -> None:
        self.rung.append(queue)
        if self._on_ring:
            self._on_ring(queue)

    def reachable(self) -> bool:
        return True
