"""Reading a source's workflow files at the tip of its branch and making them the account's line.

Used by the `adopt` errand, by `gateline source add` and by the comparison of tips; it alone asks the forge what the pure core cannot
know: which repository a name means, which commit is a gitRepo's first version, who an approver is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.context import Context
from app.errors import NotFound, Permanent
from app.forges import Forge
from app.react import react
from app.store import Outcome, Source
from app.workflow.definition import Fragment, Gate, Job, Place, Problem, Resource, Severity, digest
from app.workflow.errands import Errand
from app.workflow.events import Adopted, Commit, Repository
from app.workflow.line import Actor
from app.workflow.parse import MOST_BYTES, is_workflow_file, near_miss, parse

UNKNOWN = Actor("", "unknown")
"""Who moved a tip that was found moved: it might be anybody, so that anybody counts as author."""
ADMINISTRATOR = Actor("gateline:administrator", "the administrator")
"""Who adds a source: what is there then is where authorship begins (product.md section 4, Who)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A source's files at one commit: `blobs` (path -> blob id) of the files read, and what they say.

    `fragment` is None when a file does not parse, or when `tip` is None (no such branch).
    """

    tip: Commit | None
    blobs: dict[str, str]
    fragment: Fragment | None
    problems: tuple[Problem, ...]

    @property
    def broken(self) -> bool:
        return self.fragment is None


def read(context: Context, source: Source) -> Reading:
    """The source's files at the tip of its branch, parsed; approvers resolved. Raises Temporary when the forge cannot be asked."""
    forge = context.forges[source.forge].api
    tip = forge.tip(source.repository, source.branch)
    if tip is None:
        sentence = f"{source.full_name} has no branch {source.branch}: push to it, or name another with {source.full_name}@BRANCH"
        return Reading(None, {}, None, (Problem(Place(source.key), Severity.ERROR, sentence),))
    tree = forge.tree(source.repository, tip.sha)
    blobs = {path: blob for path, blob in sorted(tree.blobs.items()) if is_workflow_file(path)}
    missed = tuple(
        Problem(Place(path), Severity.WARNING, missed_by) for path in sorted(tree.blobs) if (missed_by := near_miss(path)) is not None
    )
    files, oversized = _contents(forge, source, tip.sha, blobs)
    if oversized:
        return Reading(tip, blobs, None, (*oversized, *missed))
    parsed = parse(source.key, tip.sha, files, context.kinds)
    if parsed.fragment is None:
        return Reading(tip, blobs, None, (*parsed.problems, *missed))
    fragment, unknown = _approvers(forge, _keeping(context, source, parsed.fragment, parsed.left_out))
    return Reading(tip, blobs, fragment, (*parsed.problems, *unknown, *missed))


def _keeping(context: Context, source: Source, fragment: Fragment, left_out: frozenset[str]) -> Fragment:
    """The fragment, with what is written but wrong as it was adopted before: a typo removes no job and ends no waiting work."""
    before = context.store.ask(source.account, lambda line: line.fragments().of).get(source.key) if left_out else None
    if before is None:
        return fragment
    jobs = tuple(job for job in before.jobs if job.name in left_out)
    resources = tuple(resource for resource in before.resources if resource.name in left_out)
    return replace(fragment, jobs=(*fragment.jobs, *jobs), resources=(*fragment.resources, *resources))


def _contents(forge: Forge, source: Source, sha: str, paths: Iterable[str]) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    files: dict[str, bytes] = {}
    problems = []
    for path in paths:
        try:
            content = forge.read(source.repository, sha, path, MOST_BYTES)
        except Permanent as problem:
            problems.append(Problem(Place(path), Severity.ERROR, str(problem)))
            continue
        if content is not None:
            files[path] = content
    return files, tuple(problems)


def adopt(context: Context, source: Source, by: Actor = UNKNOWN) -> str:
    """Makes the files at the source's tip the account's line, unless they are the adopted ones already; returns what happened.

    Files that do not parse change nothing that is stored: their problems are kept with the source and reported on the commit.
    """
    reading = read(context, source)
    if reading.tip is None or reading.fragment is None:
        context.store.update_source(source.key, problems=reading.problems, sha_seen=reading.tip.sha if reading.tip else "")
        _report(context, source)
        return f"{source.full_name}: {len(reading.problems)} problems, nothing changed"
    if reading.blobs == dict(source.blobs) and source.commit and not source.problems:
        context.store.update_source(source.key, sha_seen=reading.tip.sha)
        return f"{source.full_name}: workflow files unchanged"
    outcome = _react(context, source, reading, reading.tip, by)
    context.store.update_source(
        source.key, commit=reading.tip.sha, blobs=reading.blobs, problems=reading.problems, sha_seen=reading.tip.sha
    )
    _report(context, source)
    return f"{source.full_name}: adopted at {reading.tip.sha[:12]}, {len(outcome.facts)} changes"


def _react(context: Context, source: Source, reading: Reading, tip: Commit, by: Actor) -> Outcome:
    assert reading.fragment is not None  # noqa: S101 - for the type checker: the caller has looked
    repositories, missing = _repositories(context, source, reading.fragment.resources)
    tips = _first_tips(context, source, reading.fragment.resources, repositories)
    key = f"adopt:{source.key}:{tip.sha}:{digest([*sorted(reading.blobs.values()), *missing])[:16]}"
    event = Adopted(key=key, at=context.store.now(), fragment=reading.fragment, by=by, repositories=repositories, tips=tips)
    return react(context, source.account, event)


def _report(context: Context, source: Source) -> None:
    errand = Errand("report_sync", {"source": source.key}, key=f"sync:{source.key}", replaces=True)
    context.store.add_errands(source.account, [errand])
    context.bell.ring("errands")


def _repositories(context: Context, source: Source, resources: Iterable[Resource]) -> tuple[dict[str, Repository], list[str]]:
    """What the gitRepos of a fragment mean: lower-cased `owner/name` -> repository; and the names that nobody could resolve."""
    found: dict[str, Repository] = {}
    missing = []
    for name in sorted({str(each.content.get("sourceName", "")).lower() for each in resources if each.type == "gitRepo"} - {""}):
        known = context.store.repository(f"{source.forge}:{name}")
        try:
            found[name] = known or context.forges[source.forge].api.repository(name)
            context.store.put_repository(found[name])
        except NotFound:
            missing.append(name)
    return found, missing


def _first_tips(context: Context, source: Source, resources: Iterable[Resource], repositories: dict[str, Repository]) -> dict[str, Commit]:
    """The newest commit of each gitRepo that is new or looks elsewhere now (spec/workflow-language.md section 2.3, first version)."""
    tips = {}
    for resource in resources:
        repository = repositories.get(str(resource.content.get("sourceName", "")).lower())
        if resource.type != "gitRepo" or repository is None or _known(context, source.account, resource):
            continue
        branch = str(resource.content.get("branch") or repository.default_branch or "master")
        commit = context.forges[source.forge].api.tip(repository.id, branch)
        if commit is not None:
            tips[resource.name] = commit
    return tips


def _known(context: Context, account: str, resource: Resource) -> bool:
    before = context.store.ask(account, lambda line: line.node(resource.name)).resource
    return before is not None and before.content == resource.content


def _approvers(forge: Forge, fragment: Fragment) -> tuple[Fragment, tuple[Problem, ...]]:
    """The fragment with its gates' approvers resolved to ids; a name that nobody has is a problem, and approves nothing."""
    problems: list[Problem] = []
    jobs = tuple(_resolved(forge, job, problems) for job in fragment.jobs)
    return replace(fragment, jobs=jobs), tuple(problems)


def _resolved(forge: Forge, job: Job, problems: list[Problem]) -> Job:
    gate: Gate | None = job.gate
    if gate is None or not gate.restricted:
        return job
    people, teams = [], []
    for name in gate.approvers:
        if "/" in name:
            teams.append(name if name.startswith("@") else f"@{name}")
            continue
        person = forge.person(name.removeprefix("@"))
        if person is None:
            sentence = f"{forge.name} knows nobody called {name}: the gate of {job.name} counts without them"
            problems.append(Problem(job.place, Severity.ERROR, sentence, job.name))
        else:
            people.append(person.id)
    return replace(job, gate=replace(gate, people=tuple(people), teams=tuple(teams)))
