"""What a candidate is: the digest of all that was frozen, and sentences for how it differs from another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum

from app.workflow.definition import Job, Json, Place, digest
from app.workflow.line import Lane, Taken, Version, VersionRef


@dataclass(frozen=True, slots=True)
class Frozen:
    """The object of an approval: the versions a run would take, the job's definition, injected values, and the lane."""

    lane: Lane
    inputs: tuple[Taken, ...]
    definition: Job
    values: tuple[tuple[str, str], ...]

    def digest(self, labels: Mapping[VersionRef, str]) -> str:
        """Hex SHA-256. Where in its file a definition stands does not matter, nor the order of values."""
        inputs: list[Json] = [[taken.name, *_reference(taken.version, labels)] for taken in self.inputs]
        values: dict[str, Json] = dict(self.values)
        return digest({"lane": self.lane.key, "inputs": inputs, "job": essence(self.definition), "values": values})


def _reference(version: VersionRef | None, labels: Mapping[VersionRef, str]) -> list[Json]:
    return [version.number, labels.get(version, "")] if version else [None, ""]


def essence(value: object) -> Json:
    """A frozen definition as JSON, without places in files."""
    if is_dataclass(value):
        held = {each.name: getattr(value, each.name) for each in fields(value)}
        return {name: essence(each) for name, each in held.items() if not isinstance(each, Place)}
    if isinstance(value, Mapping):
        return {str(key): essence(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [essence(each) for each in value]
    if isinstance(value, Enum):
        return str(value.value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def differences(old: Frozen | None, new: Frozen, versions: Mapping[VersionRef, Version]) -> Iterator[str]:
    """What is another in `new` than in `old`, one sentence an item; everything when there is no `old`."""
    before = {taken.name: taken.version for taken in old.inputs} if old else {}
    for taken in new.inputs:
        if old is None or taken.name not in before or before[taken.name] != taken.version:
            was = _shown(before.get(taken.name), versions)
            now = _shown(taken.version, versions)
            yield f"{taken.name}: {was} -> {now}" if was else f"{taken.name}: {now}"
    for name in before.keys() - {taken.name for taken in new.inputs}:
        yield f"{name}: not an input any more"
    if old is not None and essence(old.definition) != essence(new.definition):
        yield "the definition of the job"
    yield from _changed_values(dict(old.values) if old else {}, dict(new.values))


def _changed_values(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            yield f"{key}={new[key]}" if key in new else f"{key}: not set any more"


def _shown(ref: VersionRef | None, versions: Mapping[VersionRef, Version]) -> str:
    if ref is None:
        return ""
    label = versions[ref].label if ref in versions else ""
    return label[:12] if _is_sha(label) else label or f"#{ref.number}"


def _is_sha(label: str) -> bool:
    return len(label) >= 40 and all(digit in "0123456789abcdef" for digit in label)
