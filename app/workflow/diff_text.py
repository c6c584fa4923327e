"""A difference between two workflows in lines, each with the mark of a diff in front: `+` comes, `-` goes, `!` is another."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.workflow.definition import Json
from app.workflow.diff import Change, Diff, GateChange, Reach, Sort, Start, Trigger, Weight

MARKS = {Sort.ADDED: "+", Sort.REMOVED: "-", Sort.CHANGED: "!"}
WIDEST = 80
"""Characters of a value that are shown."""
NOTHING = "No job, resource, trigger or gate changes."


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    lines: tuple[str, ...]


def sections(found: Diff) -> tuple[Section, ...]:
    """Those that say something, what matters most first."""
    every = (
        Section("May not start", tuple(f"! {job}: {sentence}" for job, sentence in found.broken)),
        Section("Gates", tuple(_gate(each) for each in found.gates)),
        Section("Secrets", tuple(_reach(each) for each in found.reaches)),
        Section("Starts when it is adopted", tuple(_start(each) for each in found.starts)),
        Section("Triggers", tuple(_trigger(each) for each in found.triggers)),
        Section("Jobs and resources", tuple(line for each in found.changes for line in _change(each))),
    )
    return tuple(section for section in every if section.lines)


def summary(found: Diff) -> str:
    """In one sentence, for a status."""
    jobs = [each for each in found.changes if each.noun == "job"]
    resources = [each for each in found.changes if each.noun == "resource"]
    weaker = len({each.job for each in found.gates if each.weight is Weight.WEAKER})
    gained = sum(each.sort is Sort.ADDED for each in found.reaches)
    parts = (
        _counted(len({job for job, _ in found.broken}), "job that may not start", "jobs that may not start"),
        _counted(weaker, "gate weaker", "gates weaker"),
        _counted(gained, "secret within a job's reach", "secrets within jobs' reach"),
        *(_counted(sum(each.sort is sort for each in jobs), f"job {sort}", f"jobs {sort}") for sort in Sort),
        *(_counted(sum(each.sort is sort for each in resources), f"resource {sort}", f"resources {sort}") for sort in Sort),
    )
    return ", ".join(part for part in parts if part) or NOTHING.rstrip(".").lower()


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}" if number else ""


def _change(change: Change) -> Iterator[str]:
    yield f"{MARKS[change.sort]} {change.noun} {change.name} ({change.type})"
    for each in change.keys:
        if each.before is None or each.after is None:
            sort = Sort.ADDED if each.before is None else Sort.REMOVED
            value = _value(each.after if each.before is None else each.before)
            yield f"{MARKS[sort]}     {each.key}{f': {value}' if value else ''}"
        else:
            yield f"!     {each.key}: {_value(each.before)} -> {_value(each.after)}"


def _value(value: Json) -> str:
    """Scalars as they are, all else as JSON; defaults of a step's map tell nothing, so that it is left out."""
    if isinstance(value, dict):
        return ""
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _trigger(trigger: Trigger) -> str:
    verb = "starts" if trigger.sort is Sort.ADDED else "does not start"
    return f"{MARKS[trigger.sort]} {trigger.source} {verb} {trigger.job}{'' if trigger.sort is Sort.ADDED else ' any more'}"


def _gate(gate: GateChange) -> str:
    word = "" if gate.weight is Weight.OTHER else f" is {gate.weight}"
    return f"! the gate of {gate.job}{word}: {gate.sentence}"


def _reach(reach: Reach) -> str:
    verb = "gets" if reach.sort is Sort.ADDED else "does not get"
    through = f" through {_listed(reach.through)}" if reach.through else ""
    tail = " any more" if reach.sort is Sort.REMOVED else ", behind its gate" if reach.gated else ", without an approval"
    return f"{MARKS[reach.sort]} {reach.job} {verb} the integration {reach.integration}{through}{tail}"


def _start(start: Start) -> str:
    return f"! {start.resource} has a new version, which starts {_listed(start.jobs) if start.jobs else 'nothing'}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
