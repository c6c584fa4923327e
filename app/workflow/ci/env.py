"""The forms of `env` (spec/ci-integrations-deploy.md section 1.4), and how an entry becomes a line of shell.

The text of an entry is shell, as it was in the original: values may be quoted and may hold `$NAME` and `$(command)`, which the
cell's own shell evaluates. Nothing is evaluated here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.workflow._keys import Findings, Keys
from app.workflow._nodes import Entry as KeyEntry
from app.workflow._nodes import List, Map, Node, Scalar, described, shortened
from app.workflow.ci.configuration import Entry
from app.workflow.variables import is_name

_COMMAND = r"\$\((?:[^()]|\((?:[^()])*+\))*+\)"
_PIECE = rf"'[^']*+'|\"(?:\\.|{_COMMAND}|[^\"\\])*+\"|\\.|{_COMMAND}|`[^`]*+`|[^\s'\"\\`]"
_WORD = re.compile(rf"(?:{_PIECE})++", re.DOTALL)
_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./$-]*")


@dataclass(frozen=True, slots=True)
class Env:
    """`everywhere` is set in every cell; each of `cells` makes one."""

    everywhere: tuple[Entry, ...] = ()
    cells: tuple[Entry, ...] = ()


def read_env(node: Node | None, findings: Findings) -> Env:
    """The value of a top-level `env`: a list whose items are cells, or a map with `global` and `matrix`."""
    if isinstance(node, Map) and (node.entry("global") or node.entry("matrix")):
        keys = Keys(node, "`env`", findings)
        found = Env(read_entries(keys.take("global"), findings), read_entries(keys.take("matrix"), findings))
        keys.close()
        return found
    return Env(cells=read_entries(node, findings))


def read_entries(node: Node | None, findings: Findings) -> tuple[Entry, ...]:
    """Text, a map, or a list of either, lists in it flattened (aliased templates are lists)."""
    match node:
        case None:
            return ()
        case List():
            return tuple(entry for item in node.items for entry in read_entries(item, findings))
        case Map():
            return (_of_map(node, findings),)
        case Scalar():
            return () if node.null else (Entry(_checked(node, findings)),)


def joined(entries: tuple[Entry, ...]) -> Entry:
    """Several entries as one, in order: for comparing, and where they share a cell."""
    return Entry(" ".join(entry.text for entry in entries if entry.text), tuple(text for entry in entries for text in entry.secure))


def words(text: str) -> tuple[str, ...] | None:
    """The words of `text` as a shell splits them, quotes kept; None when a quote in it is never closed."""
    found, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        word = _WORD.match(text, at)
        if word is None or (word.end() < len(text) and not text[word.end()].isspace()):
            return None
        found.append(word[0])
        at = word.end()
    return tuple(found)


def _checked(node: Scalar, findings: Findings) -> str:
    text = " ".join(node.text.split("\n")).strip()
    found = words(text)
    if found is None:
        findings.error(node.place, f'a quote in `{shortened(text)}` is never closed: write NAME=value, or NAME="a value with blanks"')
    for word in found or ():
        name, equals, _ = word.partition("=")
        if not equals or not is_name(name):
            findings.error(node.place, f"`{shortened(word)}` in `env` is no assignment: write NAME=value, and quotes around blanks")
    return text


def _of_map(node: Map, findings: Findings) -> Entry:
    """`{secure: text}` or `{NAME: value, …}`; both may stand in one item."""
    secure = tuple(text for entry in node.entries if entry.key == "secure" for text in _ciphertexts(entry, findings))
    plain = (_assignment(entry, findings) for entry in node.entries if entry.key != "secure")
    return Entry(" ".join(text for text in plain if text), secure)


def _ciphertexts(entry: KeyEntry, findings: Findings) -> Iterator[str]:
    values = entry.value.items if isinstance(entry.value, List) else (entry.value,)
    for value in values:
        if isinstance(value, Scalar) and not value.null:
            yield "".join(value.text.split())
        else:
            findings.error(value.place, f"`secure` must be an encrypted text, not {described(value)}")


def _assignment(entry: KeyEntry, findings: Findings) -> str:
    if not is_name(entry.key) or not isinstance(entry.value, Scalar):
        findings.error(entry.place, f"`{shortened(entry.key)}` in `env` is no variable with a text: write NAME: value")
        return ""
    return f"{entry.key}={_quoted('' if entry.value.null else entry.value.text)}"


def _quoted(value: str) -> str:
    """A map's value as shell: `$NAME` in it still means the variable, everything else stands for itself."""
    if _SAFE.fullmatch(value):
        return value
    return '"' + re.sub(r'(["\\`])', r"\\\1", value) + '"'
