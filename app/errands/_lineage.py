"""Where to speak of a job when it has to be found out: its newest causing commit, else the newest commit behind what it takes."""

from __future__ import annotations

from collections.abc import Sequence

from app.context import Context
from app.errands._places import conversations, visible
from app.forges import Conversation
from app.workflow.line import Cause, Lane, Version, VersionRef


def speaking_place(
    context: Context, of: tuple[str, str], lane: Lane, causes: Sequence[Cause], taken: Sequence[VersionRef]
) -> Conversation | None:
    """The conversation for `of` (account, job), one whose readers may know of the job; None when there is none (product.md section 6)."""
    account, job = of
    for cause in reversed(causes):
        if cause.repository and cause.sha and visible(context, cause.repository, account, job):
            return conversations(context, cause.repository, cause.sha, lane)[0]
    for version in _commits(context, account, taken):
        repository = str(version.bag["repository"])
        if visible(context, repository, account, job):
            return conversations(context, repository, str(version.bag["sha"]), version.lane)[0]
    return None


def _commits(context: Context, account: str, taken: Sequence[VersionRef]) -> list[Version]:
    """The commits among these versions and what led to them, newest first."""
    behind = [ref for direct in taken for _, ref in context.store.trace(account, direct)]
    found = [context.store.version(account, ref) for ref in dict.fromkeys([*taken, *behind])]
    commits = [version for _, version in filter(None, found) if version.bag.get("sha") and version.bag.get("repository")]
    return sorted(commits, key=lambda version: -version.created)
