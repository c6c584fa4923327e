"""Comparing what the forge has with what is known: finds pushes and pull requests whose webhook never came.

Done at start and hourly, against a baseline: at the first comparison everything is only noted, so that nothing is replayed
(product.md section 9, forges.md traps 13 and 23).
"""

from __future__ import annotations

from collections.abc import Mapping

from app.adopt import UNKNOWN, adopt
from app.context import Context
from app.errands.handle_delivery import everywhere, pull_request, sources_moved
from app.errors import NotFound
from app.forges import Forge, PullRequest
from app.workflow.events import Commit, PullRequestChanged, Pushed, Repository
from app.workflow.line import Actor, Lane


def compare(context: Context, repository_id: str) -> str:
    """Compares one repository; whatever moved since the baseline becomes an event like any other. Returns what was found."""
    forge = context.forges[repository_id.partition(":")[0]].api
    repository = forge.repository(repository_id)
    context.store.put_repository(repository)
    tips = forge.tips(repository_id)
    requests = {f"pr/{request.number}": request for request in forge.open_pull_requests(repository_id)}
    seen = {**tips, **{name: request.head for name, request in requests.items()}}
    before = context.store.baseline(repository_id)
    if before is None:
        context.store.set_baseline(repository_id, seen)
        return f"{repository.full_name}: noted {len(seen)} tips"
    moved = _moved(context, repository, before, tips)
    for name, request in requests.items():
        if before.get(name) != request.head:
            action = "updated" if name in before else "opened"
            moved.append(pull_request(context, _changed(context, forge, request, action)))
    closed = [name for name in before if name.startswith("pr/") and name not in requests]
    for name in closed:
        moved.append(_closed(context, forge, repository, int(name[3:])))
    context.store.set_baseline(repository_id, seen)
    return f"{repository.full_name}: {len(moved)} of {len(seen)} tips had moved"


def _moved(context: Context, repository: Repository, known: Mapping[str, str], tips: Mapping[str, str]) -> list[str]:
    forge = context.forges[repository.id.partition(":")[0]].api
    notes = []
    for ref in sorted(set(tips) | {name for name in known if name.startswith("refs/")}):
        old, new = known.get(ref, ""), tips.get(ref, "")
        if old == new:
            continue
        commit = forge.commit(repository.id, new) if new else Commit("")
        event = Pushed(
            key=f"tips:{repository.id}:{ref}:{old}..{new}",
            at=context.store.now(),
            repository=repository,
            ref=ref,
            before=old,
            after=new,
            commit=commit,
            pusher=UNKNOWN,
        )
        for source in sources_moved(context, event):
            notes.append(adopt(context, source))
        notes.append(everywhere(context, event))
    return notes


def _closed(context: Context, forge: Forge, repository: Repository, number: int) -> str:
    try:
        request = forge.pull_request(repository.id, number)
    except NotFound:
        return f"pull request {number} is gone"
    return pull_request(context, _changed(context, forge, request, "closed"))


def _changed(context: Context, forge: Forge, request: PullRequest, action: str) -> PullRequestChanged:
    return PullRequestChanged(
        key=f"tips:{request.repository.id}:pr/{request.number}:{action}:{request.head}",
        at=context.store.now(),
        repository=request.repository,
        number=request.number,
        action=action,
        title=request.title,
        head=forge.commit(request.repository.id, request.head),
        head_ref=request.head_ref,
        head_repository=request.head_repository,
        base_ref=request.base_ref,
        base_sha=request.base,
        authors=_authors(context, request),
        fork=request.head_repository != request.repository.id,
        merged=request.merged,
        draft=request.draft,
    )


def _authors(context: Context, request: PullRequest) -> tuple[Actor, ...]:
    """Who pushed a head is unknown, unless every line that watches has had it from a hook already."""
    lane, repository = Lane(f"pr/{request.number}@{request.repository.id}"), request.repository.id
    opened = [context.store.ask(account, lambda line: line.opened(lane)) for account in context.store.watchers(repository)]
    known = all(each is not None and each.head == request.head for each in opened)
    return (request.author,) if known else (request.author, UNKNOWN)
