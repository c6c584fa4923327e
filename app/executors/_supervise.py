"""Runs one command under a reaper, from the worker's side: output, beats, the end that somebody wants, and proof that nothing is left."""

from __future__ import annotations

import errno
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.executors import _reaper
from app.executors._watch import SetupFailed, Stopped, Watch

READ = 64 * 1024
TICK = 0.5
"""Seconds between two looks at `Watch`."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program by its absolute path, with its whole environment and working folder."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    folder: Path


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: with exit `code` (128 + number, and `signal`, after a signal), or `lost` says why nobody knows."""

    code: int = 0
    signal: int = 0
    lost: str = ""


@dataclass(frozen=True, slots=True)
class Pulse:
    """Times in seconds: a `beat` goes to the reaper so often; after `lease` without one it kills; `grace` lies between TERM and KILL."""

    beat: float = 5.0
    lease: float = 15.0
    grace: float = 10.0


class Supervisor:
    """Starts commands. Its process becomes the last guard: it inherits, and kills, what a killed reaper leaves behind."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._reapers: set[int] = set()

    def run(
        self,
        command: Command,
        watch: Watch,
        output: Callable[[bytes], None],
        stopping: Callable[[], None] = lambda: None,
    ) -> Ended:
        """Returns when the command and all that it started are gone. `output` gets stdout and stderr as they come.

        `stopping` is called just before everything is asked to end. Raises Stopped afterwards, SetupFailed when it cannot be started.
        """
        _reaper.become_subreaper()
        process, source = self._start(command)
        self._reapers.add(process.pid)
        began = _reaper.process(process.pid).began
        with source:
            conversation = _Conversation(process, source, output, self._pulse)
            try:
                ended = conversation.follow(watch, stopping)
            finally:
                self._bury(process)
                if not conversation.reported:
                    self._kill_orphans(began)
                conversation.rest()
        if conversation.stopped:
            raise conversation.stopped
        return ended

    def _start(self, command: Command) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
        """A reaper, and the pipe (never blocking) that the command's output comes through."""
        read, write = os.pipe()
        os.set_blocking(read, False)
        try:
            return self._start_reaper(command, write), open(read, "rb", buffering=0)
        except OSError as problem:
            os.close(read)
            raise SetupFailed(_not_started(command, problem)) from problem
        finally:
            os.close(write)

    def _start_reaper(self, command: Command, output: int) -> subprocess.Popen[bytes]:
        reaper = (sys.executable, "-I", "-S", _reaper.__file__, str(self._pulse.grace), str(self._pulse.lease))
        return subprocess.Popen(  # noqa: S603 - running what a plan says is the purpose of an executor
            (*reaper, *command.argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            bufsize=0,
            env=dict(command.env),
            cwd=command.folder,
            start_new_session=True,
        )

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        """Ends the reaper if it is still there: it kills what it watched when it hears no more."""
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        try:
            process.wait(self._pulse.grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._reapers.discard(process.pid)

    def _kill_orphans(self, began: int) -> None:
        """Kills what came to this process by its reaper's death."""
        while orphans := self._orphans(began):
            below = [pid for orphan in orphans for pid in _reaper.descendants(orphan)]
            _reaper.send([*orphans, *below], signal.SIGKILL)
            for orphan in orphans:
                with suppress(ChildProcessError):
                    os.waitpid(orphan, 0)

    def _orphans(self, began: int) -> frozenset[int]:
        """Children of this process that are neither its own (their session is another) nor older than the reaper, nor reapers."""
        own, session = os.getpid(), os.getsid(0)
        return frozenset(
            pid
            for pid, one in _reaper.processes().items()
            if one.parent == own and one.session != session and one.began >= began and pid not in self._reapers
        )


class _Conversation:
    """What is said between a worker and one reaper."""

    def __init__(self, process: subprocess.Popen[bytes], source: IO[bytes], output: Callable[[bytes], None], pulse: Pulse) -> None:
        self._process = process
        self._source = source
        self._output = output
        self._pulse = pulse
        self._report = b""
        self.stopped: Stopped | None = None

    def follow(self, watch: Watch, stopping: Callable[[], None]) -> Ended:
        next_beat = next_look = time.monotonic()
        give_up = float("inf")
        with selectors.DefaultSelector() as selector:
            selector.register(self._source, selectors.EVENT_READ, self._read_output)
            selector.register(self._process.stdout, selectors.EVENT_READ, self._read_report)  # type: ignore[arg-type] # a pipe
            while selector.get_map():
                for key, _ in selector.select(TICK):
                    if not key.data():
                        selector.unregister(key.fileobj)
                        if key.data == self._read_report:
                            return self._ended()
                now = time.monotonic()
                if now >= next_look:
                    self._output(b"")
                    if self.stopped is None and (stopped := watch.stopped()):
                        self.stopped, give_up = stopped, now + self._pulse.grace + self._pulse.beat
                        stopping()
                        self._say(b"T")
                    next_look = now + TICK
                if now >= next_beat:
                    self._say(b".")
                    next_beat = now + self._pulse.beat
                if now >= give_up:
                    self._process.kill()
        return self._ended()

    @property
    def reported(self) -> bool:
        return self._report.endswith(b"\n")

    def rest(self) -> None:
        """Reads what is left in the pipe, now that nobody should be writing to it."""
        while self._read_output():
            pass

    def _read_output(self) -> bool:
        read = self._source.read(READ)
        if read:
            self._output(read)
        return bool(read)

    def _read_report(self) -> bool:
        read = os.read(self._process.stdout.fileno(), READ) if self._process.stdout else b""
        self._report += read
        return bool(read)

    def _say(self, word: bytes) -> None:
        if self._process.stdin:
            with suppress(OSError):  # it is gone: its report, or the lack of one, says so
                os.write(self._process.stdin.fileno(), word)

    def _ended(self) -> Ended:
        word, _, rest = self._report.decode().strip().partition(" ")
        match word:
            case "exit":
                return Ended(code=int(rest))
            case "signal":
                return Ended(code=128 + int(rest), signal=int(rest))
            case "killed":
                return Ended(lost=f"The run was killed: {rest}.")
        return Ended(lost="The run's reaper died, so everything that it watched was killed.")


def _not_started(command: Command, problem: OSError) -> str:
    if problem.errno == errno.E2BIG:
        return "The run's environment is too large for this machine: shorten its largest variables, or put them into files."
    return f"{command.argv[0]} could not be started: {problem.strerror}."
