"""Slack: by bot token (messages can be updated and answered in a thread) or by incoming webhook (fire and forget)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from app.errors import Permanent, Temporary
from app.notifiers import Message
from app.notifiers._http import post
from app.outward import Outward

MOST_TEXT = 2900
"""Characters of an attachment's text; Slack takes 3,000 (spec/forges.md C)."""
TIMEOUT = 10
"""Seconds for one request."""
PASSING = frozenset({"rate_limited", "ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})
"""Errors of Slack's that pass by themselves."""


@dataclass(frozen=True, slots=True)
class Slack:
    """Credentials: `webhookUrl`; or `token` and, unless the message names recipients, `channel`. `apiUrl` for a double."""

    name: str = "slack"
    serves: tuple[str, ...] = ("slackKey",)

    def send(self, message: Message, credentials: Mapping[str, str], outward: Outward) -> str:
        if credentials.get("token"):
            return _by_token(message, credentials)
        url = credentials.get("webhookUrl")
        if not url:
            raise Permanent("a Slack integration needs `webhookUrl`, or `token` and `channel`")
        for recipient in message.recipients or ("",):
            _by_webhook(message, url, recipient, outward)
        return ""


def _by_token(message: Message, credentials: Mapping[str, str]) -> str:
    """Posts, answers in a thread or updates. A handle is `<channel id>:<ts>`, one a recipient, separated by spaces."""
    base = credentials.get("apiUrl") or WebClient.BASE_URL
    client = WebClient(credentials["token"], base_url=base, timeout=TIMEOUT, retry_handlers=[])
    text, parts = escape(message.title), [attachment(message)]
    handles = []
    for channel, ts in _places(message, credentials):
        if message.handle:
            answer = _call(client.chat_update, channel=channel, ts=ts, text=text, attachments=parts)
        else:
            answer = _call(client.chat_postMessage, channel=channel, thread_ts=ts or None, text=text, attachments=parts, unfurl_links=False)
        handles.append(f"{answer.get('channel')}:{answer.get('ts')}")
    return message.handle or message.thread or " ".join(handles)


def _places(message: Message, credentials: Mapping[str, str]) -> list[tuple[str, str]]:
    """Channel and timestamp of what is updated or answered, or the channels to post to."""
    handle = message.handle or message.thread
    if handle:
        return [(channel, ts) for channel, _, ts in (part.partition(":") for part in handle.split())]
    channels = message.recipients or (credentials.get("channel", ""),)
    if not all(channels):
        raise Permanent("no Slack channel is named: set `recipients` on the notification, or GATELINE_SLACK_CHANNEL")
    return [(channel, "") for channel in channels]


def _call(method: Callable[..., SlackResponse], **arguments: object) -> SlackResponse:
    try:
        return method(**arguments)
    except SlackApiError as problem:
        response = problem.response
        error = str(response.get("error", problem))
        if response.status_code == 429 or response.status_code >= 500 or error in PASSING:
            raise Temporary(f"Slack: {error}", _after(response.headers)) from None
        raise Permanent(f"Slack refused the message: {error}") from None
    except (SlackClientError, URLError, OSError) as problem:
        raise Temporary(f"Slack cannot be reached: {problem}") from None


def _by_webhook(message: Message, url: str, recipient: str, outward: Outward) -> None:
    body: dict[str, object] = {"text": escape(message.title), "attachments": [attachment(message)]}
    post(outward, "Slack", url, body | ({"channel": recipient} if recipient else {}), {})


def _after(headers: Mapping[str, str]) -> float | None:
    given = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return float(given) if str(given).isdigit() else None


def attachment(message: Message) -> dict[str, object]:
    """The message as an attachment: Slack shows its colour as a bar, its title as a link."""
    text = "\n".join(escape(line) for line in message.lines)
    shown = text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"
    return {
        "fallback": escape(message.title),
        "title": escape(message.title),
        "title_link": message.url,
        "text": shown,
        "color": message.colour,
        "mrkdwn_in": [],
    }


def escape(text: str) -> str:
    """Text that Slack shows as it is: no mention, no link (spec/forges.md trap 52)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


plugin = Slack()
