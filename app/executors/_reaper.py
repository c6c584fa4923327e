"""Stands between a worker and a command, so that nothing outlives either: `python -I -S _reaper.py GRACE LEASE PROGRAM ARGUMENT…`.

A script of the standard library alone, because it starts with every task. The command gets this process's stderr as its output
and nothing to read. Standard input is the worker's voice: any byte is a beat, `T` asks for the end (TERM, KILL after GRACE
seconds). Its end, or LEASE seconds without a beat, mean that the worker is gone or has lost its run: KILL at once. When the command
is over, what it left running is killed too; then one line goes to standard output: `exit N`, `signal N` or `killed REASON`.

As a child subreaper (prctl(2)) this process inherits whatever daemonises itself below it; the command dies with it by its parent
death signal, and orphans of a reaper that was killed go to the worker (`_supervise`).
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
SPARED_BY_TERM = "bwrap"
"""bubblewrap would end its sandbox at once: TERM is for what runs inside."""


def become_subreaper() -> None:
    """Makes this process the parent of orphans below it (Linux; elsewhere nothing happens)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Process:
    """A line of /proc/PID/stat (proc(5)). `began` in clock ticks since boot."""

    def __init__(self, stat: str) -> None:
        self.name, _, rest = stat.partition("(")[2].rpartition(")")
        fields = rest.split()
        self.living = fields[0] not in "ZX"
        self.parent, self.session, self.began = int(fields[1]), int(fields[3]), int(fields[19])


def process(pid: int) -> Process:
    """Raises OSError when there is none."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
        return Process(stat.read())


def processes() -> dict[int, Process]:
    """The living processes by pid."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                one = process(int(entry))
            except OSError:
                continue  # it has just ended
            if one.living:
                found[int(entry)] = one
    return found


def descendants(root: int) -> dict[int, str]:
    """pid -> command name of everything that runs below `root`."""
    children: dict[int, list[int]] = {}
    known = processes()
    for pid, one in known.items():
        children.setdefault(one.parent, []).append(pid)
    found: dict[int, str] = {}
    rest = [root]
    while rest:
        for pid in children.get(rest.pop(), []):
            found[pid] = known[pid].name
            rest.append(pid)
    return found


def send(pids: list[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue  # gone, or changed its user: a setuid program, which ends with its parent


def given_environment() -> dict[bytes, bytes]:
    """The environment as this process was given it: Python adds LC_CTYPE to its own in the C locale (PEP 538)."""
    with open("/proc/self/environ", "rb") as block:
        pairs = (pair.partition(b"=") for pair in block.read().split(b"\0") if pair)
        return {name: value for name, _, value in pairs}


class Reaper:
    """One command and its watch. `grace` and `lease` in seconds."""

    def __init__(self, grace: float, lease: float, command: list[str]) -> None:
        self.grace, self.lease = grace, lease
        self.command = command
        self.status: int | None = None
        self.childless = False
        self.kill_at: float | None = None

    def run(self) -> str:
        """Returns the report once nothing is left."""
        become_subreaper()
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(woken, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self.child = self._start()
        reason = self._watch(woken)
        self._clear()
        if reason:
            return f"killed {reason}"
        if self.status is None or os.WIFSIGNALED(self.status):
            return f"signal {os.WTERMSIG(self.status or signal.SIGKILL)}"
        return f"exit {os.WEXITSTATUS(self.status)}"

    def _start(self) -> int:
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            self._become_command(parent)
        return child

    def _become_command(self, parent: int) -> None:
        try:
            os.setpgid(0, 0)
            if sys.platform == "linux":
                ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            os.execve(self.command[0], self.command, given_environment())  # noqa: S606 - no shell is wanted between
        except OSError as problem:
            os.write(2, f"{self.command[0]} cannot be started: {problem.strerror}\n".encode())
        os._exit(127)

    def _watch(self, woken: int) -> str:
        """Waits for the command's end, or for a reason to kill it, which is returned."""
        beat_by = time.monotonic() + self.lease
        while True:
            until = beat_by if self.kill_at is None else min(beat_by, self.kill_at)
            ready, _, _ = select.select([0, woken], [], [], max(0.0, until - time.monotonic()))
            if woken in ready:
                os.read(woken, 4096)
            if 0 in ready:
                said = os.read(0, 4096)
                if not said:
                    return "the worker is gone"
                beat_by = time.monotonic() + self.lease
                if b"T" in said and self.kill_at is None:
                    self._terminate()
            self._reap()
            if self.childless or (self.status is not None and self.kill_at is None):
                return ""
            now = time.monotonic()
            if now >= beat_by:
                return f"no word from the worker for {self.lease:g} s"
            if self.kill_at is not None and now >= self.kill_at:
                return "it did not end when asked to"

    def _terminate(self) -> None:
        self.kill_at = time.monotonic() + self.grace
        asked = [pid for pid, name in descendants(os.getpid()).items() if name != SPARED_BY_TERM]
        send(asked, signal.SIGTERM)
        send(asked, signal.SIGCONT)

    def _reap(self, options: int = os.WNOHANG) -> None:
        """Collects ended children, also inherited ones."""
        while not self.childless:
            try:
                pid, status = os.waitpid(-1, options)
            except ChildProcessError:
                self.childless = True
                return
            if pid == 0:
                return
            if pid == self.child:
                self.status = status
            if not options:
                return

    def _clear(self) -> None:
        """Kills until there is nothing below this process; what is killed hands its own children up to here."""
        self._reap()
        while not self.childless:
            send(list(descendants(os.getpid())), signal.SIGKILL)
            self._reap(0)
            self._reap()


def main(arguments: list[str]) -> None:
    report = Reaper(float(arguments[0]), float(arguments[1]), arguments[2:]).run()
    try:
        os.write(1, f"{report}\n".encode())
    except OSError:
        return  # nobody is left to be told


if __name__ == "__main__":
    main(sys.argv[1:])
