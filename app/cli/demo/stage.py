"""The demo's stage: a fresh Gateline of its own (data, ports, processes) and a working copy to push from; gone at the end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from app.cli.supervise import die_with_parent
from app.context import Context
from app.errors import Temporary
from app.wire import build
from config.settings import Settings, load

Found = TypeVar("Found")
PATIENCE = 60.0
"""Seconds that the demo waits for anything before it gives up and says what it waited for."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Stage:
    """A context manager: starts `gateline up` with data of its own, and leaves no process and no file (unless `keep`)."""

    def __init__(self, environment: Mapping[str, str], keep: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gateline-demo-"))
        self.keep = keep
        own = {name: value for name, value in environment.items() if not name.startswith("GATELINE_")}
        self.environment = {
            **own,
            "GATELINE_DATA_DIR": str(self.folder / "data"),
            "GATELINE_BIND": f"127.0.0.1:{free_port()}",
            "GATELINE_CONFIG": str(self._configuration()),
            "GATELINE_WEB_WORKERS": "1",
            "GATELINE_DRAIN": "5",
        }
        self.settings: Settings = load(self.environment)
        self._up: subprocess.Popen[bytes] | None = None
        self._pause = threading.Event()

    def _configuration(self) -> Path:
        path = self.folder / "gateline.toml"
        path.write_text("# the demo needs no settings\n")
        return path

    def __enter__(self) -> Stage:
        with (self.folder / "service.log").open("wb") as output:
            self._up = subprocess.Popen(
                [sys.executable, "-m", "app.cli.main", "up"],
                env=self.environment,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self.wait("the service to be ready", self._ready)
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        if self._up is not None and self._up.poll() is None:
            self._up.send_signal(signal.SIGTERM)
            try:
                self._up.wait(30)
            except subprocess.TimeoutExpired:
                self._up.kill()
                self._up.wait()
        if kind is not None and kind is not KeyboardInterrupt:
            print(f"\nWhat the service said is kept in {self.folder / 'service.log'}", file=sys.stderr)
        elif not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def context(self) -> Context:
        """The same ports that the service's processes have."""
        return build(self.settings)

    def _ready(self) -> bool:
        if self._up is not None and self._up.poll() is not None:
            raise Temporary(f"the service ended at once; see {self.folder / 'service.log'}")
        try:
            with urllib.request.urlopen(f"{self.settings.url}/readyz", timeout=2) as answer:  # noqa: S310 - our own loopback address
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def wait(self, what: str, found: Callable[[], Found | None]) -> Found:
        """Asks until there is an answer. Raises Temporary naming `what` when there is none in time."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            answer = found()
            if answer:
                return answer
            self._pause.wait(0.1)
        raise Temporary(f"waited {PATIENCE:.0f} s for {what} in vain")


class Checkout:
    """Somebody's working copy of a repository."""

    def __init__(self, folder: Path, remote: str, login: str) -> None:
        self.folder = folder
        self._env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder.parent),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": login,
            "GIT_AUTHOR_EMAIL": f"{login}@example.org",
            "GIT_COMMITTER_NAME": login,
            "GIT_COMMITTER_EMAIL": f"{login}@example.org",
            "GATELINE_USER": login,
        }
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", remote)

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.folder), *arguments]
        done = subprocess.run(command, env=self._env, capture_output=True, text=True, check=False)  # noqa: S603 - the demo's own words
        if done.returncode:
            raise Temporary(f"git {' '.join(arguments)} failed: {done.stderr.strip()}")
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str], message: str) -> str:
        """Writes and commits `files`; returns the SHA."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-qm", message)
        return self.git("rev-parse", "HEAD")

    def push(self, branch: str) -> None:
        self.git("push", "-q", "origin", f"HEAD:refs/heads/{branch}")
