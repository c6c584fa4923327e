"""JSON Schema of single values of the language: what one key may hold, once YAML has made JSON of it (`_nodes.json_of`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from app.workflow._keys import TRUTHS
from app.workflow.definition import Json
from app.workflow.kinds import Field

Shape: TypeAlias = dict[str, Json]

TEXT: Shape = {"type": ["string", "number", "boolean"]}
"""A scalar of any type: its source text counts (data/workflow-facts.md, fact 10)."""
TEXTS: Shape = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
TRUTH: Shape = {
    "type": ["boolean", "string"],
    "pattern": "^(" + "|".join("".join(f"[{letter.upper()}{letter}]" for letter in word) for word in TRUTHS) + ")$",
}
_OF_TYPE: Mapping[str, Shape] = {
    "str": TEXT,
    "int": {"type": "integer"},
    "number": {"type": ["number", "string"]},
    "bool": TRUTH,
    "map": {"type": "object"},
    "list": {"type": "array"},
    "strings": TEXTS,
    "any": {},
}


def whole(least: int, most: int | None = None) -> Shape:
    shape: Shape = {"type": "integer", "minimum": least}
    return shape if most is None else {**shape, "maximum": most}


def one_of(choices: Iterable[str]) -> Shape:
    return {"enum": list(choices)}


def closed(properties: Mapping[str, Shape], required: Iterable[str] = ()) -> Shape:
    """A map with these keys and no others; null counts as absent, except for required ones."""
    needed = list(required)
    shapes: dict[str, Json] = {key: shape if key in needed else _or_null(shape) for key, shape in properties.items()}
    return {"type": "object", "properties": shapes, "required": [*needed], "additionalProperties": False}


def items(shape: Shape) -> Shape:
    """A list, an item of which may be empty."""
    return {"type": "array", "items": _or_null(shape)}


def ref(name: str) -> Shape:
    return {"$ref": f"#/$defs/{name}"}


def of_fields(fields: Mapping[str, Field]) -> dict[str, Shape]:
    """The shapes of a kind's keys, with their help."""
    return {name: {**_of_field(field), "description": field.help} for name, field in fields.items()}


def _of_field(field: Field) -> Shape:
    return one_of(field.choices) if field.choices else _OF_TYPE[field.type]


def _or_null(shape: Shape) -> Shape:
    return {"anyOf": [shape, {"type": "null"}]} if shape else {}
