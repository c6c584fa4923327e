"""Script lines: text, lists of text nested to any depth, and the old `- script:` items (spec/workflow-language.md section 3.2)."""

from __future__ import annotations

from app.workflow._keys import Findings, Keys
from app.workflow._nodes import List, Map, Node, Scalar, described, json_of, shortened
from app.workflow.definition import Json, Notice


def lines(node: Node, findings: Findings) -> tuple[str, ...]:
    """The lines of a `script` value. Aliased templates are lists in the list, hence flattened; empty items are passed over."""
    match node:
        case Scalar():
            return (node.text,) if not node.null else ()
        case List():
            return tuple(line for item in node.items for line in lines(item, findings))
        case Map():
            findings.error(node.place, f"a script line must be text, not a map with the key `{_first_key(node)}`: {_QUOTE}")
            return ()


def item_lines(items: List, findings: Findings, notices: list[Notice] | None = None) -> tuple[str, ...]:
    """The lines of an old-style list: `{script: line}` items, plain text (section 10 #28) and lists of either.

    `NOTIFY` items go to `notices` where the list is that of a hook.
    """
    found: list[str] = []
    for item in items.items:
        if isinstance(item, List):
            found += item_lines(item, findings, notices)
        elif isinstance(item, Map):
            found += _item(item, findings, notices)
        else:
            found += lines(item, findings)
    return tuple(found)


def _item(item: Map, findings: Findings, notices: list[Notice] | None) -> tuple[str, ...]:
    keys = Keys(item, "a list item here", findings)
    script = keys.take("script")
    notify = keys.take("NOTIFY") if notices is not None else None
    if script is None and notify is None and item.entry("script") is None and item.entry("NOTIFY") is None:
        wanted = "`script:` or `NOTIFY:`" if notices is not None else "`script:`"
        findings.error(item.place, f"a list item here is text or has {wanted}, not `{_first_key(item)}`: {_QUOTE}")
        return ()
    if notify is not None and notices is not None:
        notices += read_notices(notify, findings)
    keys.close()
    return lines(script, findings) if script is not None else ()


def read_notices(node: Node, findings: Findings) -> list[Notice]:
    """The forms of `NOTIFY` (section 8.2): a name, a map with `name` and provider options, or a list of either."""
    match node:
        case List():
            return [notice for item in node.items for notice in read_notices(item, findings)]
        case Map():
            name = Keys(node, "a NOTIFY", findings).text("name")
            if name is None:
                findings.error(node.place, "a `NOTIFY` map needs `name`, the notification resource to tell")
                return []
            options: dict[str, Json] = {entry.key: json_of(entry.value) for entry in node.entries if entry.key != "name"}
            return [Notice(name, options)]
        case Scalar():
            if node.null:
                findings.error(node.place, f"`NOTIFY` must name a notification resource, not {described(node)}")
                return []
            return [Notice(node.text)]


def _first_key(node: Map) -> str:
    return shortened(node.entries[0].key, 30) if node.entries else ""


_QUOTE = "YAML reads `word: ` as a key; put the whole line in quotes if it is a command"
