"""A machine in a cloud, in a network of its own: `unshare --net python -m tests.live.metadata FOLDER` prints what became of two runs.

169.254.169.254 is put on the loopback interface of that network, with a server behind it that tells everybody its credentials.
"""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from app.store import RunView
from tests.live.stage import Line, Stage
from tests.live.waiting import eventually

ADDRESS = "169.254.169.254"
SIOCSIFADDR, SIOCSIFFLAGS = 0x8916, 0x8914
UP_AND_RUNNING = 0x41

WORKFLOW = """
    resources:
      - name: app
        type: gitRepo
        versionTemplate: {sourceName: cloud/app, branch: main, buildOnPullRequest: true}
    jobs:
      - name: build
        type: runSh
        steps:
          - IN: app
          - TASK: [{script: "true"}]
    """


class Metadata(BaseHTTPRequestHandler):
    """Answers as clouds do: whoever asks gets credentials."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"AccessKeyId": "a canary", "SecretAccessKey": "another"}')

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def _bring_up() -> None:
    """The loopback interface with its usual address and ADDRESS (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for name, address in ((b"lo", "127.0.0.1"), (b"lo:1", ADDRESS)):
            request = struct.pack("16sH2x4s8x", name, socket.AF_INET, socket.inet_aton(address))
            fcntl.ioctl(control, SIOCSIFADDR, request)
            fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", name, UP_AND_RUNNING))


def _in_lane(line: Line, main: bool) -> RunView | None:
    views = line.stage.context.store.runs(line.account, "build", live=False)
    return next((view for view in views if view.run.lane.main is main), None)


def main(folder: Path) -> None:
    _bring_up()
    server = ThreadingHTTPServer((ADDRESS, 80), Metadata)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Stage(folder, run_workers=1, errand_workers=1) as stage:
        line = stage.add("cloud/app", WORKFLOW)
        line.push("feature")
        stage.github.happen.pull_request("cloud/app", "feature", "carol")
        line.push()
        told = {}
        for lane, is_main in (("main", True), ("pull request", False)):
            run = eventually(f"the run of the {lane}", lambda is_main=is_main: _in_lane(line, is_main)).run  # type: ignore[misc]
            told[lane] = [run.status.value, run.reason]
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
