"""IRC: joins a channel, says its lines as notices, leaves (RFC 2812; spec/workflow-language.md section 8.3)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import BinaryIO, Final

from app.errors import Permanent, Temporary
from app.notifiers import Message
from app.outward import Outward

PORT: Final = 6667
TLS_PORT: Final = 6697
MOST_LINE: Final = 400
"""Bytes of text in a line; with its command and the server's prefix it may have 512."""
MOST_WAIT: Final = 500
"""Lines of greeting and news that are read before the answer has to come."""
REFUSALS: Final = {"403", "405", "407", "437", "464", "465", "471", "473", "474", "475", "476", "477"}
"""No such channel, banned, full, by invitation only, a key is needed …"""


@dataclass(frozen=True, slots=True)
class Irc:
    """Recipients are `server#channel` or `server:port#channel`; port 6697 is spoken to over TLS. Credentials: `nick`, `password`."""

    name: str = "irc"
    serves: tuple[str, ...] = ("irc",)

    def send(self, message: Message, credentials: Mapping[str, str], outward: Outward) -> str:
        places = sorted(_place(recipient) for recipient in message.recipients)
        if not places:
            raise Permanent("IRC needs to know where to: add `recipients: server#channel` to the notification")
        for (host, port), found in groupby(places, lambda place: place[:2]):
            _tell(outward, (host, port), [channel for _, _, channel in found], message, credentials)
        return ""


def _place(recipient: str) -> tuple[str, int, str]:
    """Host, port and channel."""
    server, mark, channel = recipient.partition("#")
    host, _, port = server.partition(":")
    if not host or not mark or not channel or set(channel) & set(" ,\a\r\n\0") or (port and not port.isdecimal()):
        raise Permanent(f"{recipient!r} is no IRC channel: write `server#channel`, as in irc.libera.chat#builds")
    return host, int(port or PORT), f"#{channel}"


def _tell(outward: Outward, at: tuple[str, int], channels: list[str], message: Message, credentials: Mapping[str, str]) -> None:
    try:
        with outward.connect(*at) as plain:
            wire = ssl.create_default_context().wrap_socket(plain, server_hostname=at[0]) if at[1] == TLS_PORT else plain
            with wire, wire.makefile("rb") as heard:
                _Talk(wire, heard, at[0]).tell(channels, _lines(message), credentials)
    except ssl.SSLCertVerificationError as problem:
        raise Permanent(f"the certificate of {at[0]} is not trusted: {problem.verify_message}") from None
    except OSError as problem:
        raise Temporary(f"the IRC server {at[0]} gave no answer: {problem}") from None


def _lines(message: Message) -> list[str]:
    """Title with the link, then the lines: each without control characters, which IRC ends lines with and colours by."""
    texts = [f"{message.title} {message.url}".strip(), *message.lines]
    plain = ["".join(each if each.isprintable() else " " for each in text) for text in texts]
    return [text.encode()[:MOST_LINE].decode(errors="ignore") for text in plain if text.strip()]


class _Talk:
    """One connection: says, and waits for what must be answered."""

    def __init__(self, wire: socket.socket, heard: BinaryIO, host: str) -> None:
        self._wire = wire
        self._host = host
        self._heard = self._read(heard)

    def tell(self, channels: list[str], lines: list[str], credentials: Mapping[str, str]) -> None:
        nick = credentials.get("nick") or "gateline"
        if credentials.get("password"):
            self._say(f"PASS {credentials['password']}")
        self._say(f"USER {nick} 0 * :Gateline")
        self._say(f"NICK {nick}")
        self._until("001", nick)
        for channel in channels:
            self._say(f"JOIN {channel}")
            self._until("366", nick)
            for line in lines:
                self._say(f"NOTICE {channel} :{line}")
        self._say("QUIT :told")
        for _ in self._heard:  # until it hangs up: what was said has then been read
            pass

    def _say(self, line: str) -> None:
        self._wire.sendall(f"{line}\r\n".encode())

    def _until(self, wanted: str, nick: str) -> None:
        """Reads until the numeric `wanted`; a taken nick gets an underline more."""
        for _, (command, rest) in zip(range(MOST_WAIT), self._heard, strict=False):
            if command == wanted:
                return
            if command == "433":
                nick += "_"
                self._say(f"NICK {nick}")
            elif command in REFUSALS:
                raise Permanent(f"the IRC server {self._host} refused: {rest}")
            elif command == "ERROR":
                raise Temporary(f"the IRC server {self._host} closed the connection: {rest}")
        raise Temporary(f"the IRC server {self._host} hung up before it answered")

    def _read(self, heard: BinaryIO) -> Iterator[tuple[str, str]]:
        """Command and the rest of each line; pings are answered here."""
        while raw := heard.readline(1024):
            line = raw.decode(errors="replace").strip()
            command, _, rest = (line.partition(" ")[2] if line.startswith(":") else line).partition(" ")
            if command == "PING":
                self._say(f"PONG {rest}")
            yield command, rest


plugin = Irc()
