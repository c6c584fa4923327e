"""The main of a worker process: an RQ worker that works in its own process, on the queues of its kind."""

from __future__ import annotations

import os
import socket
import threading
import time

import structlog
from redis import Redis
from rq import Queue, SimpleWorker

from app.context import Context
from app.errands._drain import drain_errands
from app.errands._run import drain_runs
from app.leaving import Leaving
from app.store import WorkerRow
from app.workflow.errands import ERRANDS
from workers.tasks import on_duty

log = structlog.get_logger(__name__)

BEAT = 5.0
"""Seconds between heartbeats of a worker's row."""


class Worker(SimpleWorker):
    """RQ's in-process worker (a run's isolation is its own shell), told to leave by SIGTERM or SIGINT."""

    leaving: Leaving

    def handle_warm_shutdown_request(self) -> None:
        self.leaving.ask()
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]


def run(context: Context, errands: bool) -> None:
    """Serves until told to leave: errands, or runs of the pools that the settings name."""
    settings = context.settings
    name = f"{socket.gethostname()}:{os.getpid()}"
    leaving = Leaving(settings.drain, time.monotonic)

    def duty(_queue: str) -> None:
        if errands:
            drain_errands(context, name, leaving)
        else:
            drain_runs(context, settings.pools, name, leaving)

    on_duty(duty)
    connection = Redis.from_url(settings.redis, health_check_interval=30)
    names = [ERRANDS] if errands else [f"runs:{pool}" for pool in settings.pools]
    worker = Worker([Queue(each, connection=connection, serializer="json") for each in names], connection=connection, serializer="json")
    worker.leaving = leaving
    stop = threading.Event()
    threading.Thread(target=_beat, args=(context, name, () if errands else settings.pools, stop), daemon=True).start()
    try:
        worker.work(logging_level="WARNING")
    finally:
        stop.set()


def _beat(context: Context, name: str, pools: tuple[str, ...], stop: threading.Event) -> None:
    """Keeps this worker's row fresh, for `gateline show --workers` and for `why`; one of runs also ends what dead ones left here."""
    started: float | None = None
    while True:
        try:
            now = context.store.now()
            started = now if started is None else started
            context.store.beat(WorkerRow(name, socket.gethostname(), pools, started, now))
            for executor in context.executors.values() if pools else ():
                executor.sweep()
        except Exception as problem:  # noqa: BLE001 - a heartbeat that fails is a heartbeat missed, whatever the reason
            log.warning("worker.beat_failed", problem=str(problem))
        if stop.wait(BEAT):
            return
