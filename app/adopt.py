"""Reading a source's workflow files at the tip of its branch and making them the account's line.

Used by the `adopt` errand, by `gateline source add` and by the comparison of tips; it alone asks the forge what the pure core cannot
know: which repository a name means, which commit is a gitRepo's first version, who an approver is.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.context import Context
from app.errors import NotFound, Permanent, Temporary
from app.fetch import imported
from app.forges import Forge
from app.reach import may_clone, not_reached
from app.react import react
from app.rsync import paused, record
from app.store import Outcome, Source
from app.workflow.automatic import GIT_REPO, offered
from app.workflow.definition import Fragment, Gate, Job, Place, Problem, Resource, Severity
from app.workflow.errands import Errand
from app.workflow.events import Adopted, Commit, Repository
from app.workflow.facts import FragmentAdopted, Ignored
from app.workflow.line import Actor
from app.workflow.link import link
from app.workflow.parse import MOST_BYTES, is_workflow_file, near_miss, parse
from app.workflow.retyped import retyped
from app.workflow.synced import Synced
from app.workflow.unset import unset

UNKNOWN = Actor("", "unknown")
"""Who moved a tip that was found moved: it might be anybody, so that anybody counts as author."""
ADMINISTRATOR = Actor("gateline:administrator", "the administrator")
"""Who adds a source: what is there then is where authorship begins (product.md section 4, Who)."""
READINGS = 3
"""How often the files are read when another adoption of the same source comes between reading and adopting."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A source's files at one commit: `blobs` (path -> blob id) of the files read, and what they say.

    `fragment` is None when a file does not parse, or when `tip` is None (no such branch). `after` is the commit that was adopted
    before the forge was asked, "" for none.
    """

    tip: Commit | None
    blobs: dict[str, str]
    fragment: Fragment | None
    problems: tuple[Problem, ...]
    after: str = ""

    @property
    def broken(self) -> bool:
        return self.fragment is None


def read(context: Context, source: Source) -> Reading:
    """The source's files at the tip of its branch, parsed; approvers resolved. Raises Temporary when the forge cannot be asked."""
    forge = context.forges[source.forge].api
    after = _adopted_commit(context, source)
    tip = forge.tip(source.repository, source.branch)
    if tip is None:
        sentence = f"{source.full_name} has no branch {source.branch}: push to it, or name another with {source.full_name}@BRANCH"
        return Reading(None, {}, None, (Problem(Place(source.key), Severity.WARNING, sentence),))
    tree = forge.tree(source.repository, tip.sha)
    blobs = {path: blob for path, blob in sorted(tree.blobs.items()) if is_workflow_file(path)}
    missed = tuple(
        Problem(Place(path), Severity.WARNING, missed_by) for path in sorted(tree.blobs) if (missed_by := near_miss(path)) is not None
    )
    files, unread = _contents(forge, source, tip.sha, blobs)
    texts, unfetched = imported(context, source, source.commit if blobs == dict(source.blobs) else tip.sha, files)
    if unread or unfetched:
        return Reading(tip, blobs, None, (*unread, *unfetched, *missed))
    parsed = parse(source.key, tip.sha, files, context.kinds, texts)
    before = context.store.ask(source.account, lambda line: line.fragments().of).get(source.key)
    written = parsed.keeping(before)
    if written is None:
        return Reading(tip, blobs, None, (*parsed.problems, *missed))
    typed, refused = retyped(written, before)
    fragment, unknown = _approvers(forge, typed)
    return Reading(
        tip,
        blobs,
        fragment,
        (*parsed.problems, *refused, *unknown, *_out_of_reach(context, source, fragment), *_misfits(context, source, fragment), *missed),
        after,
    )


def _adopted_commit(context: Context, source: Source) -> str:
    """The commit whose files are the line's now; the source's own row may lag behind it."""
    held = context.store.ask(source.account, lambda line: line.fragments().of).get(source.key)
    return held.commit if held else ""


def _out_of_reach(context: Context, source: Source, fragment: Fragment) -> tuple[Problem, ...]:
    """The gitRepos of other owners' private repositories: nobody's workflow file may name those."""
    meant = _meant(context, source, fragment.resources)
    found = ((each, meant.get(str(each.content.get("sourceName", "")).lower())) for each in fragment.resources if each.watches)
    return tuple(
        Problem(each.place, Severity.ERROR, f"{each.name} cannot be used: {not_reached(repository, source.account)}", each.name)
        for each, repository in found
        if repository is not None and not may_clone(context, source.account, repository)
    )


def _misfits(context: Context, source: Source, fragment: Fragment) -> tuple[Problem, ...]:
    """What is wrong with the fragment as a part of its account's line."""
    others = context.store.ask(source.account, lambda line: line.fragments().of)
    linked = link({**others, source.key: fragment}, kinds=context.kinds)
    integrations = {row.name: row.type for row in context.store.secret_rows(source.account) if source.key in row.sources}
    return (*linked.problems_of(source.key), *unset(linked.workflow, source.key, integrations))


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


def adopt_now(context: Context, key: str) -> Synced:
    """Adopts the source called `key` because somebody runs its rSync job. Raises NotFound when there is no such source."""
    source = context.store.source(key)
    if source is None:
        raise NotFound(f"{key} is no source any more")
    said = adopt(context, source, asked=True)
    after = context.store.source(key) or source
    return Synced(said, after.problems, after.sha_seen)


def adopt(context: Context, source: Source, by: Actor = UNKNOWN, asked: bool = False) -> str:
    """Makes the files at the source's tip the account's line, unless they are the adopted ones already; returns what happened.

    Unless its rSync job was `asked` for, that is a run of that job, and pausing the job stops it.
    Files that do not parse change nothing that is stored: their problems are kept with the source and reported on the commit.
    Files that another adoption overtook are read again. Raises Temporary when the forge cannot be asked, or when that happens
    time and again.
    """
    if not asked and paused(context, source):
        return f"{source.full_name}: not adopted, because its rSync job is paused"
    for _ in range(READINGS):
        current = context.store.source(source.key)
        if current is None:
            return f"{source.full_name}: no source any more"
        said = _take_over(context, current, by)
        if said:
            if not asked:
                record(context, current, by, said)
            return said
    raise Temporary(f"{source.key} was adopted by others while it was read, {READINGS} times: it is read again")


def _take_over(context: Context, source: Source, by: Actor) -> str:
    """One attempt of `adopt`; "" when it was overtaken."""
    reading = read(context, source)
    if reading.tip is None or reading.fragment is None:
        context.store.update_source(source.key, problems=reading.problems, sha_seen=reading.tip.sha if reading.tip else "")
        _report(context, source)
        return f"{source.full_name}: nothing changed: {reading.problems[0]}"
    if reading.blobs == dict(source.blobs) and source.commit and not any(each.severity is Severity.ERROR for each in source.problems):
        context.store.update_source(source.key, problems=reading.problems, sha_seen=reading.tip.sha)
        return f"{source.full_name}: workflow files unchanged"
    outcome = _react(context, source, reading, by)
    if any(isinstance(fact, Ignored) for fact in outcome.facts):
        return ""
    context.store.update_source(
        source.key, commit=reading.tip.sha, blobs=reading.blobs, problems=reading.problems, sha_seen=reading.tip.sha
    )
    _report(context, source)
    if any(not isinstance(fact, FragmentAdopted) for fact in outcome.facts):
        _look_again(context, source)
    return f"{source.full_name}: adopted at {reading.tip.sha[:12]}, {len(outcome.facts)} changes"


def _react(context: Context, source: Source, reading: Reading, by: Actor) -> Outcome:
    """Each attempt is an event of its own: what is adopted already changes nothing, `after` keeps older readings out, and the same files
    have to count again after others, or once the source was removed and added (architecture.md section 6, rule 7)."""
    assert reading.fragment is not None  # noqa: S101 - for the type checker: the caller has looked
    resources = _resources(context, source, reading.fragment)
    repositories = _repositories(context, source, (*resources, *offered(source.key).values()))
    tips = _first_tips(context, source, resources, repositories)
    event = Adopted(
        key=f"adopt:{source.key}:{secrets.token_hex(16)}",
        at=context.store.now(),
        fragment=reading.fragment,
        by=by,
        repositories=repositories,
        tips=tips,
        after=reading.after,
    )
    return react(context, source.account, event)


def _resources(context: Context, source: Source, fragment: Fragment) -> tuple[Resource, ...]:
    """Those that the fragment declares, and those of the account that are there by themselves."""
    others = context.store.ask(source.account, lambda line: line.fragments().of)
    linked = link({**others, source.key: fragment}, kinds=context.kinds).workflow.resources
    return (*fragment.resources, *(each for each in linked.values() if each.watches and each.type != GIT_REPO))


def _report(context: Context, source: Source) -> None:
    errand = Errand("report_sync", {"source": source.key}, key=f"sync:{source.key}", replaces=True)
    context.store.add_errands(source.account, [errand])
    context.bell.ring("errands")


def _look_again(context: Context, changed: Source) -> None:
    """Problems of the account's other sources may be gone now."""
    for other in context.store.sources(changed.account):
        if other.problems and other.key != changed.key:
            read_again(context, other)


def read_again(context: Context, source: Source) -> None:
    """Asks for the source's files to be read again, in turn with the repository's pushes."""
    errand = Errand("adopt", {"repository": source.repository}, key=f"repository:{source.repository}")
    context.store.add_errands("", [errand])
    context.bell.ring("errands")


def _repositories(context: Context, source: Source, resources: Iterable[Resource]) -> dict[str, Repository]:
    """The repositories that a fragment's gitRepos may watch, by lower-cased `owner/name`."""
    meant = _meant(context, source, resources)
    found = {name: each for name, each in meant.items() if each is not None and may_clone(context, source.account, each)}
    for repository in found.values():
        context.store.put_repository(repository)
    return found


def _meant(context: Context, source: Source, resources: Iterable[Resource]) -> dict[str, Repository | None]:
    """Lower-cased `owner/name` in gitRepos -> the repository of that name, None when there is none."""
    meant: dict[str, Repository | None] = {}
    for name in sorted({str(each.content.get("sourceName", "")).lower() for each in resources if each.watches} - {""}):
        try:
            meant[name] = context.store.repository(f"{source.forge}:{name}") or context.forges[source.forge].api.repository(name)
        except NotFound:
            meant[name] = None
    return meant


def _first_tips(context: Context, source: Source, resources: Iterable[Resource], repositories: dict[str, Repository]) -> dict[str, Commit]:
    """The newest commit of each gitRepo that is new or looks elsewhere now (spec/workflow-language.md section 2.3, first version)."""
    tips = {}
    for resource in resources:
        repository = repositories.get(str(resource.content.get("sourceName", "")).lower())
        if not resource.watches or repository is None or _known(context, source.account, resource):
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
