"""GitHub's objects as our types: the same in hooks and in answers of the API (spec/forges.md A2)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from app.forges import Comment, CommentKind, Conversation, PullRequest, Review
from app.forges.github._json import Malformed, Node
from app.workflow.events import Commit, Repository
from app.workflow.line import Actor

NAME = "github"
GHOST = Actor("", "ghost")
"""Whose account was deleted: GitHub tells null for such people."""


def qualified(number: int) -> str:
    """Our id of a thing that GitHub numbers."""
    return f"{NAME}:{number}"


def actor(user: Node | None) -> Actor:
    """A person, team's bot or App; `GHOST` for null and for an organisation's deploy key, which have no id."""
    if user is None or not user.has("id"):
        return GHOST
    return Actor(qualified(user.number("id")), user.text("login", "ghost"), bot=user.text("type", "User") == "Bot")


def repository(found: Node) -> Repository:
    """From a full or a minimal repository (an installation's have id, full_name and private only)."""
    return Repository(
        id=qualified(found.number("id")),
        full_name=found.text("full_name"),
        default_branch=found.text("default_branch", ""),
        private=found.flag("private"),
        clone_url=found.text("clone_url", ""),
        ssh_url=found.text("ssh_url", ""),
        fork=found.flag("fork"),
    )


def pushed_commit(found: Node) -> Commit:
    """From a hook's `head_commit` or `commits[]`."""
    return _commit(found, found.text("id"), found.text("url", ""))


def git_commit(found: Node) -> Commit:
    """From the git database's commit (`/git/commits/{sha}`)."""
    return _commit(found, found.text("sha"), found.text("html_url", ""))


def listed_commit(found: Node) -> Commit:
    """From a commit as branches and comparisons list it: git's part stands one level deeper."""
    return _commit(found.node("commit"), found.text("sha"), found.text("html_url", ""))


def _commit(found: Node, sha: str, url: str) -> Commit:
    return Commit(sha, found.text("message", ""), _name(found, "author"), _name(found, "committer"), url)


def _name(found: Node, role: str) -> str:
    person = found.maybe(role)
    return person.text("name", "") if person is not None else ""


def comment(found: Node, where: Conversation, kind: CommentKind) -> Comment:
    """From any of the four kinds of comment; a review's text may be null, its time is `submitted_at`."""
    return Comment(
        id=qualified(found.number("id")),
        conversation=where,
        kind=kind,
        body=found.text("body", ""),
        author=actor(found.maybe("user")),
        created=moment(found, "submitted_at" if kind is CommentKind.REVIEW else "created_at"),
    )


def pull_request(found: Node) -> PullRequest:
    """From a full or a listed one. `head.repo` is null when the fork was deleted: "" (trap 17).

    `merge_commit_sha` names a test merge until the request is merged (spec/forges.md A8): told only then.
    """
    head, base = found.node("head"), found.node("base")
    source = head.maybe("repo")
    merged = found.flag("merged") or found.has("merged_at")
    return PullRequest(
        repository=repository(base.node("repo")),
        number=found.number("number"),
        title=found.text("title", ""),
        open=found.text("state") == "open",
        draft=found.flag("draft"),
        head=head.text("sha"),
        head_ref=head.text("ref"),
        head_repository=qualified(source.number("id")) if source is not None else "",
        base=base.text("sha"),
        base_ref=base.text("ref"),
        author=actor(found.maybe("user")),
        merged=merged,
        merge_commit=found.text("merge_commit_sha", "") if merged else "",
        labels=tuple(label.text("name", "") for label in found.nodes("labels")),
    )


def review(found: Node) -> Review:
    """State in lower case: the API tells upper, hooks tell lower (spec/forges.md A2)."""
    return Review(
        by=actor(found.maybe("user")),
        state=found.text("state").casefold(),
        sha=found.text("commit_id", ""),
        at=moment(found, "submitted_at"),
    )


def moment(found: Node, key: str) -> float:
    """A time in seconds since the epoch: ISO 8601 with Z or an offset, or a number (pushes) (trap 54)."""
    value = found.members.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = found.text(key)
    try:
        parsed = datetime.fromisoformat(re.sub(r" UTC$", "Z", text))
    except ValueError:
        raise Malformed(f"{found.where}.{key} must be a time in ISO 8601 and is {text[:40]!r}") from None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
