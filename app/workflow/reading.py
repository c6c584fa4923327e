"""Reads one YAML file into nodes that know their places. It never raises: what is wrong comes back as problems.

Bounded in size, depth and in nodes after aliases are expanded, so a hostile file costs no more than a long one. PyYAML's parser
(libyaml's when it is built in: it also accepts trailing tabs, data/workflow-facts.md, fact 2) makes events; the nodes are built
here, because PyYAML's own composer recurses, keeps the last of duplicate keys and loses the source text of numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

import yaml

from app.workflow._composer import Composer, Flaw
from app.workflow._nodes import Node
from app.workflow._recovery import rest
from app.workflow._yaml_sentences import mark_of, sentence_for
from app.workflow.definition import Place, Problem, Severity

MOST_BYTES = 512 * 1024
MOST_PROBLEMS = 50
"""Problems of one file's YAML that are told."""
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read. `root` is None when the file is empty or has problems; `anchors` are those it defines."""

    root: Node | None = None
    anchors: Mapping[str, Node] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def broken(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def read(file: str, content: bytes, anchors: Mapping[str, Node] | None = None, *, partial: bool = False) -> Document:
    """Reads `content` of `file`. `anchors` of a templates file may be used as if that file stood in front.

    `partial`: not everything that stands in front is there, so that an unknown alias is only warned of.
    """
    composer = Composer(file, anchors or {}, partial=partial)
    try:
        text = _text(file, content)
    except Flaw as flaw:
        return Document(problems=(flaw.problem,))
    problems = _compose(composer, text)
    if problems is None:
        return Document(composer.root, composer.anchors, tuple(composer.problems))
    return Document(problems=tuple(sorted((*problems, *_further(text, composer)), key=lambda each: each.place))[:MOST_PROBLEMS])


def _compose(composer: Composer, text: str) -> list[Problem] | None:
    """The problems that leave no document; None when there is one."""
    try:
        for event in _events(text):
            composer.take(event)
    except Flaw as flaw:
        return [*composer.problems, flaw.problem]
    except yaml.MarkedYAMLError as problem:
        mark = mark_of(problem)
        composer.break_off(mark.line if mark else 0)
        sentence = sentence_for(problem, _line(text, mark.line) if mark else "", composer.position)
        return [*composer.problems, composer.problem(sentence, mark)]
    except yaml.YAMLError as problem:
        return [*composer.problems, composer.problem(f"this is not YAML: {problem}")]
    return list(composer.problems) if any(each.severity is Severity.ERROR for each in composer.problems) else None


def _further(text: str, composer: Composer) -> list[Problem]:
    """What else is wrong after the syntax error that ended the reading, as far as it can be told: each time from where the next
    definition begins. Aliases are not judged, because what they name may stand in what was passed over."""
    found: list[Problem] = []
    anchors = dict(composer.imported)
    while composer.broken_at is not None and len(found) < MOST_PROBLEMS:
        anchors |= composer.anchors
        left = rest(text, composer.broken_at, composer.section, composer.column)
        if left is None:
            break
        composer = Composer(composer.file, anchors, left.first, partial=True)
        found += (each for each in _compose(composer, left.text) or () if each.severity is Severity.ERROR)
    return found


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


def _line(text: str, number: int) -> str:
    """Line `number` (from 0)."""
    return next(islice(text.split("\n"), number, None), "")


def _events(text: str) -> Iterator[yaml.Event]:
    loader = _Loader(text)
    try:
        while (event := loader.get_event()) is not None:
            yield event
    finally:
        loader.dispose()
