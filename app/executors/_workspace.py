"""The folders of one run, made empty and wiped afterwards; what a dead worker left is swept by the next one."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.executors._leftovers import end_leftovers
from app.executors._sandbox import Room
from app.executors._watch import SetupFailed

HERE = Path(__file__).parent
COMMANDS = ("shipctl", "gateline-ctl", "shippable_retry", "shippable_replace")
"""One program under all its names."""


@contextmanager
def workspace(work: Path, label: str, nonce: str) -> Iterator[Room]:
    """A new room below `work`, locked while it is used."""
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(work)
    home = work / f"{re.sub(r'[^A-Za-z0-9_-]+', '-', label)[:60]}-{nonce}"
    lock = _lock(home.with_suffix(".lock"))
    room = Room(home / "build", home / "tmp", home / "control")
    try:
        for folder in (home, room.build, room.tmp, room.control):
            folder.mkdir(mode=0o700)
        _install(room)
        yield room
    finally:
        wipe(home)
        home.with_suffix(".lock").unlink()
        os.close(lock)


def sweep(work: Path) -> None:
    """Ends and removes what is left of runs whose worker is dead: nobody holds their lock."""
    for path in work.glob("*.lock"):
        try:
            lock = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            continue  # another worker was faster
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            end_leftovers(path.with_suffix(""))
            wipe(path.with_suffix(""))
            path.unlink(missing_ok=True)
        finally:
            os.close(lock)


def wipe(folder: Path) -> None:
    """Removes a folder, also one in which a script took its owner's rights away; links are not followed."""
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        return
    for parent, folders, _ in os.walk(folder):
        for name in folders:
            if not os.path.islink(path := os.path.join(parent, name)):
                os.chmod(path, 0o700)
    shutil.rmtree(folder, ignore_errors=True)


def make_folder(root: Path, path: str) -> Path:
    """The folder `path` below `root`, made when it is not there. Raises SetupFailed when it would lie outside."""
    folder = root / path
    if not folder.resolve().is_relative_to(root.resolve()):
        raise SetupFailed(f"The path {path!r} leads out of the workspace.")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_file(root: Path, path: str, content: str, mode: int) -> None:
    """A new file at `path` below `root`. Raises SetupFailed when it would lie outside."""
    file = make_folder(root, os.path.dirname(path)) / os.path.basename(path)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with open(descriptor, "w", encoding="utf-8", newline="") as stream:
        os.fchmod(descriptor, mode)
        stream.write(content)


def _lock(path: Path) -> int:
    """A lock on the file at `path`, which is there: a sweep may take a new file, and remove it, before it is locked."""
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.fstat(lock), path.stat()):
                return lock
        except FileNotFoundError:
            pass  # a sweep was faster
        os.close(lock)


def _install(room: Room) -> None:
    """Puts in place what is ours in a run: the task's shell, and shipctl under both its names."""
    (room.control / "bin").mkdir()
    shutil.copy(HERE / "_shell.sh", room.control / "shell.sh")
    program = room.control / "bin" / COMMANDS[0]
    shutil.copy(HERE / "shipctl", program)
    program.chmod(0o755)
    for name in COMMANDS[1:]:
        (room.control / "bin" / name).symlink_to(COMMANDS[0])
