"""Reading the version axes and `matrix` (spec/ci-integrations-deploy.md sections 1.2 and 1.6)."""

from __future__ import annotations

from app.workflow._keys import Findings, Keys, nearest
from app.workflow._nodes import List, Map, Node, described
from app.workflow.ci.configuration import Match
from app.workflow.ci.env import read_entries
from app.workflow.ci.language import AXES, LANGUAGES


def read_language(keys: Keys) -> str:
    """The language; a missing or unknown one counts as `none`, with a warning (section 1.11)."""
    node = keys.take("language")
    if node is None:
        keys.findings.warning(keys.place("language"), "`language` is not given: it counts as `none`, so that nothing is run by default")
        return "none"
    name = keys.text("language") or "none"
    if name.lower() in LANGUAGES:
        return name.lower()
    sentence = f"`{name}` is no language that CI knows, which are {', '.join(LANGUAGES)}: it counts as `none`"
    keys.findings.warning(node.place, sentence, nearest(name, LANGUAGES))
    return "none"


def read_versions(keys: Keys, language: str) -> dict[str, tuple[str, ...]]:
    """The values of the language's axes; those of other languages make no cells, and are warned of."""
    found = {}
    for axis in (*LANGUAGES[language].axes, *AXES):
        if axis in found:
            continue
        values = keys.texts(axis)
        if values and axis in LANGUAGES[language].axes:
            found[axis] = values
        elif values:
            keys.findings.warning(keys.place(axis), f"`{axis}` makes no cells when `language` is {language}: it is ignored")
    return found


def read_matches(keys: Keys, key: str) -> tuple[Match, ...]:
    """The items of `include`, `exclude` or `allow_failures`."""
    node = keys.take(key)
    items = node.items if isinstance(node, List) else (node,) if node is not None else ()
    return tuple(match for item in items if (match := _match(item, key, keys.findings)))


def _match(item: Node, key: str, findings: Findings) -> Match | None:
    if not isinstance(item, Map) or not item.entries:
        findings.error(item.place, f"each item of `matrix.{key}` is a map of values by axis, not {described(item)}")
        return None
    keys = Keys(item, f"`matrix.{key}`", findings)
    axes = tuple((axis, value) for axis in AXES if (value := keys.text(axis)) is not None)
    env = keys.take("env")
    match = Match(axes, read_entries(env, findings) if env is not None else None, keys.text("nodePool"))
    keys.close("it matches nothing and sets nothing")
    return match
