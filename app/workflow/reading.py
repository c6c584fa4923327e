"""Reads one YAML file into nodes that know their places. It never raises: what is wrong comes back as problems.

Bounded in size, depth and in nodes after aliases are expanded, so a hostile file costs no more than a long one. PyYAML's parser
(libyaml's when it is built in: it also accepts trailing tabs, data/workflow-facts.md, fact 2) makes events; the nodes are built
here, because PyYAML's own composer recurses, keeps the last of duplicate keys and loses the source text of numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

from app.workflow._composer import Composer, Flaw
from app.workflow._nodes import Node
from app.workflow._yaml_sentences import sentence_for
from app.workflow.definition import Place, Problem, Severity

MOST_BYTES = 512 * 1024
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read. `root` is None when the file is empty or has problems; `anchors` are those it defines."""

    root: Node | None = None
    anchors: Mapping[str, Node] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read(file: str, content: bytes, anchors: Mapping[str, Node] | None = None) -> Document:
    """Reads `content` of `file`. `anchors` of a templates file may be used as if that file stood in front."""
    composer = Composer(file, anchors or {})
    try:
        for event in _events(_text(file, content)):
            composer.take(event)
    except Flaw as flaw:
        return Document(problems=(Problem(flaw.place, Severity.ERROR, flaw.sentence),))
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        sentence = sentence_for(problem, _line(content, place.line), composer.position)
        return Document(problems=(Problem(place, Severity.ERROR, sentence),))
    except yaml.YAMLError as problem:
        return Document(problems=(Problem(Place(file), Severity.ERROR, f"this is not YAML: {problem}"),))
    if composer.problems:
        return Document(problems=tuple(composer.problems))
    return Document(composer.root, composer.anchors)


def _text(file: str, content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise Flaw(Place(file), f"the file has {len(content)} bytes; at most {MOST_BYTES} are read: split it over several files")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Flaw(Place(file, 1, 1), "the file is UTF-16; save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        before = content[: problem.start].decode("utf-8-sig")
        raise Flaw(_place(file, before), f"byte 0x{content[problem.start]:02x} is not UTF-8; save the file as UTF-8") from None
    if found := _UNPRINTABLE.search(text):
        raise Flaw(_place(file, text[: found.start()]), f"the character U+{ord(found.group()):04X} may not stand in YAML; remove it")
    return text


def _place(file: str, before: str) -> Place:
    """The place of what follows `before`."""
    return Place(file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


def _line(content: bytes, number: int) -> str:
    lines = content.decode("utf-8-sig", "replace").split("\n")
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _events(text: str) -> Iterator[yaml.Event]:
    loader = _Loader(text)
    try:
        while (event := loader.get_event()) is not None:
            yield event
    finally:
        loader.dispose()
