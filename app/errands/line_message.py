"""Tells the default channels of failures, recoveries and gates: in Slack one message per line run, updated, details in its thread.

By incoming webhook and by e-mail, which can update nothing, a new message comes when there is something new to say (product.md section 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.context import Context
from app.errands._channels import default_channels, heard, tell
from app.errands._places import report_of, run_url
from app.notifiers import Message
from app.store import Claimed, Standing
from app.workflow.line import CandidateState
from app.workflow.report import SEVERITY, Report, Shown
from app.workflow.show import COLOURS, quoted

BAD = (Shown.FAILURE, Shown.ERROR)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing worth telling. `url` leads to it."""

    text: str
    shown: Shown
    url: str


@dataclass(frozen=True, slots=True)
class LineRun:
    """What one root event set going: a commit's jobs, or those of an event without one. `name` is how people know it."""

    subject: str
    name: str
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class LineMessage:
    """`repository`, `sha`: the commit whose line run it is; or `event`, of a line run that no commit caused."""

    name: str = "line_message"

    def do(self, context: Context, claimed: Claimed) -> str:
        if not default_channels(context):
            return "no default channel is set"
        args = {name: str(value) for name, value in claimed.errand.args.items()}
        line_run = _of_event(context, claimed.account, args["event"]) if "event" in args else _of_commit(context, args)
        items = [item for standing in line_run.standings if (item := _item(context, standing))]
        if not items and not heard(context, line_run.subject):
            return "nothing to tell"
        message = _message(line_run.name, items)
        tell(context, line_run.subject, message)
        return message.title


def _of_commit(context: Context, args: Mapping[str, str]) -> LineRun:
    repository, sha = args["repository"], args["sha"]
    known = context.store.repository(repository)
    name = f"{known.full_name if known else repository} {sha[:12]}"
    return LineRun(f"{repository}@{sha}", name, context.store.standing(repository, sha))


RECENT = 200
"""Runs among which those of an event without a commit are looked for."""


def _of_event(context: Context, account: str, event: str) -> LineRun:
    """A tick, a webhook or a call of the API."""
    runs = [view for view in context.store.runs(account, limit=RECENT) if any(cause.event == event for cause in view.run.causes)]
    shown = [each for _, each in context.store.candidates(account) if any(cause.event == event for cause in each.causes)]
    causes = [cause for view in runs for cause in view.run.causes] + [cause for each in shown for cause in each.causes]
    mine = next((cause for cause in causes if cause.event == event), None)
    standings = tuple(
        Standing(
            job=job,
            account=account,
            runs=tuple(view for view in runs if view.run.ref.job == job),
            candidates=tuple(each for each in shown if each.job == job),
            not_run=(),
            reported=False,
        )
        for job in sorted({*(view.run.ref.job for view in runs), *(each.job for each in shown)})
    )
    return LineRun(event, (mine.title or mine.kind) if mine else event, standings)


def _item(context: Context, standing: Standing) -> Item | None:
    """What of one job is worth telling: its gate, its failure, or that it works again."""
    gate = next((each for each in standing.candidates if each.state is CandidateState.OPEN), None)
    if gate is not None:
        command = f"/{context.settings.bot_name} approve {quoted(gate.job)} {gate.short}"
        return Item(f"{gate.job} waits for approval: {command}", Shown.PENDING, "")
    report = report_of(context, standing)
    if report is None or report.entry.run is None:
        return None
    url = run_url(context, standing.account, report.entry.run)
    if report.shown in BAD:
        return Item(f"{standing.job} {report.description}", report.shown, url)
    if report.shown is Shown.SUCCESS and _recovered(context, standing, report):
        return Item(f"{standing.job} works again", Shown.SUCCESS, url)
    return None


def _recovered(context: Context, standing: Standing, report: Report) -> bool:
    """Whether the run before this one in its lane had failed."""
    run = report.entry.run
    if run is None:
        return False
    before = [
        view.run
        for view in context.store.runs(standing.account, standing.job, live=False, limit=20)
        if view.run.ref.number < run.ref.number and view.run.lane == run.lane and view.run.status.executed
    ]
    return bool(before) and not before[0].status.passed


def _message(name: str, items: list[Item]) -> Message:
    """The title tells the worst of it, the lines all."""
    if not items:
        return Message(f"{name}: all is well", colour=COLOURS[Shown.SUCCESS])
    worst = max(items, key=lambda item: SEVERITY[item.shown])
    return Message(f"{name}: {worst.text}", worst.url, tuple(item.text for item in items), COLOURS[worst.shown])


plugin = LineMessage()
