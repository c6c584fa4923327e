"""Whatever Apprise reaches: Discord, Teams, Telegram, Matrix, ntfy and some hundred more, by an Apprise URL.

Apprise opens its connections itself, so each message is sent by a process of its own, which `_guarded` keeps from private addresses.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.errors import Permanent, Temporary
from app.notifiers import Message
from app.outward import Outward

TIMEOUT: Final = 60
"""Seconds for the whole of it."""


@dataclass(frozen=True, slots=True)
class Apprise:
    """Credentials: `url`. What Apprise could not send is tried again, for it does not tell a refusal from an outage."""

    name: str = "apprise"
    serves: tuple[str, ...] = ("apprise",)

    def send(self, message: Message, credentials: Mapping[str, str], outward: Outward) -> str:
        url = credentials.get("url")
        if not url:
            raise Permanent("an Apprise integration needs `url`")
        body = "\n".join([*message.lines, message.url]).strip()
        asked = {"url": url, "title": message.title, "body": body or message.title, "allowed": outward.allowed}
        try:
            done = subprocess.run(
                [sys.executable, "-m", "app.notifiers._guarded"],
                input=json.dumps(asked).encode(),
                capture_output=True,
                env={},
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Temporary(f"Apprise was not done within {TIMEOUT} s") from None
        if done.returncode:
            raise Temporary("Apprise ended with an error of its own")
        refused, problem = json.loads(done.stdout)
        if refused:
            raise Permanent(problem)
        if problem:
            raise Temporary(problem)
        return ""


plugin = Apprise()
