"""Sends one `NOTIFY` of a job's hooks (spec/workflow-language.md section 8). At least once; a failure never fails a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from app.context import Context
from app.errands._extracts import extracts
from app.errors import NotFound, Permanent
from app.notifiers import Message, Notifier
from app.store import Chunk, Claimed, RunView
from app.workflow.definition import HookKind, Job, Notice, Resource
from app.workflow.integrations import Unfit, type_called
from app.workflow.line import RunRef, Status
from app.workflow.report import ENDED, Shown
from app.workflow.show import COLOURS, notice

BAD = frozenset({Status.FAILED, Status.ERRORED, Status.TIMED_OUT, Status.LOST, Status.UNSTABLE})
BY_SCRIPT = frozenset({"airBrakeKey", "newRelicKey", "jira"})
"""Types of integrations that `shipctl notify` alone speaks to (section 10 #27)."""


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
        told = message(context, view, HookKind(str(args["event"])), resource)
        if asked.options.get("sendFailingSnippet") is True and notifier.name == "email" and view.run.status in BAD:
            told = replace(told, extracts=extracts(_chunks(context, view)))
        notifier.send(told, credentials, context.outward)
        return f"told {asked.name}"


def _notice(job: Job, event: HookKind, index: int) -> Notice:
    notices = job.hooks[event].notify if event in job.hooks else ()
    if index >= len(notices):
        raise Permanent(f"{job.name} has no NOTIFY {index} in {event} any more")
    return notices[index]


def _chunks(context: Context, view: RunView) -> Iterator[Chunk]:
    after = 0
    while found := context.store.read_log(view.id, after):
        yield from found
        after = found[-1].number


def provider(context: Context, account: str, resource: Resource) -> tuple[Notifier, Mapping[str, str]]:
    """The notifier that a notification resource names, and its credentials. Raises Permanent with what to set."""
    if not resource.integration:
        return _serving(context, str(resource.content.get("method", "")), resource), _of_settings(context)
    name = resource.integration
    row = next((row for row in context.store.secret_rows(account) if row.name == name), None)
    if row is None:
        raise Permanent(f"notification {resource.name} uses the integration {name!r}, which is not set: `gateline secret set {name}`")
    notifier = _serving(context, _plain_type(row.type), resource)
    try:
        values = context.store.reveal(account, name, resource.source, gated=False)
    except NotFound as problem:
        raise Permanent(str(problem)) from None
    return notifier, {**values, "apiUrl": context.settings.slack_api_url}


def _plain_type(name: str) -> str:
    try:
        return type_called(name).name
    except Unfit:
        return name


def _serving(context: Context, wanted: str, resource: Resource) -> Notifier:
    found = next((each for each in context.notifiers.values() if wanted in each.serves), None)
    if found is not None:
        return found
    if wanted == "hipchatKey":
        raise Permanent(f"notification {resource.name}: HipChat was shut down; use Slack, e-mail, IRC or a webhook")
    if wanted in BY_SCRIPT:
        raise Permanent(
            f"notification {resource.name}: NOTIFY cannot tell {wanted} anything; use `shipctl notify {resource.name}` in a script"
        )
    raise Permanent(f"notification {resource.name}: NOTIFY cannot tell {wanted or 'nobody'} anything")


def _of_settings(context: Context) -> dict[str, str]:
    """What the administrator set for e-mail and IRC."""
    settings = context.settings
    relay = settings.smtp_url.get_secret_value() if settings.smtp_url else ""
    return {"url": relay, "from": settings.mail_from, "nick": settings.irc_nick}


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
