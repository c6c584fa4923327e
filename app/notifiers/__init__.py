"""The contract of a notifier: it tells somebody outside the forge.

At least once: after a doubtful answer a message may come twice, and the documentation says so. A refusal that will not change
(no such channel, a bad token) is `Permanent`, limits and outages are `Temporary(after)`; nothing here sleeps. All text that people or
commits wrote is escaped by the notifier as its service needs it. A failure never fails a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.workflow.definition import JsonMap


@dataclass(frozen=True, slots=True)
class Field:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """What to say, as plain text: `title` (one line, linked to `url`), `lines` below it, `colour` as `#rrggbb`.

    `thread` makes it an answer to the message with that handle; `handle` replaces the message with that handle.
    """

    title: str
    url: str = ""
    lines: tuple[str, ...] = ()
    colour: str = ""
    recipients: tuple[str, ...] = ()
    thread: str = ""
    handle: str = ""
    options: JsonMap | None = None


class Notifier(Protocol):
    """One provider. `name` is what `notification` resources or settings choose it by."""

    @property
    def name(self) -> str: ...

    def send(self, message: Message, credentials: Mapping[str, str]) -> str:
        """Sends or updates; returns a handle by which it can be updated or answered, "" where the service has none."""
        ...
