"""Which files a change of a repository changed, asked of the forge where a line has `paths` for it (docs/write-a-line.md).

Payloads are no source of this: theirs are short, and tell nothing of a push that was missed.
"""

from __future__ import annotations

from app.context import Context
from app.forges import Forge
from app.workflow.events import PullRequestChanged, Pushed
from app.workflow.line import Line
from app.workflow.paths import wants_files


def by_push(context: Context, account: str, event: Pushed) -> frozenset[str] | None:
    """Against what this account's line has last seen of the ref."""

    def known(line: Line) -> str:
        return line.tip(event.repository.id, event.ref) if wants_files(line, event.repository.id) else ""

    base = context.store.ask(account, known) if event.after else ""
    return _forge(context, event).changed(event.repository.id, base, event.after) if base else None


def by_request(context: Context, account: str, event: PullRequestChanged) -> frozenset[str] | None:
    """Against where the request's branch and its base parted."""
    repository = event.repository.id
    if event.action == "closed" or not context.store.ask(account, lambda line: wants_files(line, repository)):
        return None
    forge = _forge(context, event)
    base = forge.merge_base(repository, event.base_sha, event.head.sha) if event.base_sha else ""
    return forge.changed(repository, base, event.head.sha) if base else None


def _forge(context: Context, event: Pushed | PullRequestChanged) -> Forge:
    return context.forges[event.repository.id.partition(":")[0]].api
