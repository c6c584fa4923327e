"""Sees from outside what jobs do: scripts connect to it and keep the connection, so that it ends when the last process of theirs does.

What a job writes here is an append-only file out of reach of the service, of its workspace and of its death.
"""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Statement:
    """One connection: all that was written to it, and when it ended (None while a process holds it). Times are monotonic seconds."""

    began: float
    lines: list[str] = field(default_factory=list)
    ended: float | None = None
    connection: socket.socket | None = None

    @property
    def name(self) -> str:
        return self.lines[0] if self.lines else ""


class Witness:
    """Listens on the loopback interface. `hook(name)` is the line of script with which a job reports."""

    def __init__(self) -> None:
        self.heard: list[Statement] = []
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _handler(self.heard))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="witness", daemon=True)
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> Witness:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def hook(self, name: str) -> str:
        """Opens file descriptor 9, which every process that the script starts inherits."""
        return f"exec 9<>/dev/tcp/127.0.0.1/{self.port} && echo {name} >&9"

    def of(self, name: str) -> list[Statement]:
        """One for each time that this script ran."""
        return [each for each in list(self.heard) if each.name == name]

    def holding(self, name: str) -> list[Statement]:
        """Those that still have a living process."""
        return [each for each in self.of(name) if each.ended is None]

    def answer(self, name: str, line: str) -> None:
        """What the scripts of this name read from file descriptor 9 next."""
        for each in self.holding(name):
            assert each.connection is not None
            each.connection.sendall(f"{line}\n".encode())


def _handler(heard: list[Statement]) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            testimony = Statement(time.monotonic(), connection=self.connection)
            heard.append(testimony)
            try:
                for line in self.rfile:
                    testimony.lines.append(line.decode(errors="replace").strip())
            except ConnectionResetError:
                pass  # killed with something unread: an end like another
            testimony.ended = time.monotonic()

    return Handler
