"""What hooks say of commits: pushes, pull requests, releases and merge groups (spec/forges.md A2)."""

from __future__ import annotations

import re

from app.forges import Nothing, Parsed
from app.forges.github._json import Node
from app.forges.github._shapes import GHOST, NAME, actor, pull_request, pushed_commit, repository
from app.workflow.events import Commit, MergeGroupChanged, PullRequestChanged, Pushed, Released
from app.workflow.line import Actor

ZEROS = re.compile("0+")
FULL_SHA = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
QUEUE = "refs/heads/gh-readonly-queue/"
PULL_REQUEST_ACTIONS = {
    "opened": "opened",
    "reopened": "opened",
    "synchronize": "updated",
    "edited": "updated",
    "ready_for_review": "updated",
    "converted_to_draft": "updated",
    "closed": "closed",
}
PUSHING_ACTIONS = ("opened", "synchronize")
"""Those whose sender brought commits along, and so is an author of the request."""
MERGE_GROUP_ACTIONS = {"checks_requested": "requested", "destroyed": "destroyed"}


def push(payload: Node, at: float) -> Parsed:
    """A branch or tag moved. For an annotated tag `after` is the tag object, and `head_commit` the commit it names (trap 24)."""
    ref = payload.text("ref")
    if ref.startswith(QUEUE):
        return Nothing("a merge queue's own branch: its merge_group event counts")
    if not ref.startswith(("refs/heads/", "refs/tags/")):
        return Nothing(f"{ref} is neither a branch nor a tag")
    where = repository(payload.node("repository"))
    before, after = _sha(payload, "before"), _sha(payload, "after")
    head = payload.maybe("head_commit")
    pushed_at = payload.node("repository").members.get("pushed_at", "")
    return Pushed(
        key=f"{NAME}:push:{_number(where.id)}:{ref}:{before}..{after}@{pushed_at}",
        at=at,
        repository=where,
        ref=ref,
        before=before,
        after=after,
        commit=pushed_commit(head) if head is not None and after else Commit(after),
        pusher=_pusher(payload),
    )


def _pusher(payload: Node) -> Actor:
    """The sender, by id. `pusher` itself has no id (a deploy key has no account at all)."""
    if payload.maybe("sender") is not None:
        return actor(payload.maybe("sender"))
    pusher = payload.maybe("pusher")
    return Actor("", pusher.text("name", GHOST.login)) if pusher is not None else GHOST


def pull_request_changed(payload: Node, at: float) -> Parsed:
    """A request was opened, got commits or another base, became ready or a draft, or was closed.

    `fork` says only whether the head is in another repository; who adds the bots that are not trusted is the caller, who
    knows the account's settings: the author's `bot` tells.
    """
    action = payload.text("action")
    if action not in PULL_REQUEST_ACTIONS:
        return Nothing(f"pull_request {action} changes neither commits nor base")
    if action == "edited" and not _retargeted(payload):
        return Nothing("only the title or description of the pull request was edited")
    found = payload.node("pull_request")
    request = pull_request(found)
    authors = (request.author, actor(payload.maybe("sender"))) if action in PUSHING_ACTIONS else (request.author,)
    return PullRequestChanged(
        key=(
            f"{NAME}:pull_request:{_number(request.repository.id)}:{request.number}:{action}:{request.head}"
            f":{request.base_ref}@{found.text('updated_at', '')}"
        ),
        at=at,
        repository=repository(payload.node("repository")),
        number=request.number,
        action=PULL_REQUEST_ACTIONS[action],
        title=request.title,
        head=Commit(request.head),
        head_ref=request.head_ref,
        head_repository=request.head_repository,
        base_ref=request.base_ref,
        base_sha=request.base,
        authors=tuple(dict.fromkeys(authors)),
        fork=request.head_repository != request.repository.id,
        merged=request.merged,
        draft=request.draft,
    )


def _retargeted(payload: Node) -> bool:
    changes = payload.maybe("changes")
    return changes is not None and changes.has("base")


def release(payload: Node, at: float) -> Parsed:
    """A release was published. Its commit is known only when `target_commitish` is a SHA; else the tag's tip is to be asked."""
    action = payload.text("action")
    if action != "published":
        return Nothing(f"release {action}: only published counts, which comes with each release")
    where, found = repository(payload.node("repository")), payload.node("release")
    target = found.text("target_commitish", "")
    return Released(
        key=f"{NAME}:release:{_number(where.id)}:{found.number('id')}@{found.text('published_at', '')}",
        at=at,
        repository=where,
        tag=found.text("tag_name"),
        name=found.text("name", ""),
        prerelease=found.flag("prerelease"),
        released_at=found.text("published_at", ""),
        commit=Commit(target if FULL_SHA.fullmatch(target) else ""),
        by=actor(payload.maybe("sender")),
    )


def merge_group(payload: Node, at: float) -> Parsed:
    """A merge queue asks for checks, or is done with a group, whatever for."""
    action = payload.text("action")
    if action not in MERGE_GROUP_ACTIONS:
        return Nothing(f"merge_group {action} is not known")
    if not payload.has("repository"):
        return Nothing("a merge group of no repository")
    where, group = repository(payload.node("repository")), payload.node("merge_group")
    sha, head = group.text("head_sha"), group.maybe("head_commit")
    return MergeGroupChanged(
        key=f"{NAME}:merge_group:{_number(where.id)}:{sha}:{action}",
        at=at,
        repository=where,
        action=MERGE_GROUP_ACTIONS[action],
        head=Commit(sha, head.text("message", "")) if head is not None else Commit(sha),
        head_ref=group.text("head_ref"),
        base_ref=group.text("base_ref"),
        by=actor(payload.maybe("sender")),
    )


def _sha(payload: Node, key: str) -> str:
    """A SHA, "" for the zeros that stand for no commit."""
    sha = payload.text(key)
    return "" if ZEROS.fullmatch(sha) else sha


def _number(qualified: str) -> str:
    return qualified.rpartition(":")[2]
