"""What `gateline show` tells of the service itself: problems, workers, and what events came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from app.cli.printout import Printout, table
from app.cli.words import NONE, moment, span, typed_here
from app.context import Context
from app.store import SILENT, Stuck
from app.web import shapes
from app.workflow.definition import Json, Severity
from app.workflow.line import Line, Node

WAITING = 500
"""Runs that are not final that are looked at for pools that nobody serves."""


def count(context: Context) -> int:
    """How many problems there are."""
    return len(_sentences(context)) + len(context.store.stuck())


def problems(context: Context) -> Printout:
    """Files that do not parse, jobs that may not start, errands put off or given up, pools that nobody serves. Not fine when any is."""
    sentences, stuck = _sentences(context), context.store.stuck()
    told: Json = {"problems": [*sentences], "errands": [shapes.stuck(each) for each in stuck]}
    parts: list[RenderableType] = [*sentences]
    if stuck:
        parts += [_errands(stuck, context.store.now()), "To try one at once: gateline redo ERRAND"]
    return Printout(told, tuple(parts) or ("No problems.",), fine=not parts)


def _errands(stuck: Iterable[Stuck], now: float) -> RenderableType:
    rows = [
        (str(each.id), each.errand.kind, each.state, str(each.attempts), _due(each.state, each.due - now), each.problem) for each in stuck
    ]
    return table(("ERRAND", "KIND", "STATE", "ATTEMPTS", "AGAIN", "PROBLEM"), rows)


def _due(state: str, seconds: float) -> str:
    return NONE if state == "failed" else f"in {span(seconds)}"


def _sentences(context: Context) -> list[str]:
    return [*_in_files(context), *_inconsistent(context), *_unserved(context)]


def _in_files(context: Context) -> Iterator[str]:
    for source in context.store.sources():
        yield from (f"{source.key}: {problem}" for problem in source.problems if problem.severity is Severity.ERROR)


def _inconsistent(context: Context) -> Iterator[str]:
    for account in {source.account: None for source in context.store.sources()}:
        for node in context.store.ask(account, _jobs):
            yield from (f"{account}: {node.name} may not start: {sentence}" for sentence in node.inconsistent)


def _jobs(line: Line) -> tuple[Node, ...]:
    return line.nodes([job.name for fragment in line.fragments().of.values() for job in fragment.jobs])


def _unserved(context: Context) -> Iterator[str]:
    waiting = {view.run.pool for view in context.store.runs(live=True, limit=WAITING) if view.run.started is None}
    for pool in sorted(waiting - context.store.pools_served()):
        yield f"Runs wait for the pool {pool}, which no worker serves: start `gateline up`, or add it to GATELINE_POOLS of a machine."


def workers(context: Context) -> Printout:
    """Who works here, what on, and when each was last heard of."""
    found, now = context.store.workers(), context.store.now()
    rows = [
        (each.name, ", ".join(each.pools) or "errands", each.run or NONE, span(now - each.started), _seen(now - each.seen))
        for each in found
    ]
    shown = table(("WORKER", "SERVES", "RUN", "UP", "HEARD OF"), rows) if rows else "No workers: `gateline up` starts them."
    return Printout([shapes.worker(each) for each in found], (shown,))


def _seen(seconds: float) -> Text:
    return Text(f"{span(seconds)} ago", "red" if seconds > SILENT else "")


def events(context: Context, accounts: Iterable[str], limit: int) -> Printout:
    """What came in, newest first, and what was decided or why nothing was."""
    found = [(account, *each) for account in accounts for each in context.store.events(account, limit)]
    bot = context.settings.bot_name
    rows = [(moment(at), kind, "\n".join(typed_here(each, bot) for each in said) or "nothing") for _, at, kind, _, said in found]
    told: list[Json] = [
        {"account": account, "at": at, "kind": kind, "key": key, "decided": list(said)} for account, at, kind, key, said in found
    ]
    return Printout(told, (table(("WHEN", "EVENT", "WHAT CAME OF IT"), rows) if rows else "Nothing happened yet.",))
