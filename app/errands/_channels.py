"""The default channels, which hear of failures, recoveries and gates of all sources (product.md section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.context import Context
from app.errors import GatelineError
from app.notifiers import Message
from app.outward import ANYWHERE
from app.store import Posted
from app.workflow.definition import digest


@dataclass(frozen=True, slots=True)
class Channel:
    """One that the settings name: the notifier, what it needs, and who is told."""

    notifier: str
    credentials: Mapping[str, str]
    recipients: tuple[str, ...] = ()


def default_channels(context: Context) -> tuple[Channel, ...]:
    """Slack by token or else by webhook, and e-mail; none when nothing is set."""
    settings = context.settings
    found: list[Channel] = []
    if settings.slack_bot_token and settings.slack_channel:
        token = settings.slack_bot_token.get_secret_value()
        found.append(Channel("slack", {"token": token, "channel": settings.slack_channel, "apiUrl": settings.slack_api_url}))
    elif settings.slack_webhook_url:
        found.append(Channel("slack", {"webhookUrl": settings.slack_webhook_url.get_secret_value()}))
    if settings.mail_to:
        relay = settings.smtp_url.get_secret_value() if settings.smtp_url else ""
        found.append(Channel("email", {"url": relay, "from": settings.mail_from}, settings.mail_to))
    return tuple(found)


def tell(context: Context, subject: str, message: Message) -> None:
    """Says it on each default channel that does not say so already; one that cannot be told keeps no other back.

    Where messages can be updated the one of this subject is, with its lines again in its thread. Raises what the first failure was.
    """
    problems: list[GatelineError] = []
    for channel in default_channels(context):
        try:
            _tell(context, channel, subject, message)
        except GatelineError as problem:
            problems.append(problem)
    if problems:
        raise problems[0]


def heard(context: Context, subject: str) -> bool:
    """Whether any channel was told of this subject."""
    return any(context.store.posted(channel.notifier, subject) for channel in default_channels(context))


def _tell(context: Context, channel: Channel, subject: str, message: Message) -> None:
    wanted = digest([message.title, *message.lines])
    last = context.store.posted(channel.notifier, subject)
    if last and last.digest == wanted:
        return
    notifier = context.notifiers[channel.notifier]
    addressed = replace(message, recipients=channel.recipients)
    handle = notifier.send(replace(addressed, handle=last.id if last else ""), channel.credentials, ANYWHERE)
    context.store.set_posted(Posted(channel.notifier, subject, channel.notifier, handle, wanted, context.store.now()))
    if handle and message.lines:
        notifier.send(replace(addressed, thread=handle), channel.credentials, ANYWHERE)
