"""What hooks say of people talking: comments of all four kinds, and buttons on checks (spec/forges.md A2)."""

from __future__ import annotations

from app.forges import Commented, CommentKind, Conversation, Nothing, Parsed, RunAsked
from app.forges.github._json import Node
from app.forges.github._shapes import actor, comment, repository


def issue_comment(payload: Node, _at: float) -> Parsed:
    """Only those of pull requests: an issue is none when it has no `pull_request`."""
    issue = payload.node("issue")
    if not issue.has("pull_request"):
        return Nothing("a comment on an issue, not on a pull request")
    return _commented(payload, CommentKind.CONVERSATION, issue.number("number"))


def commit_comment(payload: Node, _at: float) -> Parsed:
    return _commented(payload, CommentKind.COMMIT, None, payload.node("comment").text("commit_id"))


def review_comment(payload: Node, _at: float) -> Parsed:
    """A comment in a diff thread. `commit_id` may be null on a thread that is outdated."""
    number = payload.node("pull_request").number("number")
    return _commented(payload, CommentKind.DIFF, number, payload.node("comment").text("commit_id", ""))


def review(payload: Node, _at: float) -> Parsed:
    """A review, with or without a text; `commit_id` is the commit that the reviewer saw."""
    action = payload.text("action")
    if action not in ("submitted", "edited"):
        return Nothing(f"pull_request_review {action}: reviews are counted when they are asked for")
    found, number = payload.node("review"), payload.node("pull_request").number("number")
    if not found.has("submitted_at"):
        return Nothing("a review that was not submitted yet")
    told = _told(payload, "review", CommentKind.REVIEW, number, found.text("commit_id", ""))
    if isinstance(told, Commented) and action == "submitted":
        return Commented(told.repository, told.comment, told.sender, None, told.sha, found.text("state").casefold())
    return told


def _commented(payload: Node, kind: CommentKind, number: int | None, sha: str = "") -> Parsed:
    action = payload.text("action")
    if action not in ("created", "edited"):
        return Nothing(f"a comment was {action}: what it said is kept, whatever becomes of it")  # trap 6
    return _told(payload, "comment", kind, number, sha)


def _told(payload: Node, member: str, kind: CommentKind, number: int | None, sha: str) -> Parsed:
    """The comment, and its old text when it was edited (trap 5: the caller compares the commands of both)."""
    edited_from = None
    if payload.text("action") == "edited":
        old = _old_body(payload)
        if old is None:
            return Nothing("the text of the comment did not change")
        edited_from = old.text("from", "")
    where = repository(payload.node("repository"))
    conversation = Conversation(where.id, number=number, sha="" if number is not None else sha)
    written = comment(payload.node(member), conversation, kind)
    return Commented(where, written, actor(payload.maybe("sender")), edited_from, sha)


def _old_body(payload: Node) -> Node | None:
    changes = payload.maybe("changes")
    return changes.maybe("body") if changes is not None else None


def check_run(payload: Node, app_id: int | None) -> Parsed:
    """Re-run and buttons, of our own check runs only: an App with checks permission hears of others' too."""
    action, run = payload.text("action"), payload.node("check_run")
    if action not in ("rerequested", "requested_action"):
        return Nothing(f"check_run {action} asks for nothing")
    if not _is_of(run, app_id):
        return Nothing("the check run belongs to another App")
    asked = payload.node("requested_action").text("identifier") if action == "requested_action" else action
    return _asked(payload, asked, run.text("head_sha"), run.text("external_id", ""))


def check_suite(payload: Node, app_id: int | None) -> Parsed:
    """Re-run all of our checks on a commit. `head_branch` is null for forks and never read (trap 18)."""
    action, suite = payload.text("action"), payload.node("check_suite")
    if action != "rerequested":
        return Nothing(f"check_suite {action} asks for nothing")
    if not _is_of(suite, app_id):
        return Nothing("the check suite belongs to another App")
    return _asked(payload, "rerequested_suite", suite.text("head_sha"), "")


def _is_of(check: Node, app_id: int | None) -> bool:
    """Whether a check is this App's. Without an App configured every check is somebody else's."""
    app = check.maybe("app")
    return app is not None and app_id is not None and app.has("id") and app.number("id") == app_id


def _asked(payload: Node, action: str, sha: str, external_id: str) -> RunAsked:
    return RunAsked(repository(payload.node("repository")), action, sha, external_id, actor(payload.maybe("sender")))
