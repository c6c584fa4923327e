"""`gateline plan` compares folders, files and git revisions, and touches no working tree."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.here import Here
from app.cli.main import gateline
from tests.cli.machine import WORKFLOW

WEAKER = WORKFLOW.replace(b"[alice]", b"[alice, bob]").replace(b"switch: off", b"switch: on")


def plan(*words: str) -> Result:
    return CliRunner().invoke(gateline, ["plan", *words], obj=Here())


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def repository(here: Path) -> Path:
    """With the line on main, a weaker one on topic, and a file in the working tree that no commit has."""

    def git(*words: str) -> None:
        who = ("-c", "user.name=alice", "-c", "user.email=alice@example.org")
        subprocess.run(["git", *who, *words], cwd=here, check=True, capture_output=True)

    git("init", "--quiet", "--initial-branch=main")
    for branch, text in (("main", WORKFLOW), ("topic", WEAKER)):
        if branch != "main":
            git("checkout", "--quiet", "-b", branch)
        (here / "gateline.yml").write_bytes(text)
        git("add", ".")
        git("commit", "--quiet", "-m", branch)
    (here / "gateline.yml").write_bytes(WEAKER.replace(b"make deploy", b"make ship"))
    (here / "deep").mkdir()
    return here


DIFFERENCE = [
    "Gates",
    "  ! the gate of deploy is weaker: bob may approve too",
    "Triggers",
    "  + release starts deploy",
    "Jobs and resources",
    "  ! job deploy (runSh)",
    "  !     IN release.switch: false -> true",
    '  !     gate.approvers: ["alice"] -> ["alice", "bob"]',
    "1 gate weaker, 1 job changed",
]


def test_two_files_are_compared(here: Path) -> None:
    for folder, text in (("before", WORKFLOW), ("after", WEAKER)):
        (here / folder).mkdir()
        (here / folder / "gateline.yml").write_bytes(text)
    done = plan("before", "after/gateline.yml")
    assert (done.exit_code, done.stdout.splitlines()) == (0, DIFFERENCE)


def test_two_revisions_are_compared_from_anywhere_in_the_repository(repository: Path) -> None:
    assert plan("main", "topic").stdout.splitlines() == DIFFERENCE
    assert plan("-C", "deep", "main", "HEAD").stdout.splitlines() == DIFFERENCE
    assert b"make ship" in (repository / "gateline.yml").read_bytes()


@pytest.mark.usefixtures("repository")
def test_without_a_second_it_is_what_lies_in_this_folder() -> None:
    assert '  !     TASK Task 0.script: ["make deploy"] -> ["make ship"]' in plan("main").stdout.splitlines()


@pytest.mark.usefixtures("repository")
def test_nothing_that_differs_is_fine_too() -> None:
    done = plan("main", "main")
    assert (done.exit_code, done.stdout) == (0, "No job, resource, trigger or gate changes.\n")


@pytest.mark.usefixtures("repository")
def test_as_json() -> None:
    told = json.loads(plan("main", "topic", "--json").stdout)
    assert told["plan"]["gates"] == [{"weight": "weaker", "job": "deploy", "sentence": "bob may approve too"}]
    assert told["summary"] == "1 gate weaker, 1 job changed"


def test_errors_of_the_new_files_are_told_and_a_no(repository: Path) -> None:
    (repository / "gateline.yml").write_text("jobs: {}\n")
    done = plan("main")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0].startswith("gateline.yml:1:7: error: `jobs` must be a list")


def test_errors_of_the_old_files_are_said_to_blur_it(repository: Path) -> None:
    (repository / "broken").mkdir()
    (repository / "broken" / "gateline.yml").write_text("jobs: {}\n")
    done = plan("broken", "main")
    assert done.exit_code == 1
    assert done.stdout.startswith("broken has errors itself")


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("revision", ["nowhere", "--upload-pack=x", "main:gateline.yml"])
def test_what_is_no_revision_is_wrong_usage(revision: str) -> None:
    assert plan("--", revision, "main").exit_code == 2


@pytest.mark.usefixtures("here")
def test_outside_a_repository_a_revision_is_wrong_usage() -> None:
    done = plan("main", "topic")
    assert done.exit_code == 2
    assert "is no git repository" in done.stderr
