"""What GitHub refuses, and in which words (spec/forges.md A3-A10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.fakes.github.world import Grant, Repo, Status, World

STATES = frozenset({"pending", "success", "failure", "error"})
REACTIONS = frozenset({"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"})
MOST_STATUSES = 1000
MOST_HOOKS = 20
CONTENT_PER_MINUTE = 80
CONTENT_PER_HOUR = 500


@dataclass
class Refusal(Exception):
    """An answer that is no success."""

    status: int
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[object, ...] = ()


def not_found() -> Refusal:
    return Refusal(404, "Not Found")


def unprocessable(message: str, *errors: object) -> Refusal:
    return Refusal(422, message, errors=errors)


def check_writable(repo: Repo, grant: Grant, needed: str) -> None:
    """A token that only reads, a role that only reads, and an archived repository take no writes."""
    if repo.archived:
        raise Refusal(403, "Repository was archived so is read-only.")
    if not grant.writes:
        kind = "integration" if grant.installation else "personal access token"
        raise Refusal(403, f"Resource not accessible by {kind}", {"X-Accepted-GitHub-Permissions": needed})


def check_pace(world: World, grant: Grant) -> None:
    """80 things created a minute, 500 an hour: then a secondary limit (spec/forges.md A7)."""
    now = world.clock()
    grant.content_writes[:] = [at for at in grant.content_writes if at > now - 3600]
    if len(grant.content_writes) >= CONTENT_PER_HOUR or sum(at > now - 60 for at in grant.content_writes) >= CONTENT_PER_MINUTE:
        words = "You have exceeded a secondary rate limit and have been temporarily blocked from content creation."
        raise Refusal(403, words, {"Retry-After": "60"})
    grant.content_writes.append(now)


def check_body(body: object) -> str:
    """A comment's text: 65,536 characters at most, not blank."""
    if not isinstance(body, str) or not body.strip():
        raise unprocessable("Validation Failed", {"resource": "IssueComment", "field": "body", "code": "missing_field"})
    if len(body) > 65_536:
        raise unprocessable("Validation Failed", "body is too long (maximum is 65536 characters)")
    return body


def check_status(repo: Repo, sha: str, wanted: Mapping[str, object]) -> None:
    """State, length of the description, an existing commit, and 1,000 of one context."""
    if wanted.get("state") not in STATES:
        raise unprocessable("Validation Failed", {"resource": "Status", "field": "state", "code": "invalid"})
    if len(str(wanted.get("description") or "")) > 140:
        raise unprocessable("Validation Failed", "description is too long (maximum is 140 characters)")
    if not repo.git.resolve(sha):
        raise unprocessable(f"No commit found for SHA: {sha}")
    context = str(wanted.get("context") or "default").lower()
    if sum(_same(status, sha, context) for status in repo.statuses) >= MOST_STATUSES:
        raise unprocessable("Validation Failed", "This SHA and context has reached the maximum number of statuses.")


def _same(status: Status, sha: str, context: str) -> bool:
    return status.sha == sha and status.context.lower() == context


def check_hook(repo: Repo, config: Mapping[str, object], loopback: bool) -> None:
    """GitHub reaches no machine of ours by `localhost`; it makes no second hook of one address, and 20 at most."""
    url = str(config.get("url") or "")
    if not loopback and any(host in url for host in ("//localhost", "//127.", "//[::1]")):
        reason = "url is not supported because it isn't reachable over the public Internet (localhost)"
        raise unprocessable("Validation Failed", {"resource": "Hook", "code": "custom", "message": reason})
    if any(hook.config["url"] == url for hook in repo.hooks):
        raise unprocessable("Validation Failed", {"resource": "Hook", "message": "Hook already exists on this repository"})
    if len(repo.hooks) >= MOST_HOOKS:
        raise unprocessable("Validation Failed", {"resource": "Hook", "message": 'The "push" event cannot have more than 20 hooks'})
