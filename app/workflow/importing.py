"""Several workflow files of the original as one `gateline.yml`, line by line: comments, order, anchors and the spelling of values stay.

Nothing is dumped anew. Each top-level key of a file is a block of lines; blocks of `resources`, `jobs` and `triggers` are put one below the
other, and blocks that other lines refer to by an alias are kept in front.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from app.workflow.files import TEMPLATES, is_triggers_file

SECTIONS = ("resources", "jobs", "triggers")
INDENT = 2
"""Blanks in front of an item of a section."""


class NotMergeable(ValueError):
    """A file that cannot be taken apart by lines: the text says which and why."""


_Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


@dataclass(frozen=True, slots=True)
class Block:
    """One top-level key of `file` with its lines, comments above it among them. `head`: the line of the key, -1 for a file that is a bare
    list. `anchors`: whether something in it is named for aliases."""

    file: str
    key: str
    lines: tuple[str, ...]
    head: int
    anchors: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A top-level key and its 0-based line."""

    name: str
    line: int


def merged(files: Mapping[str, bytes]) -> str:
    """`files`: path -> content, all readable. Raises NotMergeable."""
    blocks = [block for path in sorted(files, key=lambda path: (path not in TEMPLATES, path)) for block in _blocks(path, files[path])]
    held = [block for block in blocks if not _section(block) and (block.anchors or block.file in TEMPLATES)]
    parts = list(_holders(held))
    for section in SECTIONS:
        inner = [block for block in blocks if _section(block) == section]
        lines = [line for block in inner for line in _items(block)]
        if lines:
            parts.append("\n".join([f"{section}:", *lines]))
    return "\n\n".join(parts) + "\n"


def _section(block: Block) -> str:
    """Which section it is part of, "" for none."""
    if block.file in TEMPLATES:
        return ""
    return "triggers" if block.head < 0 and is_triggers_file(block.file) else block.key if block.key in SECTIONS else ""


@dataclass(frozen=True, slots=True)
class Rest:
    """What a file keeps: its CI `keys`, which are read where they are, and its `text` without the sections."""

    keys: tuple[str, ...]
    text: str


def left_behind(files: Mapping[str, bytes]) -> dict[str, Rest]:
    """The files that have to stay, by path. Raises NotMergeable."""
    found = {}
    for path, content in files.items():
        kept = [block for block in _blocks(path, content) if not _section(block)]
        keys = tuple(block.key for block in kept if not block.anchors)
        if keys and path not in TEMPLATES:
            found[path] = Rest(keys, "\n".join(line for block in kept for line in block.lines) + "\n")
    return found


def _blocks(path: str, content: bytes) -> Iterator[Block]:
    lines = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    keys, anchored = _outline(path, content)
    if not keys:
        return
    starts = [0, *(_above(lines, key.line) for key in keys[1:])]
    for key, start, end in zip(keys, starts, [*starts[1:], len(lines)], strict=True):
        kept = [(number, lines[number]) for number in range(start, end) if lines[number].rstrip() not in ("---", "...")]
        head = next((index for index, (number, _) in enumerate(kept) if number == key.line), 0)
        texts = [line for _, line in kept]
        while len(texts) > head + 1 and not texts[-1].strip():
            texts.pop()
        yield Block(path, key.name, tuple(texts), -1 if key.name == "" else head, any(key.line <= line < end for line in anchored))


def _outline(path: str, content: bytes) -> tuple[list[Key], list[int]]:
    """The top-level keys, and the lines at which something gets an anchor. A bare list of triggers has one key, without a name."""
    keys: list[Key] = []
    anchored: list[int] = []
    depth, expected = 0, True
    for event in yaml.parse(content.decode("utf-8-sig"), Loader=_Loader):
        line = event.start_mark.line if event.start_mark else 0
        if getattr(event, "anchor", None) and not isinstance(event, yaml.AliasEvent):
            anchored.append(line)
        if isinstance(event, yaml.CollectionStartEvent):
            if depth == 0 and isinstance(event, yaml.SequenceStartEvent):
                return [Key("", line)], anchored
            if depth == 0 and event.flow_style:
                raise NotMergeable(f"{path} is written in braces: write its keys one below the other first")
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            expected = expected or depth == 1
        elif depth == 1 and expected and isinstance(event, yaml.ScalarEvent):
            keys.append(Key(event.value, line))
            expected = False
        elif depth == 1 and isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
            expected = True
    return keys, anchored


def _above(lines: list[str], line: int) -> int:
    """Where what belongs to a key begins: with the comments that stand right above it, at the margin."""
    while line > 0 and (lines[line - 1].startswith("#") or not lines[line - 1].strip()):
        line -= 1
    return line


def _holders(blocks: list[Block]) -> Iterator[str]:
    """Blocks whose anchors are used elsewhere, as they are; of two with one key the later gets another."""
    seen: dict[str, int] = {}
    for block in blocks:
        seen[block.key] = seen.get(block.key, 0) + 1
        lines = list(block.lines)
        if seen[block.key] > 1:
            lines[block.head] = lines[block.head].replace(block.key, f"{block.key}-{seen[block.key]}", 1)
        yield "\n".join(lines).strip("\n")


def _items(block: Block) -> Iterator[str]:
    """The items of a section with the comments around them, the dashes at one depth in all files."""
    before, body = block.lines[: max(block.head, 0)], block.lines[block.head + 1 :]
    rest = "" if block.head < 0 else block.lines[block.head].partition(":")[2].partition(" #")[0].strip()
    if rest not in ("", "~", "null"):
        raise NotMergeable(f"`{block.key}` of {block.file} does not have its items on the lines below it")
    yield f"{' ' * INDENT}# {block.file}"
    yield from (f"{' ' * INDENT}{line}" if line.strip() else "" for line in before if line.strip())
    depth = next((len(line) - len(line.lstrip(" ")) for line in body if line.lstrip().startswith("-")), INDENT)
    yield from (_shifted(line, INDENT - depth) for line in body)


def _shifted(line: str, by: int) -> str:
    if by >= 0:
        return f"{' ' * by}{line}" if line else line
    blanks = len(line) - len(line.lstrip(" "))
    return line[min(-by, blanks) :]
