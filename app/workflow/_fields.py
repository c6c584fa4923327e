"""Reading the keys that a kind of resource or job knows, by their `Field` specifications."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.workflow._keys import TRUTHS, Keys
from app.workflow._nodes import List, Map, Node, Scalar, json_of
from app.workflow.definition import Json
from app.workflow.kinds import Field

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?")
_WHOLE = re.compile(r"[-+]?\d{1,18}")
_WANTED = {
    "str": "text",
    "int": "a whole number",
    "number": "a number",
    "bool": "true or false",
    "map": "a map",
    "list": "a list",
    "strings": "text or a list of texts",
}


class _WrongType(Exception):
    """The node is not what the field's type says."""


def read_fields(keys: Keys, fields: Mapping[str, Field]) -> dict[str, Json]:
    """The values of `fields` that are there, by name; wrong types and choices are reported. Required ones are not looked for."""
    found: dict[str, Json] = {}
    for name, field in fields.items():
        node = keys.take(name)
        if node is None:
            continue
        if field.choices:
            chosen = keys.choice(name, field.choices)
            if chosen is not None:
                found[name] = chosen
            continue
        try:
            found[name] = _value(node, field.type)
        except _WrongType:
            keys.wrong(name, node, _WANTED[field.type])
    return found


def _value(node: Node, kind: str) -> Json:
    if kind == "any":
        return json_of(node)
    if kind == "strings":
        return [_scalar(item, "str") for item in node.items] if isinstance(node, List) else _scalar(node, "str")
    if kind == "list" and isinstance(node, List):
        return json_of(node)
    if kind == "map" and isinstance(node, Map):
        return json_of(node)
    return _scalar(node, kind)


def _scalar(node: Node, kind: str) -> Json:
    if not isinstance(node, Scalar) or node.null:
        raise _WrongType
    text = node.text
    if kind == "str":
        return text
    if kind == "bool" and text.lower() in TRUTHS:
        return TRUTHS[text.lower()]
    if kind in ("int", "number") and node.plain and _WHOLE.fullmatch(text):
        return int(text)
    if kind == "number" and node.plain and _NUMBER.fullmatch(text):
        return float(text)
    raise _WrongType
