"""A webhook: one POST of flat JSON (spec/workflow-language.md section 8.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import Permanent
from app.notifiers import Message
from app.notifiers._http import post
from app.outward import Outward


@dataclass(frozen=True, slots=True)
class Webhook:
    """Credentials: `webhookURL` and, where the receiver wants to know who it is, `authorization`: the header's value."""

    name: str = "webhook"
    serves: tuple[str, ...] = ("webhookV2",)

    def send(self, message: Message, credentials: Mapping[str, str], outward: Outward) -> str:
        url = credentials.get("webhookURL")
        if not url:
            raise Permanent("a webhook integration needs `webhookURL`")
        authorization = credentials.get("authorization")
        post(outward, "the webhook", url, body(message), {"Authorization": authorization} if authorization else {})
        return ""


def body(message: Message) -> dict[str, str]:
    """The fields that `shipctl notify` sends too, so that a receiver need not tell them apart."""
    return {
        "username": "Gateline",
        "pretext": message.title,
        "text": "\n".join([*message.lines, message.url]).strip(),
        "color": message.colour,
        "recipient": " ".join(message.recipients),
        "icon_url": "",
    }


plugin = Webhook()
