"""Definitions taken apart into keys as a file spells them, and where two of them differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from app.workflow._digests import essence
from app.workflow.definition import Input, Job, Json, JsonMap, Output, Resource
from app.workflow.kinds import Field

SPELT = {
    "mode": "dependencyMode",
    "public": "allowPublicAccess",
    "allow_failure": "allowFailure",
    "parameters": "inputs",
    "own_definition": "definition",
    "on_success": "triggerOnSuccess",
    "on_failure": "triggerOnFailure",
    "timeout_minutes": "timeoutMinutes",
    "pool": "nodePool",
    "replicate_on_pull_request": "replicateOnPullRequest",
    "version_name": "versionName",
    "excluded": "except",
}
"""Our names -> keys of the file, where they are not the same."""
SECRET = "(secret)"  # noqa: S105 - stands for a value
ORDER = "the order of steps"


class Sort(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class KeyChange:
    """One key whose value is another now; None for a key that is not there."""

    key: str
    before: Json
    after: Json


def job_changes(old: Job, new: Job) -> tuple[KeyChange, ...]:
    """Between two definitions of a job, whichever source has it and wherever it stands; its steps first."""
    before, after = _steps(old), _steps(new)
    found = (*_changed(before, after), *_changed(_all_else(old), _all_else(new)))
    kept: tuple[list[Json], list[Json]] = ([key for key in before if key in after], [key for key in after if key in before])
    return found if kept[0] == kept[1] else (*found, KeyChange(ORDER, *kept))


def resource_changes(old: Resource, new: Resource, fields: Mapping[str, Field]) -> tuple[KeyChange, ...]:
    """Between two definitions of a resource; `fields` say which values are secret and not to be shown."""
    found = _changed(_of_resource(old), _of_resource(new))
    return tuple(
        replace(each, before=SECRET, after=SECRET) if (field := fields.get(each.key.partition(".")[0])) and field.secret else each
        for each in found
    )


def _changed(old: JsonMap, new: JsonMap, above: str = "") -> Iterator[KeyChange]:
    """Where two maps differ, map by map, as deep as both have maps."""
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key), new.get(key)
        name = f"{above}{SPELT.get(key, key)}"
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _changed(before, after, f"{name}.")
        elif before != after:
            yield KeyChange(name, before, after)


def _steps(job: Job) -> dict[str, Json]:
    """By sort and name, in the order of the file."""
    found: dict[str, Json] = {}
    for step in job.steps:
        sort = "IN" if isinstance(step, Input) else "OUT" if isinstance(step, Output) else "TASK"
        found[f"{sort} {step.name}"] = _flat(essence(step), ("name",))
    return found


def _of_resource(resource: Resource) -> dict[str, Json]:
    content = {key: essence(value) for key, value in resource.content.items()}
    held = {"type": resource.type, "integration": resource.integration, "version_name": resource.version_name}
    return {**held, **content, "flags": list(resource.flags), "accepts": list(resource.accepts)}


def _all_else(job: Job) -> dict[str, Json]:
    """Whom the approvers were found to be when the file was adopted is no part of the file."""
    gate = replace(job.gate, people=(), teams=()) if job.gate else None
    return _flat(essence(replace(job, gate=gate)), ("name", "source", "steps"))


def _flat(value: Json, without: tuple[str, ...]) -> dict[str, Json]:
    """A definition as JSON, what only its kind reads beside the rest."""
    assert isinstance(value, dict)  # noqa: S101 - for the type checker: a dataclass as JSON is a map
    attributes = value.get("attributes")
    own = {key: each for key, each in value.items() if key not in (*without, "attributes")}
    return {**own, **(attributes if isinstance(attributes, dict) else {})}
