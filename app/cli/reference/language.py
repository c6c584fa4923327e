"""Types of resources and jobs, from the fields that their kinds declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from app.cli.reference.markdown import code, table
from app.wire import kinds
from app.workflow.ci.language import LANGUAGES, VARIABLES, Language
from app.workflow.integrations import TYPES, IntegrationType
from app.workflow.kinds import Field, JobKind, ResourceKind, Use

_TYPES = {
    "str": "text",
    "int": "whole number",
    "number": "number",
    "bool": "true or false",
    "map": "map",
    "list": "list",
    "strings": "text or list of texts",
    "any": "anything",
}


def resources() -> Iterator[str]:
    """A section for each type of resource."""
    for kind in kinds().resources.values():
        yield from (f"## `{kind.name}`", "", kind.help, "", _conditions(kind), "")
        yield from (*_fields(kind.fields), "") if kind.fields else ()


def _conditions(kind: ResourceKind) -> str:
    integration = {
        Use.NONE: "It takes no `integration`.",
        Use.OPTIONAL: "It may name an `integration`.",
        Use.REQUIRED: "It must name an `integration`.",
    }[kind.integration]
    out = "Jobs may have it as OUT." if kind.out else "It cannot be an OUT."
    triggers = " Its versions never trigger." if kind.silent else ""
    return f"{integration} {out}{triggers}"


def jobs() -> Iterator[str]:
    """A section for each type of job: its own keys and step attributes."""
    for kind in kinds().jobs.values():
        yield from (f"### `{kind.name}`", "", kind.help, "")
        for noun, fields in _keys(kind):
            yield from (f"{noun}:", "", *_fields(fields), "") if fields else ()


def _keys(kind: JobKind) -> Iterable[tuple[str, Mapping[str, Field]]]:
    return (
        ("Its own keys", kind.fields),
        ("Its own attributes of an IN step", kind.input_fields),
        ("Its own attributes of an OUT step", kind.output_fields),
    )


def _fields(fields: Mapping[str, Field]) -> Iterator[str]:
    rows = ((code(name), _wanted(field), "yes" if field.required else "", field.help) for name, field in fields.items())
    return table(("key", "is", "required", "meaning"), rows)


def _wanted(field: Field) -> str:
    return " or ".join(code(choice) for choice in field.choices) or _TYPES[field.type]


def integrations() -> Iterator[str]:
    """The types of integrations, their fields and who uses them."""
    rows = ((code(each.name), _fields_of(each), each.used_by, ", ".join(map(code, each.also))) for each in TYPES)
    yield from table(("type", "fields", "used by", "also called"), rows)


def _fields_of(type: IntegrationType) -> str:
    if type.free:
        return "any"
    return ", ".join(
        f"{code(each.name)}{' (secret)' if each.secret else ''}{'' if each.required else ' (optional)'}" for each in type.fields
    )


def languages() -> Iterator[str]:
    """The languages of CI: their version keys, the variables that tell a cell its versions, and what runs without `build.ci`."""
    rows = ((code(name), _axes(each), "; ".join(map(code, each.commands)) or "nothing") for name, each in LANGUAGES.items())
    yield from table(("language", "version keys and their variables", "without `build.ci`"), rows)


def _axes(language: Language) -> str:
    return ", ".join(f"{code(axis)} ({', '.join(map(code, VARIABLES[axis]))})" for axis in language.axes)
