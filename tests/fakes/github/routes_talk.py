"""The double's routes that write: statuses, comments, reactions, hooks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from tests.fakes.github import shapes
from tests.fakes.github.asking import administered, body, comment_of, commit_of, double, grant, listed, pull_of, routes, world, writable
from tests.fakes.github.refusals import REACTIONS, check_body, check_hook, check_pace, check_status, not_found, unprocessable
from tests.fakes.github.world import Comment, Hook, Person, Repo, Status

talk = Blueprint("talk", __name__)
KINDS = {"issues/comments": "conversation", "comments": "commit", "pulls/comments": "diff"}
CONTENT = {"EYES": "eyes", "ROCKET": "rocket", "THUMBS_DOWN": "-1", "THUMBS_UP": "+1"}


@routes(talk, "POST", "/statuses/<sha>")
def create_status(repo: Repo, sha: str) -> Any:
    asker, wanted = writable(repo, "statuses=write"), body()
    if asker.installation is None and repo.role_of(asker.person) in ("read", "triage"):
        raise not_found()
    check_status(repo, sha, wanted)
    context, description = str(wanted.get("context") or "default"), str(wanted.get("description") or "")
    made = Status(world().next_id(), sha, context, str(wanted["state"]), description, str(wanted.get("target_url") or ""), asker.person)
    repo.statuses.append(made)
    return shapes.status(made), 201


@routes(talk, "GET", "/commits/<sha>/status")
def combined_status(repo: Repo, sha: str) -> Any:
    newest = {one.context.lower(): one for one in repo.statuses if one.sha == sha}
    return {"sha": sha, "statuses": [shapes.status(one) for one in newest.values()], "total_count": len(newest)}


@routes(talk, "GET", "/issues/<int:number>/comments")
def conversation(repo: Repo, number: int) -> Any:
    pull_of(repo, number)
    return listed([shapes.comment(one) for one in repo.comments if (one.kind, one.number) == ("conversation", number)])


@routes(talk, "POST", "/issues/<int:number>/comments")
def create_comment(repo: Repo, number: int) -> Any:
    asker = writable(repo, "issues=write; pull_requests=write")
    pull_of(repo, number)
    return _created(repo, asker.person, number, "")


@routes(talk, "GET", "/commits/<sha>/comments")
def commit_comments(repo: Repo, sha: str) -> Any:
    commit_of(repo, sha)
    return listed([shapes.comment(one) for one in repo.comments if (one.kind, one.sha) == ("commit", sha)])


@routes(talk, "POST", "/commits/<sha>/comments")
def create_commit_comment(repo: Repo, sha: str) -> Any:
    asker = writable(repo, "contents=write")
    return _created(repo, asker.person, None, commit_of(repo, sha))


def _created(repo: Repo, author: Person, number: int | None, sha: str) -> Any:
    text = check_body(body().get("body"))
    if double().check_pace:
        check_pace(world(), grant())
    kind = "conversation" if number is not None else "commit"
    made = Comment(world().next_id(), kind, author, text, world().clock(), number, sha)
    repo.comments.append(made)
    double().happenings.tell_comment(repo, made, "created", author)
    return shapes.comment(made), 201


def _comment_routes(rule: str, kind: str) -> None:
    """Reading, editing and reacting are alike for the kinds of comment, whose ids are not."""

    @routes(talk, "GET", f"/{rule}/<int:comment>")
    def _get(repo: Repo, comment: int) -> Any:
        return shapes.comment(comment_of(repo, comment, kind))

    @routes(talk, "PATCH", f"/{rule}/<int:comment>")
    def _edit(repo: Repo, comment: int) -> Any:
        asker = writable(repo, "issues=write")
        found = comment_of(repo, comment, kind)
        old, found.body, found.updated_at = found.body, check_body(body().get("body")), world().clock()
        double().happenings.tell_comment(repo, found, "edited", asker.person, {"changes": {"body": {"from": old}}})
        return shapes.comment(found)

    @routes(talk, "POST", f"/{rule}/<int:comment>/reactions")
    def _react(repo: Repo, comment: int) -> Any:
        asker = writable(repo, "issues=write")
        content = body().get("content")
        if content not in REACTIONS:
            raise unprocessable("Validation Failed", {"resource": "Reaction", "field": "content", "code": "invalid"})
        return _reacted(comment_of(repo, comment, kind), asker.person, str(content))


def _reacted(found: Comment, by: Person, content: str) -> Any:
    """201 for a new reaction, 200 for one that was there."""
    known = (by.id, content) in found.reactions
    found.reactions.add((by.id, content))
    return {"id": found.id * 10, "content": content, "user": shapes.person(by)}, 200 if known else 201


@routes(talk, "GET", "/pulls/<int:number>/reviews/<int:comment>")
def review(repo: Repo, number: int, comment: int) -> Any:
    pull_of(repo, number)
    return shapes.comment(comment_of(repo, comment, "review"))


@talk.post("/graphql")
def graphql() -> Any:
    """`addReaction` only: errors are answered with 200, as GitHub does."""
    asker, asked = grant(), body()
    variables = asked.get("variables") or {}
    wanted = str(variables.get("subject", "")).removeprefix("C_")
    comments = [one for repo in world().repositories.values() for one in repo.comments if str(one.id) == wanted]
    if "addReaction" not in str(asked.get("query")) or variables.get("content") not in CONTENT or not comments:
        return {"data": None, "errors": [{"type": "NOT_FOUND", "message": "Could not resolve to a node with the global id."}]}
    _reacted(comments[0], asker.person, CONTENT[variables["content"]])
    return {"data": {"addReaction": {"clientMutationId": None}}}


@routes(talk, "GET", "/hooks")
def hooks(repo: Repo) -> Any:
    administered(repo)
    return listed([shapes.hook(one) for one in repo.hooks])


@routes(talk, "POST", "/hooks")
def create_hook(repo: Repo) -> Any:
    administered(repo)
    wanted = body()
    check_hook(repo, wanted.get("config") or {}, double().loopback_hooks)
    made = Hook(world().next_id(), dict(wanted["config"]), list(wanted.get("events", ["push"])), wanted.get("active", True))
    repo.hooks.append(made)
    double().deliveries.emit("ping", {"zen": "Speak like a human.", "hook_id": made.id, "hook": shapes.hook(made)}, repo.owner, repo)
    return shapes.hook(made), 201


@routes(talk, "PATCH", "/hooks/<int:number>")
def edit_hook(repo: Repo, number: int) -> Any:
    administered(repo)
    found = next((one for one in repo.hooks if one.id == number), None)
    if found is None:
        raise not_found()
    wanted = body()
    found.config |= wanted.get("config", {})
    found.events, found.active = list(wanted.get("events", found.events)), wanted.get("active", found.active)
    return shapes.hook(found)


for _rule, _kind in KINDS.items():
    _comment_routes(_rule, _kind)
