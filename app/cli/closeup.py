"""What `gateline show` tells of one thing: a job, a run, or a commit."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.console import RenderableType
from rich.markdown import Markdown
from rich.text import Text

from app.cli.gates import approvers, candidate_json, candidate_parts
from app.cli.overview import cause_text, standing_text
from app.cli.printout import Printout, table
from app.cli.words import NONE, ago, moment, status
from app.context import Context
from app.errors import NotFound
from app.forges import Conversation
from app.forges.local.api import LocalForge
from app.store import Written
from app.web import shapes
from app.web.run_view import Row, page
from app.workflow.definition import Job, Json
from app.workflow.events import Repository
from app.workflow.line import Node, RunRef

RUNS = 20
"""Newest runs of a job that are listed."""
UNSHOWN = re.compile(r"<!--.*?-->|<details>(?:(?!</details>).)*?```mermaid.*?</details>", re.DOTALL)
"""What a terminal cannot show of a comment: marks of ours, and drawings."""


def job(context: Context, account: str, name: str) -> Printout:
    """Its definition, what waits at its gate, and its newest runs. Raises NotFound."""
    node: Node = context.store.ask(account, lambda line: line.node(name))
    if node.job is None:
        raise NotFound(f"There is no job {name} in {account}: `gateline show` lists them.")
    found, now = context.store.runs(account, name, limit=RUNS), context.store.now()
    rows = [
        (
            f"#{view.run.ref.number}",
            view.run.lane.label,
            status(standing_text(context, view), view.run.status),
            ago(now, view.run.created),
            cause_text(view.run.causes),
        )
        for view in found
    ]
    runs: RenderableType = table(("RUN", "LANE", "STATUS", "CREATED", "CAUSE"), rows) if rows else "It has never run."
    gates = [part for each in node.open for part in ("", *candidate_parts(context, account, each))]
    told: shapes.Shape = {
        **shapes.job(node, node.job),
        "candidates": [candidate_json(each) for each in node.open],
        "runs": [shapes.run(view, context.settings.url) for view in found],
    }
    return Printout(told, (*_definition(account, node, node.job), *gates, "", runs))


def _definition(account: str, node: Node, definition: Job) -> Iterable[RenderableType]:
    yield Text.assemble((node.name, "bold"), f", a {definition.type} job of {definition.source} in {account}")
    starts = [step.name for step in definition.inputs if step.switch]
    reads = [step.name for step in definition.inputs if not step.switch]
    rows = (
        ("started by", ", ".join(starts) or "people only"),
        ("reads", ", ".join(reads)),
        ("writes", ", ".join(step.name for step in definition.outputs)),
        ("followed by", ", ".join(node.consumers)),
        ("gate", f"{definition.gate.required} of {approvers(definition.gate)}" if definition.gate else ""),
        ("pinned", ", ".join(f"{name} to #{version.number}" for name, version in node.pins.items())),
        ("paused", "until `gateline resume`" if node.paused else ""),
        *(("problem", sentence) for sentence in node.inconsistent),
    )
    yield _rows(row for row in rows if row[1])


def _rows(rows: Iterable[tuple[str, ...]]) -> RenderableType:
    made = table(("", ""), rows)
    made.show_header = False
    return made


def run(context: Context, account: str, ref: RunRef) -> Printout:
    """Its state, why, causes, inputs and times. Raises NotFound."""
    view = context.store.run(account, ref)
    if view is None:
        raise NotFound(f"There is no run {ref} in {account}: `gateline show {ref.job}` lists those there are.")
    shown = page(context, view)
    told = shapes.run(view, context.settings.url)
    head = Text.assemble((str(ref), "bold"), " ", status(shown.status, view.run.status), f" in {shown.lane} of {account}")
    rows = (
        *(("why", sentence) for sentence in shown.reasons),
        *(("cause", _joined(row)) for row in shown.causes),
        *(("input", _joined(row)) for row in shown.inputs),
        *((row.label, f"{row.text}{f' ({row.detail})' if row.detail else ''}") for row in shown.times),
        ("values", " ".join(f"{key}={value}" for key, value in view.run.values)),
        ("worker", view.run.worker),
        ("page", str(told["url"])),
        ("log", f"gateline logs {ref}"),
    )
    return Printout({**told, "reasons": list(shown.reasons), "worker": view.run.worker}, (head, _rows(row for row in rows if row[1])))


def _joined(row: Row) -> str:
    return " ".join(part for part in (row.label, row.text, row.detail) if part)


def commit(context: Context, repository: Repository, sha: str) -> Printout:
    """The statuses that were written on a commit, and on the local forge the comments on it and on its pull requests."""
    written = context.store.written_on(repository.id, sha)
    comments = _comments(context, repository, sha)
    statuses = table(("STATUS", "STATE", "DESCRIPTION", "WRITTEN"), [_status(each) for each in written]) if written else "No statuses yet."
    head = Text.assemble((f"{repository.full_name} {sha}", "bold"))
    told: Json = {
        "repository": repository.full_name,
        "sha": sha,
        "statuses": [
            {"context": each.context, "state": each.state.value, "description": each.description, "url": each.url, "at": each.at}
            for each in written
        ],
        "comments": [{"place": place, "author": author, "at": at, "body": body} for place, author, at, body in comments],
    }
    shown = [
        part
        for place, author, at, body in comments
        for part in ("", Text(f"{author} on {place}, {moment(at)}", "bold"), Markdown(UNSHOWN.sub("", body)))
    ]
    return Printout(told, (head, statuses, *shown))


def _status(each: Written) -> tuple[str, str, str, str]:
    return each.context, each.state.value, each.description or NONE, moment(each.at)


def _comments(context: Context, repository: Repository, sha: str) -> list[tuple[str, str, float, str]]:
    """(place, author, when, text), oldest first."""
    port = context.forges.get(repository.id.partition(":")[0])
    if port is None or not isinstance(port.api, LocalForge):
        return []
    requests = port.api.pull_requests_of(repository.id, sha)
    places = [Conversation(repository.id, request.number) for request in requests] or [Conversation(repository.id, sha=sha)]
    return [
        (_place(repository, place), each.author.login or port.api.bot, each.created, each.body)
        for place in places
        for each in port.api.desk.comments(place)
    ]


def _place(repository: Repository, where: Conversation) -> str:
    """As `gateline comment` takes it."""
    return f"{repository.full_name}#{where.number}" if where.number else f"{repository.full_name}@{where.sha[:12]}"
