"""`notification`: where news of jobs goes (sections 2.2 and 8.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.resources._base import Kind, strings, text
from app.workflow.definition import Resource
from app.workflow.kinds import Fault, Field, Use

SHAPES = {
    "email": (re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+"), "e-mail address: write `name@example.com`"),
    "irc": (re.compile(r"[^#:\s,]+(:\d{1,5})?#[^\s,]+"), "IRC channel: write `server#channel`, as in `irc.libera.chat#builds`"),
}


@dataclass(frozen=True, slots=True)
class Notification(Kind):
    """Sent by an integration, or by `method` when there is none."""

    def check(self, resource: Resource) -> Iterable[Fault]:
        if not resource.integration and not text(resource.content, "method"):
            yield Fault("method", "A notification needs an `integration`, or `method: email` or `method: irc`.")
        if text(resource.content, "method") and not strings(resource.content.get("recipients")):
            yield Fault("recipients", f"`method: {text(resource.content, 'method')}` reaches nobody: add `recipients`.")
        if not resource.integration and (shape := SHAPES.get(text(resource.content, "method"))):
            for recipient in strings(resource.content.get("recipients")):
                if not shape[0].fullmatch(recipient):
                    yield Fault("recipients", f"{recipient!r} is no {shape[1]}.")


plugin = Notification(
    name="notification",
    code=1016,
    help="Where news of jobs is sent: NOTIFY names it.",
    fields={
        "method": Field("str", "How to send when there is no integration.", choices=("email", "irc")),
        "recipients": Field("strings", "Channels (`#ops`), people (`@alice`), addresses, or `server#channel` for IRC."),
        "sendConsoleLogs": Field("bool", "Accepted from old files; failures always come with the failing step's last lines."),
    },
    integration=Use.OPTIONAL,
)
