"""What one workflow would change about another: a value, told by `diff_text`, on the command line and on pull requests alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from app.workflow._facets import KeyChange, Sort, job_changes, resource_changes
from app.workflow._gate_changes import GateChange, Weight, gate_changes
from app.workflow._reach import Reach, reached
from app.workflow.definition import Json, Resource, Workflow
from app.workflow.kinds import Kinds

__all__ = ["Change", "Diff", "GateChange", "KeyChange", "Reach", "Sort", "Start", "Trigger", "Weight", "diff"]


@dataclass(frozen=True, slots=True)
class Change:
    """A job or a resource (`noun`) that comes, goes or is another. `keys`: in what, when it is another."""

    sort: Sort
    noun: str
    name: str
    type: str
    keys: tuple[KeyChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    """A new version of `source` (a job or resource) starts `job` now (`sort` ADDED), or does not any more (REMOVED)."""

    sort: Sort
    source: str
    job: str


@dataclass(frozen=True, slots=True)
class Start:
    """Adopting it makes a version of `resource` that starts `jobs` (spec/workflow-language.md section 4.1, E6)."""

    resource: str
    jobs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """All that differs. `broken`: jobs that may not start afterwards, with the sentences that say why, as far as that is new."""

    changes: tuple[Change, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    gates: tuple[GateChange, ...] = ()
    reaches: tuple[Reach, ...] = ()
    starts: tuple[Start, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.changes or self.triggers or self.gates or self.reaches or self.starts or self.broken)

    def only(self, shown: Callable[[str], bool]) -> Diff:
        """Without what names a job or a resource that may not be `shown`."""
        return Diff(
            tuple(each for each in self.changes if shown(each.name)),
            tuple(each for each in self.triggers if shown(each.source) and shown(each.job)),
            tuple(each for each in self.gates if shown(each.job)),
            tuple(replace(each, through=tuple(filter(shown, each.through))) for each in self.reaches if shown(each.job)),
            tuple(replace(each, jobs=tuple(filter(shown, each.jobs))) for each in self.starts if shown(each.resource)),
            tuple((job, sentence) for job, sentence in self.broken if shown(job)),
        )


def diff(old: Workflow, new: Workflow, kinds: Kinds) -> Diff:
    """What adopting `new` in place of `old` would change."""
    return Diff(
        (*_resources(old, new, kinds), *_jobs(old, new)),
        tuple(_compared(_triggers(old, kinds), _triggers(new, kinds))),
        tuple(each for name in new.jobs if name in old.jobs for each in gate_changes(name, old.jobs[name].gate, new.jobs[name].gate)),
        tuple(reached(old, new)),
        tuple(_starts(old, new, kinds)),
        tuple((name, each) for name, said in new.inconsistent.items() for each in said if each not in old.inconsistent.get(name, ())),
    )


# -- jobs and resources ----------------------------------------------------------------------------------------------------------


def _jobs(old: Workflow, new: Workflow) -> Iterator[Change]:
    for name, job in new.jobs.items():
        if name not in old.jobs:
            yield Change(Sort.ADDED, "job", name, job.type)
        elif keys := job_changes(old.jobs[name], job):
            yield Change(Sort.CHANGED, "job", name, job.type, keys)
    yield from (Change(Sort.REMOVED, "job", name, job.type) for name, job in old.jobs.items() if name not in new.jobs)


def _resources(old: Workflow, new: Workflow, kinds: Kinds) -> Iterator[Change]:
    for name, resource in new.resources.items():
        kind = kinds.resources.get(resource.type)
        if name not in old.resources:
            yield Change(Sort.ADDED, "resource", name, resource.type)
        elif keys := resource_changes(old.resources[name], resource, kind.fields if kind else {}):
            yield Change(Sort.CHANGED, "resource", name, resource.type, keys)
    yield from (Change(Sort.REMOVED, "resource", name, each.type) for name, each in old.resources.items() if name not in new.resources)


# -- triggers --------------------------------------------------------------------------------------------------------------------


def _triggers(workflow: Workflow, kinds: Kinds) -> dict[tuple[str, str], None]:
    """(source, job) of every IN whose new version makes a run, or shows something at the job's gate."""
    return {
        (step.name, job.name): None
        for job in workflow.jobs.values()
        for step in job.inputs
        if step.switch and not _silent(workflow.resources.get(step.name), kinds)
    }


def _silent(resource: Resource | None, kinds: Kinds) -> bool:
    kind = kinds.resources.get(resource.type) if resource else None
    return kind is not None and kind.silent


def _compared(old: Iterable[tuple[str, str]], new: Iterable[tuple[str, str]]) -> Iterator[Trigger]:
    before, after = set(old), set(new)
    yield from (Trigger(Sort.ADDED, *pair) for pair in new if pair not in before)
    yield from (Trigger(Sort.REMOVED, *pair) for pair in old if pair not in after)


def _starts(old: Workflow, new: Workflow, kinds: Kinds) -> Iterator[Start]:
    for name, resource in new.resources.items():
        before, kind = old.resources.get(name), kinds.resources.get(resource.type)
        if before is None or kind is None or before.type != resource.type or not kind.triggers_on_definition():
            continue
        if kind.first(before) != kind.first(resource):
            pairs = _triggers(new, kinds)
            yield Start(name, tuple(job for job in new.consumers.get(name, ()) if (name, job) in pairs))


def told(found: Diff) -> Json:
    """As JSON, each part a list."""
    changes: list[Json] = [
        {
            "sort": each.sort.value,
            "noun": each.noun,
            "name": each.name,
            "type": each.type,
            "keys": [{"key": key.key, "before": key.before, "after": key.after} for key in each.keys],
        }
        for each in found.changes
    ]
    return {
        "changes": changes,
        "triggers": [{"sort": each.sort.value, "source": each.source, "job": each.job} for each in found.triggers],
        "gates": [{"weight": each.weight.value, "job": each.job, "sentence": each.sentence} for each in found.gates],
        "integrations": [
            {
                "sort": each.sort.value,
                "job": each.job,
                "integration": each.integration,
                "through": list(each.through),
                "gated": each.gated,
            }
            for each in found.reaches
        ],
        "starts": [{"resource": each.resource, "jobs": list(each.jobs)} for each in found.starts],
        "broken": [{"job": job, "sentence": sentence} for job, sentence in found.broken],
    }
