"""A double of a mail relay: RFC 5321 as far as a client needs it, one connection a thread.

with MailDouble() as relay: … GATELINE_SMTP_URL=relay.url …; relay.mails are what it took.
"""

from __future__ import annotations

import socketserver
import threading
from base64 import b64decode
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

ANSWERS = {"EHLO": "250-double\r\n250 AUTH PLAIN", "AUTH": "235 welcome", "QUIT": "221 bye"}


@dataclass
class Taken:
    sender: str
    recipients: list[str]
    mail: EmailMessage


@dataclass
class MailDouble:
    """`refused`: address -> the answer to it. `greeting`: its first line. `login`: what was given, as `user password`."""

    refused: dict[str, str] = field(default_factory=dict)
    greeting: str = "220 double ESMTP"
    mails: list[Taken] = field(default_factory=list)
    login: str = ""

    def __enter__(self) -> MailDouble:
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="mail-double", daemon=True)
        self._thread.start()
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"smtp://{self.host}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(double: MailDouble) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.sender, self.recipients = "", list[str]()
            self.say(double.greeting)
            while line := self.rfile.readline().decode().strip():
                verb = line[:4].upper()
                self.say(self.answer(verb, line))
                if verb == "QUIT":
                    return

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def answer(self, verb: str, line: str) -> str:
            address = line.partition("<")[2].partition(">")[0]
            if verb == "AUTH":
                double.login = " ".join(b64decode(line.split()[-1]).decode().split("\0")[1:])
            elif verb == "MAIL":
                self.sender, self.recipients = address, []
            elif verb == "RCPT" and address not in double.refused:
                self.recipients.append(address)
            elif verb == "DATA":
                self.say("354 go on")
                self.take()
            return double.refused.get(address, "") or ANSWERS.get(verb, "250 fine")

        def take(self) -> None:
            raw = bytearray()
            while (line := self.rfile.readline()) != b".\r\n":
                raw += line[1:] if line.startswith(b".") else line
            mail = cast(EmailMessage, message_from_bytes(bytes(raw), policy=default))
            double.mails.append(Taken(self.sender, self.recipients, mail))

    return Handler
