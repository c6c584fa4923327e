"""A pull request's workflow files as merging would leave them, read at its head and at the adopted commit.

The forge is asked for nothing that the files name (people, repositories, addresses): anybody may open a request.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.context import Context
from app.errands._places import forge_of, readable
from app.errors import Permanent
from app.forges import PullRequest
from app.store import Source
from app.workflow.definition import Fragment, Place, Problem, Severity
from app.workflow.diff import diff
from app.workflow.elsewhere import tolerated
from app.workflow.graph import graph_of
from app.workflow.line import Lane
from app.workflow.link import link
from app.workflow.parse import MOST_BYTES, Parsed, is_workflow_file, parse
from app.workflow.retyped import retyped
from app.workflow.show_plan import Proposal

MOST_FILES = 100
"""Workflow files of a request that are read."""


def proposed(context: Context, source: Source, request: PullRequest) -> Proposal | None:
    """What the request would make of its source's line; None when it edits no workflow file.

    Only sources that the repository's readers may see are joined: what others define is neither told nor hinted at.
    """
    parsed = written(context, source, request.head)
    if parsed is None:
        return None
    before, hidden = _seen(context, source)
    kept = parsed.keeping(before.get(source.key))
    if kept is None:
        return Proposal(source.branch, request.head, None, parsed.problems)
    fragment, refused = retyped(kept, before.get(source.key))
    old, new = link(before, kinds=context.kinds), link({**before, source.key: fragment}, kinds=context.kinds)
    workflow, notes = tolerated(new) if hidden else (new.workflow, {})
    own = new.problems_of(source.key)
    problems = (*parsed.problems, *refused, *(each for each in own if each not in notes))
    changes = diff(old.workflow, workflow, context.kinds)
    told = tuple(notes[each] for each in own if each in notes)
    count = _counting(context, source, request)
    return Proposal(source.branch, request.head, changes, problems, told, graph_of(workflow, context.kinds), count)


def written(context: Context, source: Source, head: str) -> Parsed | None:
    """What the source's files would say with the commit `head` merged; None when it edits none of them."""
    merged = _merged(context, source, head)
    if merged is None:
        return None
    files, problems = merged
    if problems:
        return Parsed(None, problems)
    texts = {url: text.encode() for url, text in context.store.imports(source.key, source.commit).items()}
    return parse(source.key, head, files, context.kinds, texts)


def _counting(context: Context, source: Source, request: PullRequest) -> tuple[str, ...]:
    """The jobs whose scripts, as the request has them, run in its lane already (`definition: lane`)."""
    lane = Lane(f"pr/{request.number}@{source.repository}")
    opened = context.store.ask(source.account, lambda line: line.opened(lane))
    own = context.store.ask(source.account, lambda line: line.fragments().of).get(source.key)
    return tuple(job.name for job in own.jobs if job.own_definition) if own and opened and not opened.fork else ()


def _seen(context: Context, source: Source) -> tuple[dict[str, Fragment], bool]:
    """The account's fragments by source, as far as the repository's readers may see them, and whether that is not all."""
    fragments = context.store.ask(source.account, lambda line: line.fragments().of)
    shown = {each.key for each in context.store.sources(source.account) if readable(context, source.repository, each)}
    seen = {key: fragment for key, fragment in fragments.items() if key in shown}
    return seen, len(seen) < len(fragments)


def _merged(context: Context, source: Source, commit: str) -> tuple[dict[str, bytes], tuple[Problem, ...]] | None:
    """The files, and why some cannot be read; None when the request whose head is `commit` edits none.

    A file counts as the request has it, unless the request left it alone; blob ids tell (never a payload's list of files).
    """
    forge = forge_of(context, source.repository)
    head = _blobs(forge.tree(source.repository, commit).blobs)
    if head == source.blobs:
        return None
    parted = forge.merge_base(source.repository, source.commit, commit)
    base = _blobs(forge.tree(source.repository, parted).blobs) if parted else {}
    edited = {path for path in base.keys() | head.keys() if base.get(path) != head.get(path)}
    if not edited:
        return None
    if len(edited) > MOST_FILES:
        sentence = f"{len(edited)} workflow files differ; at most {MOST_FILES} are read"
        return {}, (Problem(Place(min(edited)), Severity.ERROR, sentence),)
    taken = dict.fromkeys(edited & head.keys(), commit) | dict.fromkeys(source.blobs.keys() - edited, source.commit)
    return _read(context, source, taken)


def _blobs(blobs: Mapping[str, str]) -> dict[str, str]:
    return {path: blob for path, blob in blobs.items() if is_workflow_file(path)}


def _read(context: Context, source: Source, taken: Mapping[str, str]) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    """`taken`: path -> the commit to read it at."""
    files: dict[str, bytes] = {}
    problems = []
    for path, sha in sorted(taken.items()):
        try:
            content = forge_of(context, source.repository).read(source.repository, sha, path, MOST_BYTES)
        except Permanent as problem:
            problems.append(Problem(Place(path), Severity.ERROR, str(problem)))
            continue
        if content is not None:
            files[path] = content
    return files, tuple(problems)
