"""Sends one `NOTIFY` of a job's hooks (spec/workflow-language.md section 8). At least once; a failure never fails a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.context import Context
from app.errors import NotFound, Permanent
from app.notifiers import Message, Notifier
from app.store import Claimed, RunView
from app.workflow.definition import HookKind, Job, Notice, Resource
from app.workflow.line import RunRef, Status
from app.workflow.report import ENDED, Shown
from app.workflow.show import COLOURS, notice

PROVIDERS = {"slackKey": "slack", "slack": "slack"}
"""Integration type -> notifier."""


@dataclass(frozen=True, slots=True)
class Notify:
    """`job`, `number`: the run. `event`: which hook. `notice`: the index of the NOTIFY in it."""

    name: str = "notify"

    def do(self, context: Context, claimed: Claimed) -> str:
        args = claimed.errand.args
        view = context.store.run(claimed.account, RunRef(str(args["job"]), int(str(args["number"]))))
        if view is None:
            return "there is no such run"
        job = context.store.definition_at(claimed.account, view.run.ref)
        asked = _notice(job, HookKind(str(args["event"])), int(str(args["notice"])))
        resource = context.store.ask(claimed.account, lambda line: line.node(asked.name)).resource
        if resource is None or resource.type != "notification":
            raise Permanent(f"{asked.name} is no notification resource: {job.name} cannot tell anybody")
        notifier, credentials = provider(context, claimed.account, resource)
        notifier.send(message(context, view, HookKind(str(args["event"])), resource), credentials)
        return f"told {asked.name}"


def _notice(job: Job, event: HookKind, index: int) -> Notice:
    notices = job.hooks[event].notify if event in job.hooks else ()
    if index >= len(notices):
        raise Permanent(f"{job.name} has no NOTIFY {index} in {event} any more")
    return notices[index]


def provider(context: Context, account: str, resource: Resource) -> tuple[Notifier, Mapping[str, str]]:
    """The notifier that a notification resource names, and its credentials. Raises Permanent with what to set."""
    name = resource.integration or ""
    row = next((row for row in context.store.secret_rows(account) if row.name == name), None)
    if row is None:
        raise Permanent(f"notification {resource.name} uses the integration {name!r}, which is not set: `gateline secret set {name}`")
    notifier = context.notifiers.get(PROVIDERS.get(row.type, ""))
    if notifier is None:
        raise Permanent(f"notification {resource.name}: integrations of type {row.type} cannot be told anything yet")
    try:
        values = context.store.reveal(account, name, resource.source, gated=False)
    except NotFound as problem:
        raise Permanent(str(problem)) from None
    return notifier, {**values, "apiUrl": context.settings.slack_api_url}


def message(context: Context, view: RunView, event: HookKind, resource: Resource) -> Message:
    """Job, number, link, status and colour (section 8.2)."""
    run = view.run
    starting = event is HookKind.ON_START
    shown = Shown.RUNNING if starting else ENDED.get(run.status, (Shown.PENDING, ""))[0]
    wanted = resource.content.get("recipients", ())
    recipients = (wanted,) if isinstance(wanted, str) else tuple(str(each) for each in wanted) if isinstance(wanted, list | tuple) else ()
    title = notice(run.ref.job, run.ref.number, Status.RUNNING if starting else run.status, "" if starting else run.reason)
    causes = [f"{cause.full_name} {cause.sha[:12]} {cause.title}".strip() for cause in run.causes if cause.full_name]
    return Message(title, f"{context.settings.url}/runs/{view.key}", tuple(causes[:5]), COLOURS[shown], recipients)


plugin = Notify()
