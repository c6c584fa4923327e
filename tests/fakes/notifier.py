"""A notifier that remembers what it was told, and raises what is planted in `broken`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.errors import GatelineError
from app.notifiers import Message
from app.outward import Outward


@dataclass
class RememberingNotifier:
    name: str = "slack"
    serves: tuple[str, ...] = ("slackKey",)
    sent: list[tuple[Message, Mapping[str, str]]] = field(default_factory=list)
    broken: GatelineError | None = None

    def send(self, message: Message, credentials: Mapping[str, str], outward: Outward) -> str:
        if self.broken:
            raise self.broken
        self.sent.append((message, credentials))
        return message.handle or message.thread or f"C1:{len(self.sent)}"
