"""What each payload of npm's `@octokit/webhooks-examples` means: `payloads.tsv` is the reviewed truth that a test compares.

`python -m tests.forges.github.payload_table` prints the table as the code reads the payloads now; its difference from
`payloads.tsv` is for a person to judge before it replaces the file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import singledispatch
from pathlib import Path

from app.forges import Commented, Delivery, InstallationChanged, Nothing, Parsed, RepositoryChanged, RunAsked
from app.forges.github.hooks import GithubHooks
from app.workflow.events import MergeGroupChanged, PullRequestChanged, Pushed, Released
from tests.fakes.github.packages import npm_package

TABLE = Path(__file__).with_name("payloads.tsv")
APP_ID = 29310
"""The App that the examples' check runs belong to."""


def examples() -> Iterator[tuple[str, dict[str, object]]]:
    """(event, payload) of each example, in the package's order."""
    index = npm_package("@octokit/webhooks-examples") / "api.github.com" / "index.json"
    for event in json.loads(index.read_text()):
        for example in event["examples"]:
            yield event["name"], example


def rows() -> Iterator[str]:
    """One line an example: number within its event, event, action, meaning, repository, ref or request, actor."""
    hooks, count = GithubHooks(b"", APP_ID), dict[str, int]()
    for event, payload in examples():
        count[event] = count.get(event, 0) + 1
        delivery = Delivery("github", "repository/1", "guid", event, {}, json.dumps(payload).encode())
        yield "\t".join((f"{event}/{count[event]}", str(payload.get("action", "")), *told(hooks.parse(delivery, 0.0))))


@singledispatch
def told(parsed: Parsed) -> tuple[str, ...]:
    """(meaning, repository id, ref or request, actor id) of what was read, in words that a reviewer can compare."""
    raise TypeError(f"{type(parsed).__name__} has no row")


@told.register
def _(parsed: Nothing) -> tuple[str, ...]:
    return (f"nothing, because {parsed.reason}",)


@told.register
def _(parsed: Pushed) -> tuple[str, ...]:
    move = "created" if not parsed.before else "deleted" if not parsed.after else "moved"
    return f"Pushed {move} to {parsed.commit.sha[:12] or '-'}", parsed.repository.id, parsed.ref, parsed.pusher.id or "unknown"


@told.register
def _(parsed: PullRequestChanged) -> tuple[str, ...]:
    marks = [name for name in ("fork", "draft", "merged") if getattr(parsed, name)]
    authors = ",".join(author.id or "unknown" for author in parsed.authors)
    return " ".join(("PullRequestChanged", parsed.action, *marks)), parsed.repository.id, f"#{parsed.number}", authors


@told.register
def _(parsed: Released) -> tuple[str, ...]:
    return f"Released at {parsed.commit.sha[:12] or 'its tag'}", parsed.repository.id, parsed.tag, parsed.by.id


@told.register
def _(parsed: MergeGroupChanged) -> tuple[str, ...]:
    return f"MergeGroupChanged {parsed.action}", parsed.repository.id, parsed.head_ref, parsed.by.id


@told.register
def _(parsed: Commented) -> tuple[str, ...]:
    conversation = parsed.comment.conversation
    edited = "" if parsed.edited_from is None else " edited"
    where = f"#{conversation.number}" if conversation.number is not None else conversation.sha[:12]
    reviewed = f" {parsed.reviewed}" if parsed.reviewed else ""
    return f"Commented {parsed.comment.kind}{edited}{reviewed}", parsed.repository.id, where, parsed.comment.author.id or "unknown"


@told.register
def _(parsed: RepositoryChanged) -> tuple[str, ...]:
    return f"RepositoryChanged {parsed.action}", parsed.repository.id, parsed.repository.full_name, "-"


@told.register
def _(parsed: InstallationChanged) -> tuple[str, ...]:
    numbers = f"+{len(parsed.added)} -{len(parsed.removed)}"
    return f"InstallationChanged {parsed.action} {numbers}", "-", parsed.account, f"installation {parsed.installation}"


@told.register
def _(parsed: RunAsked) -> tuple[str, ...]:
    return f"RunAsked {parsed.action}", parsed.repository.id, parsed.sha[:12], parsed.by.id


if __name__ == "__main__":
    sys.stdout.write("".join(f"{row}\n" for row in rows()))
