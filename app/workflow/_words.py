"""Splits a command's line into words: blanks, quotation marks of all shapes, KEY=VALUE, and ` -- reason`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_MARKS = ('"“”„‟«»＂', "'‘’‚‛＇")
_DASHES = ("--", "—", "–", "―", "−−")
_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")


class Unclosed(ValueError):
    """A quotation mark has no fellow."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word without its quotation marks. `key` and `value` are set when it was KEY=VALUE with the key unquoted."""

    text: str
    key: str = ""
    value: str = ""


def split(line: str, skipped: int) -> tuple[list[Word], str]:
    """The words of `line` after the first `skipped` ones, and the reason that follows a free-standing `--` (or long dash).

    Quotation marks count at the start of a word and behind `KEY=`. Raises Unclosed.
    """
    words: list[Word] = []
    rest = (line.split(maxsplit=skipped) + [""] * (skipped + 1))[skipped]
    while rest:
        head = rest.split(maxsplit=1)[0]
        if head in _DASHES:
            return words, rest[len(head) :].strip()
        word, end = _first(rest)
        words.append(word)
        rest = rest[end:].lstrip()
    return words, ""


def _first(rest: str) -> tuple[Word, int]:
    """The first word of `rest`, which begins with no blank, and where it ends."""
    assigned = _KEY.match(rest)
    start = assigned.end() if assigned else 0
    marks = next((marks for marks in _MARKS if rest[start : start + 1] and rest[start] in marks), "")
    if marks:
        closing = next((at for at in range(start + 1, len(rest)) if rest[at] in marks), None)
        if closing is None:
            raise Unclosed
        inner, end = rest[start + 1 : closing], closing + 1
    else:
        end = next((at for at in range(start, len(rest)) if rest[at].isspace()), len(rest))
        inner = rest[start:end]
    if assigned:
        return Word(f"{assigned[1]}={inner}", assigned[1], inner), end
    return Word(unicodedata.normalize("NFKC", inner)), end
