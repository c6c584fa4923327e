"""`paths:` of an IN: which jobs a change of a repository's files concerns (docs/write-a-line.md)."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from app.workflow.definition import Paths
from app.workflow.line import Line

UNTOUCHED = "no changed file is among its paths"
ANY_FOLDERS = "**"


def touches(paths: Paths, changed: Iterable[str]) -> bool:
    """Whether one of the changed files is among `only` (without it: all files are) and not among `excluded`."""
    return any(_among(file, paths.only or (ANY_FOLDERS,)) and not _among(file, paths.excluded) for file in changed)


def _among(file: str, globs: Iterable[str]) -> bool:
    return any(matches(glob, file) for glob in globs)


def matches(glob: str, file: str) -> bool:
    """Whether the whole path fits: `**` between slashes is any folders, `*` stays within one, a slash at the end takes in all below.

    Folder by folder, with all places of the glob that may come next, so that no glob takes long.
    """
    parts = (glob + ANY_FOLDERS if glob.endswith("/") else glob).split("/")
    places = _with_skipped(parts, {0})
    for name in file.split("/"):
        fitting = {place for place in places if place < len(parts) and fnmatchcase(name, parts[place])}
        places = _with_skipped(parts, {place if parts[place] == ANY_FOLDERS else place + 1 for place in fitting})
    return len(parts) in places


def _with_skipped(parts: list[str], places: set[int]) -> set[int]:
    """`places`, and those behind each `**` there, which may be no folder at all."""
    found = set(places)
    for place, part in enumerate(parts):
        if place in found and part == ANY_FOLDERS:
            found.add(place + 1)
    return found


def wants_files(line: Line, repository: str) -> bool:
    """Whether some job has `paths` for this repository: only then need anybody ask which files a change changed."""
    watching = line.watching(repository)
    consumers = dict.fromkeys(name for node in line.nodes(watching) for name in node.consumers)
    steps = (step for node in line.nodes(consumers) if node.job for step in node.job.inputs)
    return any(step.paths is not None and step.name in watching for step in steps)
