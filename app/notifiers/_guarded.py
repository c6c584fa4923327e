"""`python -m app.notifiers._guarded`: sends one message by Apprise, and lets it connect to permitted addresses only.

On the standard input: JSON of `url`, `title`, `body`, `allowed`. On the standard output: JSON of whether it is refused for good, and
the problem ("" when it was sent). An audit hook cannot be taken away again, which is why this is a process of its own: whatever
library a service's plugin uses, redirects and second look-ups included, each connection is judged by the address that it goes to. No
program is started, and no file is read that is not Python's or a certificate.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import NoReturn

from apprise import Apprise, AppriseAsset, NotifyFormat, PersistentStoreMode

from app.outward import Outward

FOLDERS = tuple(
    str(Path(folder).resolve())
    for folder in (sys.prefix, sys.base_prefix, Path(__file__).parents[1], "/etc/ssl", "/usr/lib/ssl", "/usr/share")
)
STARTS = frozenset({"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"})


class Guard:
    """The audit hook. `refused` is what it did not let happen."""

    def __init__(self, outward: Outward) -> None:
        self._outward = outward
        self._host = ""
        self.refused = ""

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "socket.getaddrinfo":
            self._host = arguments[0].decode() if isinstance(arguments[0], bytes) else str(arguments[0])
        elif event in ("socket.connect", "socket.sendto"):
            self._judge(arguments[1])
        elif event in STARTS or event.startswith("syslog."):
            self._refuse("this service of Apprise's works on the machine itself, which is not done here")
        elif event == "open" and isinstance(arguments[0], str) and not os.path.realpath(arguments[0]).startswith(FOLDERS):
            self._refuse("this Apprise URL names a file, which is not read here")

    def _judge(self, place: object) -> None:
        if not isinstance(place, tuple):
            self._refuse("this service of Apprise's is one of the machine itself")
        address = ip_address(str(place[0]).partition("%")[0])
        if not self._outward.permits(self._host, address):
            self._refuse(f"{self._host} ({address}) is not public; an administrator can allow it by GATELINE_ALLOW_PRIVATE_ADDRESSES")

    def _refuse(self, sentence: str) -> NoReturn:
        self.refused = self.refused or sentence
        raise PermissionError(sentence)


class Last(logging.Handler):
    """Keeps the last warning of Apprise's."""

    said = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.said = record.getMessage()


def main() -> tuple[bool, str]:
    asked = json.load(sys.stdin)
    warnings = Last(logging.WARNING)
    log = logging.getLogger("apprise")
    log.addHandler(warnings)
    log.propagate = False
    service = Apprise.instantiate(asked["url"], asset=AppriseAsset(storage_mode=PersistentStoreMode.MEMORY, secure_logging=True))
    if service is None:
        return True, "Apprise does not understand the integration's `url`; see https://appriseit.com for the services it knows"
    guard = Guard(Outward(tuple(asked["allowed"])))
    sys.addaudithook(guard)
    sent = service.notify(body=asked["body"], title=asked["title"], body_format=NotifyFormat.TEXT)
    if guard.refused:
        return True, guard.refused
    return False, "" if sent else f"Apprise could not send it: {warnings.said}"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main()))
