"""A double of an IRC server: registers, joins, keeps what is said. `port` is a free one of 127.0.0.1."""

from __future__ import annotations

import socketserver
import threading
from dataclasses import dataclass, field


@dataclass
class IrcDouble:
    """`taken`: nicks in use. `closed`: channels that cannot be joined. `said`: every line that clients sent."""

    taken: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)

    def __enter__(self) -> IrcDouble:
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="irc-double", daemon=True)
        self._thread.start()
        self.port = self._server.server_address[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(double: IrcDouble) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            nick = "*"
            self.say("NOTICE * :looking up")
            while line := self.rfile.readline().decode().rstrip("\r\n"):
                double.said.append(line)
                verb, _, rest = line.partition(" ")
                if verb == "NICK" and rest in double.taken:
                    self.say(f"433 * {rest} :Nickname is already in use")
                elif verb == "NICK":
                    nick = rest
                    self.wfile.write(b"PING :42\r\n")
                elif verb == "PONG":
                    self.say(f"001 {nick} :Welcome")
                elif verb == "JOIN":
                    self.say(f"473 {nick} {rest} :Cannot join channel (+i)" if rest in double.closed else f"366 {nick} {rest} :End")
                elif verb == "QUIT":
                    return

        def say(self, line: str) -> None:
            self.wfile.write(f":double {line}\r\n".encode())

    return Handler
