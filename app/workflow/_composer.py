"""Builds nodes from YAML events without recursion: anchors, merge keys, duplicate keys, bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import yaml

from app.workflow._keys import nearest
from app.workflow._nodes import Entry, List, Map, Node, Scalar, shortened
from app.workflow.definition import Place, Problem, Severity

OPERATIONS = ("IN", "OUT", "TASK")
"""What a step can be."""
MOST_DEPTH = 60
MOST_NODES = 100_000
_MERGE = "<<"
_TEXT_TAG = "tag:yaml.org,2002:str"
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null", "seq", "map")) | {"!"}


class Mark(Protocol):
    """A place in the text, from 0; libyaml's and PyYAML's own."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class Flaw(Exception):
    """The file cannot be read on: where and why. Never leaves `reading.read`."""

    def __init__(self, place: Place, sentence: str) -> None:
        super().__init__(sentence)
        self.problem = Problem(place, Severity.ERROR, sentence)


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not come yet. `key` is the map's key that waits for its value."""

    place: Place
    anchor: str | None
    mapping: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    merged: dict[str, Entry] = field(default_factory=dict)
    key: Scalar | None = None
    weight: int = 1
    height: int = 1

    @property
    def awaits_key(self) -> bool:
        return self.mapping and self.key is None


class Composer:
    """Takes the events of one file in order. Afterwards `root`, `anchors`, and `problems` that did not stop the reading.

    `first` is the line of the file (from 0) at which the text begins. `partial`: an unknown alias is a warning. `broken_at` is the
    line of a syntax error.
    """

    def __init__(self, file: str, anchors: Mapping[str, Node], first: int = 0, *, partial: bool = False) -> None:
        self.root: Node | None = None
        self.anchors: dict[str, Node] = {}
        self.problems: list[Problem] = []
        self.file = file
        self.imported = anchors
        self.broken_at: int | None = None
        self._first = first
        self._partial = partial
        self._stack: list[_Open] = []
        self._nodes = 0

    def take(self, event: yaml.Event) -> None:
        """Raises Flaw when the file cannot be read on."""
        match event:
            case yaml.ScalarEvent():
                scalar = self._scalar(event)
                self._add(scalar, event.anchor, scalar.place)
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._open(event)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._close()

    @property
    def section(self) -> str:
        """The key of the section that is open, "" outside of any."""
        key = self._stack[0].key if len(self._stack) > 1 and not self._stack[1].mapping else None
        return key.text if key else ""

    @property
    def column(self) -> int:
        """Where the items of the open section begin, from 0."""
        return self._stack[1].place.column - 1 if self.section else 0

    @property
    def position(self) -> str:
        """Where in a workflow file the reading is: ` in job `deploy`, step 3 (IN app)`, or nothing when that cannot be told."""
        if len(self._stack) < 3 or self._stack[0].key is None:
            return ""
        definition = self._stack[2]
        name = definition.entries.get("name")
        text = name.value.text if name and isinstance(name.value, Scalar) else f"number {len(self._stack[1].items) + 1}"
        steps = definition.key is not None and definition.key.text == "steps" and len(self._stack) > 3
        step = f", step {len(self._stack[3].items) + 1}{self._operation()}" if steps else ""
        return f" in {self._stack[0].key.text.lower().removesuffix('s')} `{shortened(text)}`{step}"

    def _operation(self) -> str:
        """` (IN app)` of the step that is open."""
        if len(self._stack) < 5:
            return ""
        step = self._stack[4]
        for operation in OPERATIONS:
            entry = step.entries.get(operation)
            if entry is not None and isinstance(entry.value, Scalar):
                return f" ({operation} {shortened(entry.value.text, 30)})"
            if entry is not None or (step.key is not None and step.key.text == operation):
                return f" ({operation})"
        return ""

    def break_off(self, line: int) -> None:
        """Notes that the text cannot be read beyond `line` of it (from 0)."""
        self.broken_at = self._first + line

    def problem(self, sentence: str, mark: Mark | None = None) -> Problem:
        """An error at `mark`."""
        return Problem(self._at(mark), Severity.ERROR, sentence)

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        plain = event.style in (None, "") and event.tag != _TEXT_TAG
        self._check_tag(event)
        return Scalar(event.value, plain, self._place(event))

    def _check_tag(self, event: yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent) -> None:
        if event.tag is not None and event.tag != _TEXT_TAG and event.tag not in _PLAIN_TAGS:
            sentence = f"the YAML tag `{shortened(event.tag)}` has no meaning here{self.position}; remove it, or quote the value"
            self.problems.append(self.problem(sentence, event.start_mark))

    def _open(self, event: yaml.SequenceStartEvent | yaml.MappingStartEvent) -> None:
        self._check_tag(event)
        place = self._place(event)
        self._check_key(place)
        if len(self._stack) >= MOST_DEPTH:
            raise Flaw(place, f"the file is nested more than {MOST_DEPTH} levels deep")
        self._stack.append(_Open(place, event.anchor, isinstance(event, yaml.MappingStartEvent)))

    def _close(self) -> None:
        done = self._stack.pop()
        if done.mapping:
            entries = {**{key: entry for key, entry in done.merged.items() if key not in done.entries}, **done.entries}
            self._add(Map(tuple(entries.values()), done.place, done.weight, done.height), done.anchor, done.place)
        else:
            self._add(List(tuple(done.items), done.place, done.weight, done.height), done.anchor, done.place)

    def _alias(self, event: yaml.AliasEvent) -> None:
        name = event.anchor or ""
        node = self.anchors.get(name) or self.imported.get(name)
        if node is None:
            self.problems.append(self._unknown(name, event))
            node = self._stand_in(name, self._place(event))
        self._add(node, None, self._place(event))

    def _stand_in(self, name: str, place: Place) -> Node:
        """What stands for an unknown alias, so that nothing else is said of it. As a script line it fails: it must never pass for one."""
        key = self._stack[-1].key if self._stack else None
        merging = key is not None and key.plain and key.text == _MERGE
        return Map((), place) if merging else Scalar(f"echo 'the alias *{name} is not known here' >&2; exit 1", False, place)

    def _unknown(self, name: str, event: yaml.AliasEvent) -> Problem:
        sentence = f"the alias `*{name}`{self.position} means nothing: "
        if any(each.anchor == name for each in self._stack):
            return self.problem(f"{sentence}it stands inside its own anchor", event.start_mark)
        guess = nearest(name, (*self.anchors, *self.imported))
        if self._partial:
            sentence = f"the alias `*{name}`{self.position} is defined in nothing that was read; a text that was not read may define it"
            return Problem(self._place(event), Severity.WARNING, sentence, nearest=guess)
        sentence += f"no `&{name}` stands above it, neither in this file nor in shippable.templates.yml at the root"
        return Problem(self._place(event), Severity.ERROR, sentence, nearest=guess)

    def _add(self, node: Node, anchor: str | None, place: Place) -> None:
        """`place` is where the node is used; an alias's node has its own place at the anchor."""
        weight, height = (1, 1) if isinstance(node, Scalar) else (node.weight, node.height)
        self._count(weight, height, place)
        if anchor is not None:
            self.anchors[anchor] = node
        if not self._stack:
            self._finish(node, place)
            return
        top = self._stack[-1]
        if top.awaits_key:
            self._check_key(place, node)
            top.key = node if isinstance(node, Scalar) else None
            return
        top.weight += weight
        top.height = max(top.height, height + 1)
        if top.mapping:
            self._put(top, node)
        else:
            top.items.append(node)

    def _count(self, weight: int, height: int, place: Place) -> None:
        self._nodes += weight
        if self._nodes > MOST_NODES:
            raise Flaw(place, f"the file has more than {MOST_NODES} values once its aliases are expanded")
        if len(self._stack) + height > MOST_DEPTH + 1:
            raise Flaw(place, f"the file is nested more than {MOST_DEPTH} levels deep once its aliases are expanded")

    def _check_key(self, place: Place, node: Node | None = None) -> None:
        if self._stack and self._stack[-1].awaits_key and not isinstance(node, Scalar):
            raise Flaw(place, f"a list or map cannot be a key{self.position}; quote it if text is meant")

    def _put(self, top: _Open, value: Node) -> None:
        key, top.key = top.key, None
        assert key is not None  # noqa: S101 - for the type checker: awaits_key was false
        if key.plain and key.text == _MERGE:
            self._merge(top, value)
            return
        if before := top.entries.get(key.text):
            sentence = f"the key `{shortened(key.text)}` stands twice{self.position}; first at {before.place}. Remove one of them"
            self.problems.append(Problem(key.place, Severity.ERROR, sentence))
            return
        top.entries[key.text] = Entry(key.text, key.place, value)

    def _merge(self, top: _Open, value: Node) -> None:
        for source in value.items if isinstance(value, List) else (value,):
            if not isinstance(source, Map):
                self.problems.append(Problem(value.place, Severity.ERROR, f"`<<` takes a map, or a list of maps{self.position}"))
                continue
            for entry in source.entries:
                top.merged.setdefault(entry.key, entry)

    def _finish(self, node: Node, place: Place) -> None:
        empty = isinstance(node, Scalar) and node.null
        if self.root is not None and not empty:
            raise Flaw(place, "a second YAML document starts here; a workflow file holds one: remove the `---` line")
        if not empty:
            self.root = node

    def _place(self, event: yaml.Event) -> Place:
        return self._at(event.start_mark)

    def _at(self, mark: Mark | None) -> Place:
        return Place(self.file, self._first + mark.line + 1, mark.column + 1) if mark else Place(self.file)
