"""A source's files are taken over, or go: what is defined, changed and removed, and what that does to what is under way.

Adoption itself runs nothing but what a changed `trigger` starts (spec/workflow-language.md sections 1.2, 4.1; architecture.md
section 6, rule 13).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.workflow._arrival import Wave, spread
from app.workflow._candidates import end
from app.workflow._course import Course, pool_of
from app.workflow._edges import load_around, neighbours
from app.workflow._proposals import Wish, propose, redefine
from app.workflow.definition import Fragment, Job, Json, Resource, Workflow
from app.workflow.events import Adopted, SourceRemoved
from app.workflow.facts import FragmentAdopted, JobDefined, JobRemoved, ResourceDefined, ResourceRemoved, RunQueued, RunWaits, VersionAdded
from app.workflow.line import MAIN, CandidateState, Cause, Fragments, Run, Status, Version, VersionRef
from app.workflow.link import link


@dataclass(frozen=True, slots=True)
class Change:
    """The account's graph before and after, and the repositories of its gitRepos: resource name -> id ("" for one out of reach)."""

    before: Workflow
    after: Workflow
    watched_before: Mapping[str, str]
    watched: Mapping[str, str]
    commit: str


def adopted(course: Course, event: Adopted) -> None:
    fragments = course.line.fragments()
    source = event.fragment.source
    held = fragments.of.get(source)
    if event.after is not None and event.after != (held.commit if held else ""):
        course.ignore(source, f"the files at {event.fragment.commit[:12]} were read before others of {source} were adopted")
        return
    ids = {name: repository.id for name, repository in event.repositories.items()}
    after = Fragments({**fragments.of, source: event.fragment}, {**fragments.repositories, source: ids})
    _apply(course, _change(course, fragments, after, event.fragment.commit))
    course.note(FragmentAdopted(event.fragment, ids))


def source_removed(course: Course, event: SourceRemoved) -> None:
    fragments = course.line.fragments()
    if event.source not in fragments.of:
        course.ignore(event.source, "it is not a source of this account")
        return
    left = {source: fragment for source, fragment in fragments.of.items() if source != event.source}
    repositories = {source: ids for source, ids in fragments.repositories.items() if source != event.source}
    _apply(course, _change(course, fragments, Fragments(left, repositories), ""))
    course.note(FragmentAdopted(Fragment(event.source, ""), removed=True))


def _change(course: Course, before: Fragments, after: Fragments, commit: str) -> Change:
    old, new = (link(each.of, kinds=course.kinds).workflow for each in (before, after))
    return Change(old, new, _watched(old, before), _watched(new, after), commit)


def _watched(workflow: Workflow, fragments: Fragments) -> dict[str, str]:
    """What each resource with a `sourceName` of a repository means, as its own source was told."""
    found = {}
    for resource in workflow.resources.values():
        name = resource.content.get("sourceName")
        ids = fragments.repositories.get(resource.source, {})
        if resource.watches and isinstance(name, str):
            found[resource.name] = ids.get(name.lower(), "")
    return found


def _apply(course: Course, change: Change) -> None:
    before, after = change.before, change.after
    jobs = [job for job in after.jobs.values() if _differs(change, job)]
    gone = [name for name in before.jobs if name not in after.jobs]
    resources = [each for each in after.resources.values() if _resource_differs(change, each)]
    course.line.nodes([*(job.name for job in jobs), *gone, *(each.name for each in resources)])
    load_around(course.line, [*(job.name for job in jobs), *gone])
    stirred = _around(course, [*(job.name for job in jobs), *gone])
    for name in gone:
        _remove(course, name, f"removed in {change.commit[:12]}" if change.commit else "removed with its source")
    for name in before.resources:
        if name not in after.resources and name not in after.jobs:
            course.note(ResourceRemoved(name))
    for resource in resources:
        _define_resource(course, change, resource)
    for job in jobs:
        course.note(JobDefined(job, after.inconsistent.get(job.name, ())))
    for job in jobs:
        _redefine(course, before.jobs.get(job.name), job)
    course.touch(sorted(stirred | _around(course, [job.name for job in jobs])))
    for resource in resources:
        _version(course, change, resource)


def _differs(change: Change, job: Job) -> bool:
    known = change.before.jobs.get(job.name)
    faults = change.before.inconsistent.get(job.name, ()), change.after.inconsistent.get(job.name, ())
    return known != job or faults[0] != faults[1]


def _resource_differs(change: Change, resource: Resource) -> bool:
    name = resource.name
    return change.before.resources.get(name) != resource or change.watched_before.get(name) != change.watched.get(name)


def _around(course: Course, names: list[str]) -> set[str]:
    nodes = [node for node in course.line.nodes(names) if node.job]
    return {name for node in nodes if node.job for name in (node.name, *neighbours(course.line, node.job).all)}


# -- jobs ------------------------------------------------------------------------------------------------------------------


def _remove(course: Course, name: str, reason: str) -> None:
    """Running runs keep their plan; what waits ends."""
    node = course.line.node(name)
    for run in node.active:
        if run.status is not Status.RUNNING:
            course.stop(run, reason)
    for candidate in node.open:
        end(course, candidate, CandidateState.EXPIRED, reason)
    course.note(JobRemoved(name))


def _redefine(course: Course, old: Job | None, job: Job) -> None:
    """Queued runs take the new definition, candidates see product.md section 4, and a new gate shuts what has not started."""
    node = course.line.node(job.name)
    redefine(course, node, job)
    for run in node.active:
        if run.status is Status.RUNNING or run.candidate is not None:
            continue
        if job.gate is not None and (old is None or old.gate is None) and not _gate_was_passed(run):
            course.stop(run, "the job has a gate now")
            propose(course, course.line.node(job.name), run.lane, Wish(run.causes, run.values, run.by, run.inputs, run.retry_of))
        elif run.status is Status.QUEUED and run.pool != pool_of(job):
            course.note(RunWaits(run.ref), RunQueued(run.ref, pool_of(job)))


def _gate_was_passed(run: Run) -> bool:
    """By an administrator (`--break-glass`): the only run of its own accord that has a reason before its end."""
    return run.manual and bool(run.reason)


# -- resources -------------------------------------------------------------------------------------------------------------


def _define_resource(course: Course, change: Change, resource: Resource) -> None:
    repository = change.watched.get(resource.name)
    lost = (f"the repository {resource.content.get('sourceName')} cannot be reached",) if repository == "" else ()
    course.note(ResourceDefined(resource, repository or "", lost))


def _version(course: Course, change: Change, resource: Resource) -> None:
    """The version that a new or changed definition makes (section 2.1); only a `trigger`'s starts anything."""
    kind = course.kind_of(resource)
    if kind is None:
        return
    old, name = change.before.resources.get(resource.name), resource.name
    content, causes = kind.first(resource), (_cause(course, resource),)
    before = kind.first(old) if old is not None and old.type == resource.type else None
    latest = course.line.past(name).latest
    if content is None:
        draft = (
            kind.draft(resource, course.event) if latest is None or change.watched_before.get(name) != change.watched.get(name) else None
        )
        content, causes = ((draft.label, draft.bag), (draft.cause,)) if draft else (None, causes)
    elif latest is not None and (before is None or before == content):
        return
    elif latest is not None and old is not None and old.seed == resource.seed:
        content = _past_the_seed(content, latest, resource)
    if content is None:
        return
    ref = VersionRef(name, course.line.node(name).next_version)
    actors = causes[0].actors
    course.note(VersionAdded(Version(ref, MAIN, course.at, content[0], content[1], actors=actors), causes))
    if before is not None and kind.triggers_on_definition():
        spread(course, Wave(MAIN, causes, name), [name])


def _past_the_seed(content: tuple[str, Mapping[str, Json]], latest: Version, resource: Resource) -> tuple[str, Mapping[str, Json]]:
    """A start value counts once, until its text changes: what it has become since stays (section 2.1)."""
    label, bag = content
    kept = {key: latest.bag[key] for key in resource.seed if key in latest.bag}
    return latest.label if resource.seed else label, {**bag, **kept}


def _cause(course: Course, resource: Resource) -> Cause:
    event = course.event
    actors = (event.by,) if isinstance(event, Adopted) else ()
    return Cause(kind="trigger", event=event.key, actors=actors, title=f"{resource.name} in the workflow file")
