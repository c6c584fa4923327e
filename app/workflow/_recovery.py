"""After a syntax error: where the file can be read on, to find what else is wrong in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOP = re.compile(r"[A-Za-z_\"'][^\s#]*\s*:(\s|$)")


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a file, as a text of its own whose first line is line `first` (from 0) of the file."""

    text: str
    first: int


def rest(text: str, line: int, section: str, column: int) -> Rest | None:
    """What begins with the next definition or section after `line` (from 0); None when there is none.

    `section` is the key under which the error stood, "" for none; `column` (from 0) is where the items of its list begin. An item gets
    the key in front, so that it is read for what it is.
    """
    lines = text.split("\n")
    item = " " * column + "-"
    for number in range(line + 1, len(lines)):
        if _TOP.match(lines[number]):
            return Rest("\n".join(lines[number:]), number)
        if section and lines[number].startswith((f"{item} ", f"{item}\t")):
            return Rest("\n".join((f"{section}:", *lines[number:])), number - 1)
    return None
