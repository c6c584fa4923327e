"""Ends what a run left running when its worker and its reaper were both killed, so that nobody was there to do it.

Its processes are known by the run's folder, whose name is unguessable: they were started with it in their environment, or work in it. A
script that hides both (`env -i` and another folder) is found in the sandbox only, which ends with its worker.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from app.executors import _reaper

ROUNDS = 100
"""Looks at most: what is killed may have started something meanwhile, and something may be impossible to kill."""


def end_leftovers(home: Path) -> None:
    """Kills what belongs to the run whose folder is `home`."""
    for _ in range(ROUNDS):
        found = [pid for pid in _reaper.processes() if pid != os.getpid() and _belongs(pid, str(home))]
        if not found:
            return
        _reaper.send(found, signal.SIGKILL)


def _belongs(pid: int, home: str) -> bool:
    """Processes of others cannot be looked at, nor can they be a run's."""
    with suppress(OSError):
        folder = os.readlink(f"/proc/{pid}/cwd")
        if folder == home or folder.startswith(f"{home}/"):
            return True
        return f"{home}/".encode() in Path(f"/proc/{pid}/environ").read_bytes()
    return False
