"""Reading one resource (spec/workflow-language.md section 2.1), in the old and the new syntax."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.workflow._faults import check_name, report_faults, type_of
from app.workflow._fields import read_fields
from app.workflow._keys import Findings, Keys, nearest
from app.workflow._nodes import Map, json_of, shortened
from app.workflow.definition import Json, Resource
from app.workflow.kinds import Kinds, Part, ResourceKind, Use

LANGUAGE = frozenset(
    {
        *("gitRepo", "ciRepo", "syncRepo", "image", "file", "params", "integration", "cliConfig", "cluster", "loadBalancer"),
        *("replicas", "dockerOptions", "version", "state", "time", "trigger", "webhook", "notification", "externalCIServer"),
    }
)
"""The types of resources that the language has, whether or not this version has a kind for them."""

_PARTS = ("pointer", "seed", "version", "versionTemplate")
_LABEL = "versionName"
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+")


@dataclass(slots=True)
class _Content:
    """What `pointer`, `seed`, `version` and `versionTemplate` say together; later ones win."""

    flat: dict[str, Json] = field(default_factory=dict)
    seed: dict[str, Json] = field(default_factory=dict)


def read_resource(node: Map, name: str, source: str, kinds: Kinds, findings: Findings, default_type: str = "") -> Resource | None:
    """The resource, None when anything in it is wrong: `findings` say what. `default_type` is used where `type` is absent."""
    keys = Keys(node, "a resource", findings)
    check_name(keys)
    if default_type and default_type in kinds.resources and keys.take("type") is None:
        type_name: str | None = default_type
    else:
        type_name = type_of(keys, "resource", kinds.resources, LANGUAGE, kinds.jobs)
    if type_name is None:
        return None
    kind = kinds.resources[type_name]
    resource = _resource(keys, name, source, kind)
    _close(keys, kind)
    if not findings.failed:
        report_faults(kind.check(resource), node, findings)
    return None if findings.failed else resource


def _resource(keys: Keys, name: str, source: str, kind: ResourceKind) -> Resource:
    content = _content(keys, kind)
    label = content.flat.get(_LABEL)
    return Resource(
        name=name,
        type=kind.name,
        source=source,
        integration=_integration(keys, kind),
        content=content.flat,
        seed=content.seed,
        version_name=str(label) if label is not None and _LABEL in kind.fields else None,
        flags=keys.texts("flags") or (),
        accepts=_accepts(keys),
        raw=_raw(keys.node, kind),
        place=keys.place("name"),
    )


def _content(keys: Keys, kind: ResourceKind) -> _Content:
    content = _Content()
    for part in _PARTS:
        node = keys.map(part)
        if node is None:
            continue
        inner = Keys(node, f"`{part}` of a resource of type {kind.name}", keys.findings)
        found = read_fields(inner, kind.fields)
        inner.close("versions have it, and nothing else reads it")
        for entry in node.entries:
            if entry.key not in kind.fields:
                found[entry.key] = json_of(entry.value)
        content.flat |= found
        content.seed |= {key: value for key, value in found.items() if part == "seed" or _starts(kind, key)}
    for key, wanted in kind.fields.items():
        if wanted.required and key not in content.flat and not keys.findings.failed:
            where = f"`versionTemplate` (or `{wanted.part}`)"
            keys.findings.error(keys.place("name"), f"a resource of type {kind.name} needs `{key}` under {where}: {wanted.help}")
    return content


def _starts(kind: ResourceKind, key: str) -> bool:
    return key in kind.fields and kind.fields[key].part is Part.SEED


def _raw(node: Map, kind: ResourceKind) -> dict[str, Json]:
    """The definition as written, without the fields that are secret: runs see it as `propertyBag.yml` (section 2.5)."""
    raw: dict[str, Json] = {}
    for entry in node.entries:
        value = json_of(entry.value)
        if entry.key in _PARTS and isinstance(value, dict):
            value = {key: item for key, item in value.items() if key not in kind.fields or not kind.fields[key].secret}
        raw[entry.key] = value
    return raw


def _integration(keys: Keys, kind: ResourceKind) -> str | None:
    name = keys.text("integration")
    if name is None and kind.integration is Use.REQUIRED:
        keys.findings.error(keys.place("name"), f"a resource of type {kind.name} needs `integration`, the name of an integration")
    if name is not None and kind.integration is Use.NONE:
        keys.findings.warning(keys.place("integration"), f"a resource of type {kind.name} uses no integration; `integration` is ignored")
        return None
    return name


def _accepts(keys: Keys) -> tuple[str, ...]:
    names = keys.texts("accepts") or ()
    for name in names:
        if not _REPOSITORY.fullmatch(name):
            sentence = f"`accepts` lists repositories as `owner/name`; `{shortened(name)}` is none"
            keys.findings.error(keys.place("accepts"), sentence)
    return names


def _close(keys: Keys, kind: ResourceKind) -> None:
    """Warns of unknown keys; those that belong one level deeper are named (section 10 #29)."""
    for key, place, guess in keys.unread():
        if key in kind.fields:
            sentence = f"`{key}` belongs under `versionTemplate` (or `{kind.fields[key].part}`); here it is ignored"
            keys.findings.warning(place, sentence)
        else:
            guess = guess or nearest(key, kind.fields)
            keys.findings.warning(place, f"`{shortened(key)}` is not a key of a resource; it is ignored", guess)
