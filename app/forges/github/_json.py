"""Typed reading of GitHub's JSON: every missing or odd member is named with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from app.errors import Permanent

JsonObject = Mapping[str, object]


class Malformed(Permanent):
    """A member that must be there is missing or of another type; the text names it and what was found.

    In an answer of the API that is a permanent failure; `hooks` makes it a BadPayload.
    """


@dataclass(frozen=True, slots=True)
class Node:
    """An object of JSON and `where` it stands in what was received, for error texts."""

    members: JsonObject
    where: str

    def has(self, key: str) -> bool:
        """Whether the member is there and not null."""
        return self.members.get(key) is not None

    def text(self, key: str, default: str | None = None) -> str:
        """A string; `default` for a missing or null one. Without NUL and lone surrogates, which no database stores."""
        value = self.members.get(key)
        if isinstance(value, str):
            return _storable(value)
        if value is None and default is not None:
            return default
        raise self._odd(key, "text")

    def number(self, key: str) -> int:
        value = self.members.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise self._odd(key, "a whole number")

    def flag(self, key: str) -> bool:
        """True only for JSON's true: missing is False."""
        return self.members.get(key) is True

    def node(self, key: str) -> Node:
        found = self.maybe(key)
        if found is None:
            raise self._odd(key, "an object")
        return found

    def maybe(self, key: str) -> Node | None:
        """An object, None for a missing or null one."""
        value = self.members.get(key)
        if value is None:
            return None
        if isinstance(value, Mapping):
            return Node(cast(JsonObject, value), f"{self.where}.{key}")
        raise self._odd(key, "an object")

    def nodes(self, key: str) -> Iterator[Node]:
        """The objects of a list; none for a missing or null one."""
        value = self.members.get(key)
        if value is None:
            return iter(())
        if isinstance(value, list):
            return nodes(value, f"{self.where}.{key}")
        raise self._odd(key, "a list")

    def _odd(self, key: str, wanted: str) -> Malformed:
        value = self.members.get(key)
        found = "missing" if key not in self.members else "null" if value is None else f"of type {type(value).__name__}"
        return Malformed(f"{self.where}.{key} must be {wanted} and is {found}")


def node(value: object, where: str) -> Node:
    """Raises Malformed when `value` is no object."""
    if isinstance(value, Mapping):
        return Node(cast(JsonObject, value), where)
    raise Malformed(f"{where} must be an object and is of type {type(value).__name__}")


def nodes(value: object, where: str) -> Iterator[Node]:
    """The objects of a list. Raises Malformed when `value` is no list of objects."""
    if not isinstance(value, list):
        raise Malformed(f"{where} must be a list and is of type {type(value).__name__}")
    return iter([node(item, f"{where}[{index}]") for index, item in enumerate(value)])


def _storable(text: str) -> str:
    if "\0" in text:
        text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text
