"""What is typed: lines to suggest, and numbers in hexadecimal."""

from __future__ import annotations

import re

from app.commands import Scene


def line_of(scene: Scene, verb: str, *words: str) -> str:
    """A line that can be typed as it stands: words with blanks or quotation marks in quotation marks."""
    quoted = (_quoted(word) if re.search(r"[\s\"'=]|^--$", word) else word for word in words)
    return " ".join((scene.prefix, verb, *quoted))


def _quoted(word: str) -> str:
    return f"'{word}'" if '"' in word else f'"{word}"'


def hexadecimal(text: str, least: int) -> bool:
    return re.fullmatch(rf"[0-9a-f]{{{least},64}}", text, re.IGNORECASE) is not None
