"""Which command of a run failed, and what it wrote last: from its masked log (spec/workflow-language.md section 8.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from app.notifiers import Extract
from app.store import Chunk

LAST_LINES = 100
_ASIDE = frozenset({"Setup", "Log in", "Cleanup", "Cells", "Ends", "on_start", "on_success", "on_failure", "on_cancel", "always"})
_CELL = "Cell "


def extracts(chunks: Iterable[Chunk]) -> tuple[Extract, ...]:
    """Of the last task, which is the one that failed; of each failed cell of a CI run, whose log holds their ends."""
    grouped = [(name, _lines(each)) for name, each in groupby(chunks, lambda chunk: chunk.section)]
    cells = [(name, lines) for name, lines in grouped if name.startswith(_CELL)]
    tasks = [(name, lines) for name, lines in grouped if name not in _ASIDE and lines]
    return tuple(_extract(name, lines) for name, lines in cells or tasks[-1:] or grouped[-1:])


def _lines(chunks: Iterable[Chunk]) -> list[str]:
    """Without the time that each begins with."""
    return [line.partition(" ")[2] for chunk in chunks for line in chunk.text.splitlines()]


def _extract(section: str, lines: Sequence[str]) -> Extract:
    """The shell shows a command as `$ command` before it runs it; what has no shell is named by its section."""
    at = max((index for index, line in enumerate(lines) if line.startswith("$ ")), default=-1)
    command = lines[at][2:] if at >= 0 else section
    return Extract(command, "\n".join(lines[at + 1 :][-LAST_LINES:]))
