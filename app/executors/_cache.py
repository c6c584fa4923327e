"""The cache of a run: an archive laid down before the tasks, and the one that they left picked up afterwards, if it is not too large."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from app.executors import Materials
from app.executors._collect import open_folder
from app.workflow.plan import NEW_CACHE, OLD_CACHE, PlannedCache

LIMIT = 512 * 1024 * 1024
"""Bytes of one cache."""


def restore(cache: PlannedCache, build: Path, materials: Materials) -> None:
    if cache.restore and materials.fetch_cache is not None:
        materials.fetch_cache(build / OLD_CACHE)


def save(cache: PlannedCache, build: Path, materials: Materials, note: Callable[[str], None]) -> None:
    """`note` takes a sentence when there is a cache and it is not kept. No link is followed."""
    path = PurePosixPath(NEW_CACHE)
    folder = open_folder(build, path.parts[:-1]) if cache.save and materials.keep_cache is not None else None
    if folder is None:
        return
    try:
        descriptor = os.open(path.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return
    finally:
        os.close(folder)
    with open(descriptor, "rb") as stream:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            return
        if about.st_size > LIMIT:
            note(f"The cache has {about.st_size // 1024 // 1024} MiB and is not kept: at most {LIMIT // 1024 // 1024} MiB are.")
        elif materials.keep_cache is not None:
            materials.keep_cache(stream)
