"""Every block of the README does what the README says, typed by a newcomer in a fresh copy of the project, against a double of GitHub."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.github.happenings import encoded
from tests.fakes.github.server import GithubDouble
from tests.live.clone import clone, newcomers_environment
from tests.live.processes import marked
from tests.live.stage import PROJECT, free_port
from tests.live.waiting import PATIENCE, eventually

README = (PROJECT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
REPOSITORY = "acme/app"
BOT = "gateline-bot"


def block(beginning: str, language: str = "sh") -> str:
    """The only block of that language that begins so."""
    [found] = [text for kind, text in BLOCKS if kind == language and text.startswith(beginning)]
    return str(found)


COMMANDS = block("make demo")
SERVE = block("export GATELINE_GITHUB_TOKEN")
ADD = block(".venv/bin/gateline source add")
LINE = block("resources:", "yaml")
PUSH = block("git add")
APPROVE = block("/gateline approve", "")
SETTINGS = dict(re.findall(r"^export (\w+)=(\S+)$", SERVE, re.MULTILINE))


def test_every_block_is_tested_here() -> None:
    assert [text for _, text in BLOCKS] == [COMMANDS, SERVE, ADD, LINE, PUSH, APPROVE]


def test_every_file_that_is_linked_is_there() -> None:
    linked = re.findall(r"\]\((?!https?://)([^)#]+)", README)
    assert [name for name in linked if not (PROJECT / name).exists()] == []


class Newcomer:
    """Somebody with a copy of the project, a repository on GitHub and a user for the bot there. `typed` runs a block as it stands."""

    def __init__(self, folder: Path, github: GithubDouble) -> None:
        self.github = github
        self.folder = folder
        self.project = clone(folder / "gateline")
        self.url = f"http://127.0.0.1:{free_port()}"
        self.shell = newcomers_environment(
            folder,
            GATELINE_GITHUB_API_URL=github.url,
            GATELINE_BIND=self.url.removeprefix("http://"),
            GIT_CONFIG_NOSYSTEM="1",
            **{
                f"GIT_{who}_{what}": value
                for who in ("AUTHOR", "COMMITTER")
                for what, value in (("NAME", "carol"), ("EMAIL", "c@example.org"))
            },
        )
        self.working_copy = folder / "app"
        self._begin()

    def _begin(self) -> None:
        happen = self.github.happen
        happen.repository(REPOSITORY)
        happen.token(SETTINGS["GATELINE_GITHUB_TOKEN"], BOT)
        for login, role in ((BOT, "admin"), ("carol", "write")):
            happen.grant(REPOSITORY, login, role)
        happen.commit(REPOSITORY, "main", encoded({"hello.txt": "hello"}))
        self.github.world.routes[SETTINGS["GATELINE_BASE_URL"]] = self.url
        remote = self.github.world.repository(REPOSITORY).git.folder
        self.typed(f"git clone -q '{remote}' '{self.working_copy}'", self.folder)

    def typed(self, text: str, folder: Path, **settings: str) -> str:
        done = subprocess.run(
            ["bash", "-ec", text], cwd=folder, env=self.shell | settings, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        return done.stdout

    def serve(self) -> subprocess.Popen[bytes]:
        with (self.folder / "said").open("wb") as said:
            return subprocess.Popen(
                ["bash", "-ec", SERVE],
                cwd=self.project,
                env=self.shell,
                stdout=said,
                stderr=said,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def shown(self, sha: str) -> dict[str, str]:
        """context -> state"""
        return {each["context"]: each["state"] for each in self.github.happen.statuses(REPOSITORY, sha)}

    def announcements(self, sha: str) -> list[str]:
        bodies = [each["body"] for each in self.github.happen.comments(REPOSITORY, sha=sha)]
        return [body for body in bodies if "/gateline approve deploy" in body]


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    with GithubDouble(tmp_path / "github") as github:
        newcomer = Newcomer(tmp_path, github)
        service = newcomer.serve()
        try:
            eventually("make up to serve", newcomer.ready)
            yield newcomer
        finally:
            os.killpg(service.pid, signal.SIGINT)
            service.wait(PATIENCE)
        eventually("all processes to be gone", lambda: not marked(f"HOME={tmp_path}"))
        assert github.problems == []


def test_the_two_commands_are_targets_of_make(tmp_path: Path) -> None:
    """`make demo` itself is run by tests/live/test_demo.py; `make test` is what runs this."""
    project = clone(tmp_path / "gateline")
    listed = subprocess.run(["make"], cwd=project, env=newcomers_environment(tmp_path), capture_output=True, text=True, check=True).stdout
    for line in COMMANDS.splitlines():
        command = line.partition("#")[0].split()
        assert " ".join(command) in listed
        subprocess.run([*command, "--dry-run"], cwd=project, env=newcomers_environment(tmp_path), capture_output=True, check=True)


def test_a_newcomer_comes_from_a_clone_to_an_approved_deploy(newcomer: Newcomer) -> None:
    said = newcomer.typed(ADD, newcomer.project, **SETTINGS)
    assert "✗" not in said
    assert "Added github:acme/app@main" in said

    newcomer.working_copy.joinpath("gateline.yml").write_text(LINE)
    newcomer.typed(f"'{newcomer.project}'/.venv/bin/gateline validate", newcomer.working_copy)
    newcomer.typed(PUSH, newcomer.working_copy)
    sha = newcomer.typed("git rev-parse HEAD", newcomer.working_copy).strip()
    assert newcomer.github.happen.announce(REPOSITORY, "carol") == ["refs/heads/main"]

    eventually("the test to pass", lambda: newcomer.shown(sha).get("gateline/test") == "success")
    eventually("the announcement", lambda: newcomer.announcements(sha))
    eventually("the announcement to be old enough for a bare answer", lambda: _aged(newcomer, sha))
    newcomer.github.happen.comment(REPOSITORY, "carol", APPROVE, sha=sha)
    eventually("the deploy to pass", lambda: newcomer.shown(sha).get("gateline/deploy") == "success")


def _aged(newcomer: Newcomer, sha: str) -> bool:
    """product.md section 4: an approval without a digest counts only 2 s after the announcement."""
    made = newcomer.github.world.repository(REPOSITORY).comments
    return all(newcomer.github.world.clock() - each.created_at > 3 for each in made if each.sha == sha)
