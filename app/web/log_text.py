"""A run's log as pages show it: consecutive chunks of one section together, terminal colours left out. It was masked when written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.store import Chunk, Store

CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Terminal sequences, and control characters but tab, line feed and carriage return."""

MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)\.\d{3}Z ", re.MULTILINE)
"""When a line was written; pages show the time of day, the plain text all of it."""

MOST_SHOWN = 512 * 1024
"""Characters of log on a page; beyond it the oldest are left out, and the page says where the whole log is."""


@dataclass(frozen=True, slots=True)
class Section:
    """One step's output in a row. `text` is many lines."""

    name: str
    text: str


def chunks(store: Store, run_id: int, after: int = 0) -> Iterator[Chunk]:
    """All chunks there are now whose number is greater than `after`."""
    return all_chunks(lambda last: store.read_log(run_id, last), after)


def all_chunks(read: Callable[[int], Sequence[Chunk]], after: int = 0) -> Iterator[Chunk]:
    """All that `read`, which is given the number of the last chunk there is, has to give."""
    while batch := read(after):
        yield from batch
        after = batch[-1].number


def readable(text: str) -> str:
    return MOMENT.sub(r"\1 ", CONTROL.sub("", text))


def sections(found: Iterable[Chunk]) -> tuple[Section, ...]:
    """Chunks as sections, in order."""
    grouped = groupby(found, key=lambda chunk: chunk.section)
    return tuple(Section(name, readable("".join(chunk.text for chunk in each))) for name, each in grouped)


def newest(found: tuple[Section, ...], most: int = MOST_SHOWN) -> tuple[tuple[Section, ...], bool]:
    """The last sections that fit, the first of them cut at a line, and whether something was left out."""
    kept: list[Section] = []
    for section in reversed(found):
        if len(section.text) > most:
            tail = _last_lines(section.text, most)
            return tuple(reversed([*kept, Section(section.name, tail)] if tail else kept)), True
        kept.append(section)
        most -= len(section.text)
    return tuple(reversed(kept)), False


def _last_lines(text: str, most: int) -> str:
    """The end of `text` from the first line that starts within its last `most` characters."""
    end_of_line = text.find("\n", len(text) - most - 1)
    return text[end_of_line + 1 :] if end_of_line >= 0 else ""
