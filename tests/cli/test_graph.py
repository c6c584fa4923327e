"""`gateline graph` needs nothing but the files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.here import Here
from app.cli.main import gateline
from tests.cli.machine import WORKFLOW


def graph(*words: str) -> Result:
    return CliRunner().invoke(gateline, ["graph", *words], obj=Here())


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gateline.yml").write_bytes(WORKFLOW)
    return tmp_path


@pytest.mark.usefixtures("here")
def test_a_line_is_drawn_as_a_tree() -> None:
    done = graph()
    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        [
            "app  gitRepo acme/app",
            "└─ build  runSh",
            "   ├─ release  params",
            "   └─ deploy  runSh  [gate: alice]  (also release off)",
        ],
    )


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("form", "first"), [("mermaid", "graph LR"), ("dot", "digraph line {"), ("svg", "<svg "), ("json", "{")])
def test_there_are_formats_for_other_programs(form: str, first: str) -> None:
    done = graph("--format", form)
    assert done.exit_code == 0
    assert done.stdout.startswith(first)


@pytest.mark.usefixtures("here")
def test_json_is_the_same_by_either_name() -> None:
    assert json.loads(graph("--json").stdout) == json.loads(graph("--format", "json").stdout)


def test_an_error_is_told_beside_the_drawing_and_a_no(here: Path) -> None:
    (here / "gateline.yml").write_bytes(WORKFLOW.replace(b"IN: build", b"IN: biuld"))
    done = graph()
    assert done.exit_code == 1
    assert done.stderr.startswith("gateline.yml:19:9: error: IN `biuld` is not a job or resource")
    assert "biuld  not defined here" in done.stdout


def test_nothing_to_draw_is_a_no(here: Path) -> None:
    (here / "gateline.yml").write_text("resources: []\n")
    done = graph()
    assert (done.exit_code, done.stdout) == (1, "Nothing to draw: these files define no job and no resource.\n")
