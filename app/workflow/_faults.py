"""What every definition has: a name, a type, and faults that its kind finds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from app.workflow._keys import Findings, Keys, nearest
from app.workflow._nodes import List, Map, Node, described, shortened
from app.workflow.definition import Place
from app.workflow.kinds import Fault

_NAME = re.compile(r"[A-Za-z0-9._-](?:[A-Za-z0-9._ -]*[A-Za-z0-9._-])?")
_MOST_NAME = 200


def name_of(node: Map) -> str:
    """The name of a definition, "" when it has none: before anything else is read, so that problems can say whose they are."""
    return Keys(node, "", Findings()).text("name") or ""


def check_name(keys: Keys) -> None:
    """Names are letters, digits, `.`, `_`, `-` and blanks (spec/workflow-language.md section 10 #11); they become folders and variables."""
    name = keys.text("name")
    if name is None:
        if not keys.findings.failed:
            keys.findings.error(keys.node.place, "a definition needs `name`")
        return
    if not _NAME.fullmatch(name) or not name.strip(".") or len(name) > _MOST_NAME:
        sentence = f"`{shortened(name)}` cannot be a name: use letters, digits, `.`, `_`, `-` and blanks between them, at most {_MOST_NAME}"
        keys.findings.error(keys.place("name"), sentence)


def type_of(keys: Keys, noun: str, kinds: Collection[str], language: Collection[str], elsewhere: Collection[str]) -> str | None:
    """The type of a definition when there is such a kind; otherwise None and an error.

    `noun` is job or resource, `language` the types that the language has, `elsewhere` those of the other noun.
    """
    if keys.take("type") is None:
        keys.findings.error(keys.place("type"), f"a {noun} needs `type`: one of {', '.join(sorted(kinds))}")
        return None
    name = keys.text("type")
    if name is None or name in kinds:
        return name
    place = keys.place("type")
    if name in elsewhere:
        other = "resources" if noun == "job" else "jobs"
        keys.findings.error(place, f"`{name}` is not a type of {noun}; move this definition to `{other}:`")
    elif name == "jenkinsJob":
        keys.findings.error(place, "`jenkinsJob` was removed from the language; use `externalCI`", "externalCI")
    elif name in language:
        sentence = f"`{name}` is a type of {noun} in the language, but this version of Gateline does not have it yet; it has "
        keys.findings.error(place, sentence + ", ".join(sorted(kinds)))
    else:
        sentence = f"`{shortened(name)}` is not a type of {noun}; the types are {', '.join(sorted(kinds))}"
        keys.findings.error(place, sentence, nearest(name, {*kinds, *language}))
    return None


def report_faults(faults: Iterable[Fault], node: Map, findings: Findings) -> None:
    for fault in faults:
        report = findings.warning if fault.warning else findings.error
        report(place_of(node, fault.path), fault.sentence)


def place_of(node: Map, path: str) -> Place:
    """The place of a key path such as `branches.only` in a definition; of what is nearest to it when it is not there.

    Content keys are looked for below `versionTemplate`, `pointer`, `seed` and `version` too.
    """
    steps = path.split(".") if path else []
    parts = (node.get(key) for key in ("versionTemplate", "pointer", "seed", "version"))
    for start in (node, *(part for part in parts if isinstance(part, Map))):
        if steps and start.get(steps[0]) is not None:
            return _follow(start, steps)
    return node.place


def _follow(start: Node, steps: list[str]) -> Place:
    place, node = start.place, start
    for step in steps:
        if isinstance(node, Map) and (entry := node.entry(step)):
            place, node = entry.place, entry.value
        elif isinstance(node, List) and step.isdecimal() and int(step) < len(node.items):
            node = node.items[int(step)]
            place = node.place
        else:
            break
    return place


def required_missing(keys: Iterable[str], found: Collection[str]) -> list[str]:
    return [key for key in keys if key not in found]


def not_a_map(node: Node, noun: str) -> str:
    return f"each item here is a {noun}, a map with `name` and `type`, not {described(node)}"
