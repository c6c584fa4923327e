"""A YAML document as frozen nodes that remember their places and the source text of every scalar."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from app.workflow.definition import Json, Place

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as written. `plain`: without quotes, so that it may mean a number, a truth value or null."""

    text: str
    plain: bool
    place: Place

    @property
    def null(self) -> bool:
        return self.plain and self.text in _NULLS


@dataclass(frozen=True, slots=True)
class List:
    """`weight` counts the nodes in it after aliases are expanded, `height` its levels."""

    items: tuple[Node, ...]
    place: Place
    weight: int = field(default=1, compare=False)
    height: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Entry:
    key: str
    place: Place
    value: Node


@dataclass(frozen=True, slots=True)
class Map:
    """Keys are unique and in the order of the file; those of merge keys (`<<`) stand where the merge key stood."""

    entries: tuple[Entry, ...]
    place: Place
    weight: int = field(default=1, compare=False)
    height: int = field(default=1, compare=False)

    def entry(self, key: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.key == key), None)

    def get(self, key: str) -> Node | None:
        entry = self.entry(key)
        return entry.value if entry else None


Node: TypeAlias = Scalar | List | Map


def json_of(node: Node) -> Json:
    """The node as a JSON value.

    A number that would be printed in another way than it was written (`.25`, `0.10`, `0777`, `1e3`) stays text, as do
    `yes`, `no`, `on` and `off` (data/workflow-facts.md, facts 1 and 10).
    """
    match node:
        case List():
            return [json_of(item) for item in node.items]
        case Map():
            return {entry.key: json_of(entry.value) for entry in node.entries}
        case Scalar():
            return _plain_value(node.text) if node.plain else node.text


def _plain_value(text: str) -> Json:
    if text in _NULLS:
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) and repr(float(text)) == text:
        return float(text)
    return text


def described(node: Node) -> str:
    """What a user would call this node: `a list`, `a map`, `null` or the value itself, shortened."""
    match node:
        case List():
            return "a list"
        case Map():
            return "a map"
        case Scalar():
            return "nothing" if node.null else f"`{shortened(node.text)}`"


def shortened(text: str, most: int = 60) -> str:
    """The first line of `text`, at most `most` characters of it."""
    line = text.split("\n", 1)[0].strip()
    return line if len(line) <= most and line == text.strip() else f"{line[: most - 1]}…"
