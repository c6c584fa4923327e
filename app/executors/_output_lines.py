"""Reads the file of `$GATELINE_OUTPUT`: `KEY=VALUE` lines, and values of several lines between `KEY<<WORD` and `WORD`."""

from __future__ import annotations

import re

_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)(=|<<)(.*)", re.DOTALL)
_SHOWN = 40


class Unended(ValueError):
    """A value of several lines has no end: the text is the sentence that says so."""


def read_lines(text: str) -> tuple[list[tuple[str, str]], list[str]]:
    """The pairs in order, values as they stand, and a sentence for each line that is none. Raises Unended."""
    pairs: list[tuple[str, str]] = []
    wrong: list[str] = []
    lines = enumerate(text.replace("\r\n", "\n").split("\n"), 1)
    for number, line in lines:
        found = _LINE.fullmatch(line)
        if found is None:
            wrong += [f"line {number} is neither KEY=VALUE nor KEY<<WORD, and is ignored: {line[:_SHOWN]}"] if line.strip() else []
        elif found[2] == "=":
            pairs.append((found[1], found[3]))
        else:
            pairs.append((found[1], _until(found[3], lines, number)))
    return pairs, wrong


def _until(word: str, lines: enumerate[str], start: int) -> str:
    """The lines before the one that is `word`."""
    held: list[str] = []
    for _, line in lines:
        if line == word:
            return "\n".join(held)
        held.append(line)
    raise Unended(f"no line after line {start} ends it with {word[:_SHOWN] or 'an empty line'}")
