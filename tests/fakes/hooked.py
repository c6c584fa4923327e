"""A double of whatever takes POST requests: keeps them, answers as it is told to.

with HookDouble() as hook: … hook.url …; hook.asked are (path, headers by lower-case name, body).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class HookDouble:
    """`answers`: path -> (status, headers, body); 200 and nothing for the others. GET is answered the same way and kept too."""

    answers: dict[str, tuple[int, Mapping[str, str], str]] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str], str]] = field(default_factory=list)

    def __enter__(self) -> HookDouble:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="hook-double", daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(double: HookDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("latin-1")
            double.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            status, headers, said = double.answers.get(self.path, (200, {}, ""))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(said.encode()))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.encode())

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            """Tests read `asked` instead."""

    return Handler
