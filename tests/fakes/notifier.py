"""A notifier that remembers what it was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.notifiers import Message


@dataclass
class RememberingNotifier:
    name: str = "slack"
    sent: list[tuple[Message, Mapping[str, str]]] = field(default_factory=list)

    def send(self, message: Message, credentials: Mapping[str, str]) -> str:
        self.sent.append((message, credentials))
        return message.handle or message.thread or f"C1:{len(self.sent)}"
