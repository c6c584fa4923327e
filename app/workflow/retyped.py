"""A name keeps its type: its versions were made by it (spec/workflow-language.md section 1.3)."""

from __future__ import annotations

from dataclasses import replace

from app.workflow.definition import Fragment, Job, Problem, Resource, Severity


def retyped(written: Fragment, before: Fragment | None) -> tuple[Fragment, tuple[Problem, ...]]:
    """What is `written`, where a definition of another type than `before` stays as it was, and an error for each of these."""
    old = _named(before) if before else {}
    changed = {name: each for name, each in _named(written).items() if name in old and old[name].type != each.type}
    if not changed:
        return written, ()
    kept = [old[name] for name in changed]
    jobs = (*(job for job in written.jobs if job.name not in changed), *(each for each in kept if isinstance(each, Job)))
    resources = (*(each for each in written.resources if each.name not in changed), *(each for each in kept if isinstance(each, Resource)))
    return replace(written, jobs=jobs, resources=resources), tuple(_refused(each, old[name].type) for name, each in changed.items())


def _named(fragment: Fragment) -> dict[str, Job | Resource]:
    definitions: tuple[Job | Resource, ...] = (*fragment.resources, *fragment.jobs)
    return {each.name: each for each in definitions}


def _refused(new: Job | Resource, old: str) -> Problem:
    sentence = (
        f"`{new.name}` is of type {old} and cannot become {new.type}, because its versions are of that type; it stays as it was. "
        "Choose another name, or remove it in a commit of its own first"
    )
    return Problem(new.place, Severity.ERROR, sentence, new.name)
