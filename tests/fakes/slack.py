"""A double of Slack over HTTP: two methods of the Web API and an incoming webhook; refuses what spec/forges.md C says.

with SlackDouble() as slack: … GATELINE_SLACK_API_URL=slack.api_url, GATELINE_SLACK_WEBHOOK_URL=slack.webhook_url …
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

TOKEN = "xoxb-the-bots-token"
CHANNEL = "C0DEPLOYS"
HOOK = "/services/T0/B0/hook"
MOST_TEXT = 40_000
PART = 3_000


@dataclass
class Posted:
    """A message: `edits` are its former texts; `thread` is the `ts` of the message that it answers."""

    ts: str
    channel: str
    text: str
    attachments: list[dict[str, Any]]
    thread: str = ""
    edits: list[str] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """All that people read."""
        return "\n".join([self.text, *(str(part.get("text", "")) for part in self.attachments)])


class SlackDouble:
    """One workspace with one channel. `messages` are what it shows, oldest first; `hooked` what came by the webhook."""

    def __init__(self) -> None:
        self.messages: list[Posted] = []
        self.hooked: list[dict[str, Any]] = []
        self.limited = 0
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="slack-double", daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.api_url = f"{self.url}/api/"
        self.webhook_url = f"{self.url}{HOOK}"

    def __enter__(self) -> SlackDouble:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def limit(self, times: int) -> None:
        """The next `times` requests come too fast: Slack answers 429 and when to come back."""
        self.limited = times

    def answer(self, path: str, token: str, told: dict[str, Any]) -> tuple[int, Any]:
        """(HTTP status, JSON or text). The Web API answers its refusals 200 with `ok: false`."""
        with self._lock:
            if self.limited > 0:
                self.limited -= 1
                return 429, {"ok": False, "error": "ratelimited"}
            if path == HOOK:
                return self._hook(told)
            refusal = _refusal(token, told)
            if refusal:
                return 200, {"ok": False, "error": refusal}
            if path == "/api/chat.postMessage":
                return 200, self._post(told)
            return (200, self._update(told)) if path == "/api/chat.update" else (404, "no such method")

    def _hook(self, told: dict[str, Any]) -> tuple[int, Any]:
        if not told.get("text") and not told.get("attachments"):
            return 400, "no_text"
        self.hooked.append(told)
        return 200, "ok"

    def _post(self, told: dict[str, Any]) -> dict[str, Any]:
        thread = str(told.get("thread_ts") or "")
        parent = self._known(thread)
        if thread and (parent is None or parent.thread):
            return {"ok": False, "error": "thread_not_found"}
        made = Posted(f"1700000000.{next(self._numbers):06}", CHANNEL, str(told.get("text", "")), told.get("attachments") or [], thread)
        self.messages.append(made)
        return {"ok": True, "channel": CHANNEL, "ts": made.ts}

    def _update(self, told: dict[str, Any]) -> dict[str, Any]:
        """Takes a channel's id only."""
        known = self._known(str(told.get("ts", "")))
        if told.get("channel") != CHANNEL or known is None:
            return {"ok": False, "error": "channel_not_found" if known else "message_not_found"}
        known.edits.append(known.text)
        known.text, known.attachments = str(told.get("text", "")), told.get("attachments") or []
        return {"ok": True, "channel": CHANNEL, "ts": known.ts}

    def _known(self, ts: str) -> Posted | None:
        return next((message for message in self.messages if message.ts == ts), None)


def _refusal(token: str, told: dict[str, Any]) -> str:
    """The error that Slack names, "" for none."""
    parts = told.get("attachments") or []
    if token != f"Bearer {TOKEN}":
        return "invalid_auth"
    if told.get("channel") not in (CHANNEL, "#deploys"):
        return "channel_not_found"
    if not told.get("text") and not parts:
        return "no_text"
    if len(str(told.get("text", ""))) > MOST_TEXT:
        return "msg_too_long"
    return "invalid_attachments" if any(len(str(part.get("text", ""))) > PART for part in parts) else ""


def _handler(double: SlackDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            status, said = double.answer(self.path, self.headers.get("Authorization", ""), _read(self.headers.get("Content-Type", ""), raw))
            body = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if isinstance(said, str) else "application/json")
            self.send_header("Content-Length", str(len(body)))
            if status == 429:
                self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests read `messages` instead."""

    return Handler


def _read(kind: str, raw: str) -> dict[str, Any]:
    """JSON, or a form whose `attachments` are JSON."""
    if kind.startswith("application/json"):
        return dict(json.loads(raw))
    form: dict[str, Any] = dict(parse_qsl(raw, keep_blank_values=True))
    return form | ({"attachments": json.loads(form["attachments"])} if "attachments" in form else {})
