"""What `gateline show` tells of whole accounts: the jobs of the line with their newest runs, and what waits at gates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from app.cli.gates import candidate_json
from app.cli.printout import Printout, table
from app.cli.trouble import count
from app.cli.words import NONE, ago, status
from app.context import Context
from app.store import RunView
from app.web import shapes
from app.web.waiting import why_waiting
from app.workflow.answers import waits_for_approval
from app.workflow.definition import Json
from app.workflow.line import Cause, Lane, Line, Node, Status
from app.workflow.report import Entry, describe

NO_SOURCE = "There is no source yet: add one with `gateline source add FORGE:OWNER/REPO`."
LOOKED_AT = 500
"""Runs of an account that are looked at, newest first: a lane that has none among them is not shown."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A job of the line with the newest run of each open lane, main first."""

    node: Node
    runs: tuple[RunView, ...]


def line(context: Context, accounts: Iterable[str]) -> Printout:
    """The jobs of each account, how they stand in main and in open lanes, and what waits at gates."""
    parts: list[RenderableType] = []
    told: list[Json] = []
    for account in accounts:
        standings = _standings(context, account)
        parts += [Text(account, "bold"), _line_table(context, account, standings), *_hints(standings)]
        told.append({"account": account, "jobs": [_told(context, each) for each in standings]})
    if not told:
        parts.append(NO_SOURCE)
    wrong = count(context)
    attention = (Text(f"{wrong} problem{'s' if wrong > 1 else ''}: gateline show --problems", "yellow"),) if wrong else ()
    return Printout(told, (*parts, *attention))


def _standings(context: Context, account: str) -> list[Standing]:
    newest: dict[tuple[str, Lane], RunView] = {}
    for view in context.store.runs(account, limit=LOOKED_AT):
        newest.setdefault((view.run.ref.job, view.run.lane), view)

    def nodes(line: Line) -> tuple[tuple[Node, ...], frozenset[Lane]]:
        names = [job.name for fragment in line.fragments().of.values() for job in fragment.jobs]
        lanes = {lane for _, lane in newest}
        return line.nodes(names), frozenset(lane for lane in lanes if lane.main or line.opened(lane))

    found, open_lanes = context.store.ask(account, nodes)
    ordered = sorted(open_lanes, key=lambda lane: (not lane.main, lane.label))
    return [Standing(node, tuple(newest[node.name, lane] for lane in ordered if (node.name, lane) in newest)) for node in found if node.job]


def _line_table(context: Context, account: str, standings: Iterable[Standing]) -> RenderableType:
    now = context.store.now()
    rows: list[tuple[RenderableType, ...]] = []
    for each in standings:
        own = [*_gate_rows(each.node, now), *(_run_row(context, view, now) for view in each.runs)]
        own = own or [("main", NONE, _idle(each.node), NONE, "")]
        rows += [(each.node.name if number == 0 else "", *row) for number, row in enumerate(own)]
    return table(("JOB", "LANE", "RUN", "STATUS", "WHEN", "CAUSE"), rows) if rows else Text(f"No jobs in {account} yet.")


def _gate_rows(node: Node, now: float) -> Iterator[tuple[RenderableType, ...]]:
    for candidate in node.open:
        state = Text(waits_for_approval(candidate), "magenta")
        yield candidate.lane.label, NONE, state, ago(now, candidate.created), cause_text(candidate.causes)


def _run_row(context: Context, view: RunView, now: float) -> tuple[RenderableType, ...]:
    run = view.run
    at = run.ended or run.started or run.created
    return run.lane.label, f"#{run.ref.number}", status(standing_text(context, view), run.status), ago(now, at), cause_text(run.causes)


def standing_text(context: Context, view: RunView) -> str:
    """As a commit status says it; of a run that has not started its status, and what it waits for."""
    run = view.run
    if run.status in (Status.WAITING, Status.QUEUED):
        return f"{run.status}: {_uncapitalised(' '.join(why_waiting(context, view)).rstrip('.'))}"
    return describe(Entry(run.created, run.lane, run=run), lambda _: "").description


def _uncapitalised(sentence: str) -> str:
    return f"{sentence[:1].lower()}{sentence[1:]}"


def _idle(node: Node) -> str:
    if node.inconsistent:
        return "may not start: it has problems"
    return "paused, never run" if node.paused else "never run"


def cause_text(causes: tuple[Cause, ...]) -> str:
    """The newest cause, on one line."""
    if not causes:
        return ""
    cause = causes[-1]
    where = f"{cause.full_name}#{cause.number}" if cause.number else cause.full_name or cause.kind
    title = cause.title.partition("\n")[0]
    return " ".join(word for word in (where, cause.sha[:12], title if len(title) <= 40 else f"{title[:39]}…") if word)


def _hints(standings: Iterable[Standing]) -> Iterator[str]:
    """What people can do. That a shut IN changed is only worth a word where nothing else starts the job."""
    for each in standings:
        node = each.node
        if node.paused:
            yield f"{node.name} is paused: gateline resume {node.name}"
        if node.ready and node.job and not any(step.switch for step in node.job.inputs):
            lanes = ", ".join(sorted(lane.label for lane in node.ready))
            yield f"{node.name} is ready by hand in {lanes}: gateline trigger {node.name}"
        for candidate in node.open:
            yield f"{node.name} waits for approval: gateline approve {node.name} {candidate.short}"


def _told(context: Context, standing: Standing) -> Json:
    node = standing.node
    return {
        "job": node.name,
        "paused": node.paused,
        "ready": [*sorted(lane.label for lane in node.ready)],
        "problems": list(node.inconsistent),
        "candidates": [candidate_json(each) for each in node.open],
        "runs": [shapes.run(view, context.settings.url) for view in standing.runs],
    }
