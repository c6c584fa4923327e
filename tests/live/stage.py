"""A Gateline with data, ports and processes of its own, beside a GitHub and a Slack that it knows nothing else of."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import dedent
from types import TracebackType

from app.context import Context
from app.sources import add_source, examine
from app.store import RunView
from app.wire import build
from app.workflow.line import Candidate, RunRef
from config.settings import load
from tests.fakes.github.happenings import encoded
from tests.fakes.github.server import GithubDouble
from tests.fakes.slack import CHANNEL, SlackDouble
from tests.fakes.slack import TOKEN as SLACK_TOKEN
from tests.live.processes import Found, below, marked, one
from tests.live.waiting import PATIENCE, eventually

BOT = "gateline-bot"
TOKEN = "ghp_the_token_of_the_bots_user"
SECRET = "what GitHub signs hooks with"
PROJECT = Path(__file__).resolve().parents[2]
DRAIN = 8
"""Seconds that a running run gets when a stage is taken down."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Stage:
    """`gateline up` from entering to leaving, which checks that nothing is left. `settings` are further ones, without `GATELINE_`."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder
        self.github = GithubDouble(folder / "github")
        self.slack = SlackDouble()
        self.github.happen.token(TOKEN, BOT)
        folder.joinpath("gateline.toml").write_text("# all settings are in the environment\n")
        own = {name: value for name, value in os.environ.items() if not name.startswith("GATELINE_")}
        chosen = {
            "data_dir": folder / "data",
            "bind": f"127.0.0.1:{free_port()}",
            "config": folder / "gateline.toml",
            "web_workers": 1,
            "drain": DRAIN,
            "github_api_url": self.github.url,
            "github_token": TOKEN,
            "github_webhook_secret": SECRET,
            "slack_api_url": self.slack.api_url,
            "slack_bot_token": SLACK_TOKEN,
            "slack_channel": CHANNEL,
        } | settings
        self.environment = own | {f"GATELINE_{name.upper()}": str(value) for name, value in chosen.items()}
        self.settings = load(self.environment)
        self.up: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Stage:
        self.github.__enter__()
        self.slack.__enter__()
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.stop()
        finally:
            self.slack.__exit__()
            self.github.__exit__()
            if "context" in self.__dict__:
                self.context.store.close()
        if kind is None:
            assert marked(str(self.folder / "data")) == []
            assert not self.settings.socket.exists()

    # -- the service -------------------------------------------------------------------------------------------------------

    @property
    def log(self) -> str:
        """All that the service's processes have written so far."""
        return (self.folder / "service.log").read_text(errors="replace")

    def start(self, **settings: object) -> None:
        """Returns when it is ready. `settings` replace those of the stage from now on."""
        self.environment |= {f"GATELINE_{name.upper()}": str(value) for name, value in settings.items()}
        with (self.folder / "service.log").open("ab") as output:
            self.up = subprocess.Popen(
                [sys.executable, "-m", "app.cli.main", "up"],
                cwd=PROJECT,
                env=self.environment,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
            )
        eventually("the service to be ready", self._ready)

    def _ready(self) -> bool:
        assert self.up is not None
        assert self.up.poll() is None, f"the service ended at once:\n{self.log}"
        return self.get("/readyz") == 200 and len(self.context.store.workers()) >= self.settings.run_workers + self.settings.errand_workers

    def stop(self) -> int:
        """Asks it to end as an operator would; its exit code."""
        assert self.up is not None
        self.up.send_signal(signal.SIGTERM)
        try:
            return self.up.wait(DRAIN + PATIENCE)
        except subprocess.TimeoutExpired:
            self.up.kill()
            raise

    def processes(self) -> list[Found]:
        assert self.up is not None
        return below(self.up.pid)

    def process(self, words: str) -> Found:
        assert self.up is not None
        return one(self.up.pid, words)

    def get(self, path: str) -> int:
        """The status of an answer, 0 for none."""
        try:
            with urllib.request.urlopen(f"{self.settings.url}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code
        except OSError:
            return 0

    def cli(self, *arguments: str, check: bool = True) -> str:
        """What `gateline ARGUMENTS…` prints, run at the machine with the service's settings."""
        command = [sys.executable, "-m", "app.cli.main", *arguments]
        done = subprocess.run(command, cwd=PROJECT, env=self.environment, capture_output=True, text=True, check=False, timeout=PATIENCE)
        assert not check or done.returncode == 0, f"gateline {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    @cached_property
    def context(self) -> Context:
        """The same ports that the service's processes have."""
        return build(self.settings)

    def add(self, full_name: str, workflow: str, warned: tuple[str, ...] = ()) -> Line:
        """A repository with this workflow on main, as a source. alice administers it, carol writes, bob only reads.

        `warned`: what adding it warns of, and nothing else.
        """
        happen = self.github.happen
        happen.repository(full_name)
        for login, role in ((BOT, "admin"), ("alice", "admin"), ("carol", "write"), ("bob", "read")):
            happen.grant(full_name, login, role)
        happen.commit(full_name, "main", encoded({"gateline.yml": dedent(workflow)}))
        examined = examine(self.context, f"github:{full_name}")
        assert tuple(problem.sentence for problem in examined.reading.problems) == warned
        add_source(self.context, examined.repository)
        return Line(self, full_name, examined.source.account, examined.repository.id)


@dataclass(frozen=True)
class Line:
    """One account's line on a stage, with one repository."""

    stage: Stage
    full_name: str
    account: str
    repository: str

    def push(self, branch: str = "main", files: Mapping[str, str] | None = None, by: str = "carol") -> str:
        changed = encoded(files or {"changed.txt": os.urandom(8).hex()})
        return self.stage.github.happen.push(self.full_name, branch, changed, by)

    def comment(self, author: str, text: str, sha: str = "", number: int | None = None) -> int:
        return self.stage.github.happen.comment(self.full_name, author, text, number, sha)

    def run(self, job: str, number: int = 1) -> RunView | None:
        return self.stage.context.store.run(self.account, RunRef(job, number))

    def ended(self, job: str, number: int = 1, within: float = PATIENCE) -> RunView:
        def final() -> RunView | None:
            view = self.run(job, number)
            return view if view and view.run.status.final else None

        return eventually(f"{job}#{number} of {self.account} to end", final, within)

    def worker(self, job: str, number: int = 1) -> int:
        """The pid of the process that executes a run."""
        view = self.run(job, number)
        assert view is not None
        return int(view.run.worker.rpartition(":")[2])

    def log(self, job: str, number: int = 1) -> str:
        view = self.run(job, number)
        assert view is not None
        return "".join(chunk.text for chunk in self.stage.context.store.read_log(view.id, limit=10_000))

    def gate(self, job: str) -> Candidate | None:
        return next((found for _, found in self.stage.context.store.candidates(self.account, job)), None)

    def statuses(self, sha: str) -> list[tuple[str, str]]:
        """(context, state) of all that were written to a commit, in order."""
        return [(each["context"], each["state"]) for each in self.stage.github.happen.statuses(self.full_name, sha)]

    def shown(self, sha: str) -> dict[str, tuple[str, str]]:
        """context -> (state, description), as a reader of the commit sees it."""
        return {each["context"]: (each["state"], each["description"]) for each in self.stage.github.happen.statuses(self.full_name, sha)}

    def answers(self, sha: str = "", number: int | None = None) -> list[str]:
        """What the bot has said there, oldest first."""
        said = self.stage.github.happen.comments(self.full_name, number, sha)
        return [each["body"] for each in said if each["user"]["login"] == BOT]
