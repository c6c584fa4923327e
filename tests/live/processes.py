"""Finding the product's processes, by what the kernel says of them."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from app.executors import _reaper


@dataclass(frozen=True)
class Found:
    """A living process. `command` is its command line, words separated by spaces."""

    pid: int
    name: str
    command: str

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


def below(root: int) -> list[Found]:
    """Everything that descends from `root`, in the order of pids."""
    return [Found(pid, name, _read(pid, "cmdline")) for pid, name in sorted(_reaper.descendants(root).items())]


def one(root: int, words: str) -> Found:
    """The first descendant of `root` whose command line or name holds `words`."""
    found = [each for each in below(root) if words in each.command or words == each.name]
    assert found, f"nothing called {words!r} runs below {root}: {[each.command for each in below(root)]}"
    return found[0]


def marked(mark: str) -> list[Found]:
    """Living processes, other than this one, whose environment or command line holds `mark`."""
    found = []
    for pid, process in _reaper.processes().items():
        if pid != os.getpid() and (mark in _read(pid, "environ") or mark in _read(pid, "cmdline")):
            found.append(Found(pid, process.name, _read(pid, "cmdline")))
    return found


def _read(pid: int, file: str) -> str:
    try:
        return Path(f"/proc/{pid}/{file}").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""  # it has just ended, or is a kernel's
