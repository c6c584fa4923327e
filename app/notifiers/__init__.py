"""The contract of a notifier: it tells somebody outside the forge.

At least once: after a doubtful answer a message may come twice, and the documentation says so. A refusal that will not change
(no such channel, a bad token) is `Permanent`, limits and outages are `Temporary(after)`; nothing here sleeps. What users
name as an address is reached by `outward` only, which refuses private ones. All text that people or
commits wrote is escaped by the notifier as its service needs it. A failure never fails a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.outward import Outward


@dataclass(frozen=True, slots=True)
class Extract:
    """A failing command, and the last lines that it wrote."""

    command: str
    output: str


@dataclass(frozen=True, slots=True)
class Message:
    """What to say, as plain text: `title` (one line, linked to `url`), `lines` below it, `colour` as `#rrggbb`.

    `thread` makes it an answer to the message with that handle; `handle` replaces the message with that handle.
    `extracts` are of failing commands, for those who have room for them (e-mail).
    """

    title: str
    url: str = ""
    lines: tuple[str, ...] = ()
    colour: str = ""
    recipients: tuple[str, ...] = ()
    thread: str = ""
    handle: str = ""
    extracts: tuple[Extract, ...] = ()


class Notifier(Protocol):
    """One provider. `serves` are the types of integrations that it sends by, or the `method` of a notification without one."""

    @property
    def name(self) -> str: ...

    @property
    def serves(self) -> tuple[str, ...]: ...

    def send(self, message: Message, credentials: Mapping[str, str], outward: Outward) -> str:
        """Sends or updates; returns a handle by which it can be updated or answered, "" where the service has none."""
        ...
