"""Tells the default Slack channel of failures, recoveries and gates: one message per line run, updated, details in its thread.

By incoming webhook, which can update nothing, a new message comes when there is something new to say (product.md section 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.context import Context
from app.errands._places import report_of, run_url
from app.notifiers import Message, Notifier
from app.outward import ANYWHERE
from app.store import Claimed, Posted, Standing
from app.workflow.definition import digest
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
        credentials = default_credentials(context)
        if not credentials:
            return "no default channel is set"
        args = {name: str(value) for name, value in claimed.errand.args.items()}
        line_run = _of_event(context, claimed.account, args["event"]) if "event" in args else _of_commit(context, args)
        items = [item for standing in line_run.standings if (item := _item(context, standing))]
        last = context.store.posted("slack", line_run.subject)
        if not items and last is None:
            return "nothing to tell"
        return self._send(context, line_run.subject, last, _message(line_run.name, items), credentials)

    def _send(self, context: Context, subject: str, last: Posted | None, message: Message, credentials: Mapping[str, str]) -> str:
        wanted = digest([message.title, *message.lines])
        if last and last.digest == wanted:
            return "says so already"
        notifier: Notifier = context.notifiers["slack"]
        handle = notifier.send(replace(message, handle=last.id if last else ""), credentials, ANYWHERE)
        context.store.set_posted(Posted("slack", subject, "slack", handle, wanted, context.store.now()))
        if handle and message.lines:
            notifier.send(replace(message, thread=handle, handle=""), credentials, ANYWHERE)
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


def default_credentials(context: Context) -> dict[str, str]:
    """The default channel's, from the settings; empty when none is set."""
    settings = context.settings
    if settings.slack_bot_token and settings.slack_channel:
        return {
            "token": settings.slack_bot_token.get_secret_value(),
            "channel": settings.slack_channel,
            "apiUrl": settings.slack_api_url,
        }
    if settings.slack_webhook_url:
        return {"webhookUrl": settings.slack_webhook_url.get_secret_value()}
    return {}


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
