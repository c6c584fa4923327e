"""What happens in a simulation, as it is typed or written in a file: `push app`, `end test failed`, `approve deploy by=alice`.

In a file each item of a YAML list, or each line, is such a text, or the same as a map: `{push: app, branch: topic}`.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

OPTIONS = frozenset({"by", "branch", "message", "lane", "fork"})
"""Words of the form KEY=VALUE with these keys say how a thing happens; all others are values that it brings."""


class BadStep(ValueError):
    """A step that cannot be: the text says why, and what can."""


@dataclass(frozen=True, slots=True)
class Step:
    """`words` stand behind the verb; `options` are the pairs of `OPTIONS`, `values` the others."""

    verb: str
    words: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)

    def word(self, index: int, default: str = "") -> str:
        return self.words[index] if index < len(self.words) else default

    def __str__(self) -> str:
        pairs = (*self.options.items(), *self.values.items())
        return " ".join((self.verb, *map(shlex.quote, self.words), *(f"{key}={shlex.quote(value)}" for key, value in pairs)))


def typed(line: str) -> Step:
    """One line. Raises BadStep."""
    try:
        if line.lstrip().startswith("{"):
            return _from_map(json.loads(line))
        verb, *rest = shlex.split(line)
    except ValueError as problem:
        raise BadStep(f"`{line.strip()}` cannot be read: {problem}") from None
    return _step(verb, [word for word in rest if "=" not in word], dict(word.split("=", 1) for word in rest if "=" in word))


def written(text: str) -> tuple[Step, ...]:
    """A file. Raises BadStep with the number of the item."""
    return tuple(_numbered(number, item) for number, item in enumerate(_items(text), 1))


def _items(text: str) -> Iterator[Any]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = None  # lines of JSON, or typed ones, are often no YAML
    if isinstance(found, list):
        yield from found
    else:
        yield from (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def _numbered(number: int, item: Any) -> Step:
    try:
        return _from_map(item) if isinstance(item, dict) else typed(str(item))
    except BadStep as problem:
        raise BadStep(f"event {number}: {problem}") from None


def _from_map(item: Mapping[str, Any]) -> Step:
    """The first key is the verb; its value is a word or a list of them. `values` and `outputs` (OUT -> its keys) hold pairs."""
    (verb, subject), *others = item.items()
    pairs: dict[str, Any] = {}
    for key, value in others:
        if key == "outputs" and isinstance(value, dict):
            pairs |= {f"{name}.{inner}": each for name, keys in value.items() for inner, each in dict(keys or {}).items()}
        elif key == "values" and isinstance(value, dict):
            pairs |= value
        elif key in OPTIONS:
            pairs[key] = value
        else:
            raise BadStep(f"`{key}` says nothing about what happens; known are values, outputs, {', '.join(sorted(OPTIONS))}")
    words = subject if isinstance(subject, list) else [] if subject is None else [subject]
    return _step(str(verb), words, pairs)


def _step(verb: str, words: list[Any], pairs: Mapping[str, Any]) -> Step:
    texts = {str(key): str(value).lower() if isinstance(value, bool) else str(value) for key, value in pairs.items()}
    options = {key: value for key, value in texts.items() if key in OPTIONS}
    return Step(verb, tuple(map(str, words)), options, {key: value for key, value in texts.items() if key not in OPTIONS})
