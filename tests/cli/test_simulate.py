"""`gateline simulate` needs nothing but the files: events come from a file, or are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.here import Here
from app.cli.main import gateline
from tests.cli.machine import WORKFLOW


def simulate(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(gateline, ["simulate", *words], obj=Here(), input=typed)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gateline.yml").write_bytes(WORKFLOW)
    (tmp_path / "events.yml").write_text("- end build failed\n- push app\n- push app\n- approve deploy\n")
    return tmp_path


@pytest.mark.usefixtures("here")
def test_events_of_a_file_are_played_in_order() -> None:
    done = simulate("--events", "events.yml")
    assert done.exit_code == 0
    lines = [line for line in done.stdout.splitlines() if " has version " not in line]
    candidate = next(line.split()[-1] for line in lines if line.startswith("  deploy waits for approval of"))
    assert lines == [
        "> end build failed",
        "  nothing",
        "  not concerned: build, deploy",
        "> push app",
        "  build#1 is queued",
        "  build#1 started on a worker",
        "  build#1 ended failed",
        "  deploy did not run: build failed",
        "  not started:",
        "    deploy has no run here: build failed",
        "> push app",
        "  build#2 is queued",
        "  build#2 started on a worker",
        "  build#2 ended succeeded",
        f"  deploy waits for approval of {candidate}",
        "  not started:",
        f"    deploy waits for approval (0 of 1), digest {candidate} by alice; to approve, type > approve deploy {candidate}.",
        "> approve deploy",
        "  alice approved deploy",
        "  candidate 1 of deploy is opened",
        "  deploy#1 is queued",
        "  deploy#1 started on a worker",
        "  deploy#1 ended succeeded",
        "  not concerned: build",
    ]


@pytest.mark.usefixtures("here")
def test_as_json_each_event_is_an_object() -> None:
    scenes = json.loads(simulate("--events", "events.yml", "--json").stdout)
    assert [each["event"] for each in scenes] == ["end build failed", "push app", "push app", "approve deploy"]
    assert scenes[1]["not started"] == {"deploy": ["deploy has no run here: build failed"]}


@pytest.mark.usefixtures("here")
def test_typed_events_are_played_one_by_one_and_a_wrong_one_changes_nothing() -> None:
    done = simulate(typed="push app\npsuh app\nhelp\napprove deploy\n\nnever read\n")
    assert done.exit_code == 0
    assert "  build#1 ended succeeded" in done.stdout.splitlines()
    assert "  deploy#1 ended succeeded" in done.stdout.splitlines()
    assert "`psuh` does not happen here (did you mean push?)" in done.stderr
    assert "approve JOB\n    A yes at a gate" in done.stderr


def test_a_wrong_event_in_a_file_is_wrong_usage(here: Path) -> None:
    (here / "events.yml").write_text("- push app\n- approve biuld\n")
    done = simulate("--events", "events.yml")
    assert done.exit_code == 2
    assert "there is no job `biuld` (did you mean build?)" in done.stderr


def test_a_job_with_an_error_says_why_it_does_not_start(here: Path) -> None:
    (here / "gateline.yml").write_bytes(WORKFLOW.replace(b"IN: build", b"IN: biuld"))
    (here / "events.yml").write_text("- push app\n")
    done = simulate("--events", "events.yml")
    assert done.exit_code == 1
    assert "    deploy may not start: IN 'biuld' is not a job or resource that any source defines" in done.stdout.splitlines()
    assert "gateline.yml:19:9: error: IN `biuld`" in done.stderr
