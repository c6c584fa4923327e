"""`gateline import`: the original's files as one, with their comments, and what has no equivalent."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.here import Here
from app.cli.main import gateline

JOBS = """\
# who builds what
jobs:
- name: build   # the first
  type: runSh
  steps:
  - IN: app
    showBuildStatus: true
  - TASK:
    - script: |
        echo one
          echo indented
    - script: *hello
# the second
- name: check
  type: runSh
  steps:
  - IN: build
  - TASK:
    - script: make check
"""
RESOURCES = """\
template: &unused [a]

resources:
    # the code
    - name: app
      type: gitRepo
      integration: gh
      pointer:
        sourceName: acme/app
        branch: master
"""
TRIGGERS = "- name: again\n  type: trigger\n  version: {counter: .25}\n"
TEMPLATES = "hello: &hello\n  - echo hello\n"
CI = "language: node_js\nbuild:\n  ci: [npm test]\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    parts = (("jobs", JOBS), ("resources", RESOURCES), ("triggers", TRIGGERS), ("templates", TEMPLATES))
    for name, text in parts:
        (tmp_path / f"shippable.{name}.yml").write_text(text)
    return tmp_path


def import_(*words: str) -> Result:
    return CliRunner().invoke(gateline, ["import", *words], obj=Here())


MERGED = """\
hello: &hello
  - echo hello

template: &unused [a]

resources:
  # shippable.resources.yml
  # the code
  - name: app
    type: gitRepo
    integration: gh
    pointer:
      sourceName: acme/app
      branch: master

jobs:
  # shippable.jobs.yml
  # who builds what
  - name: build   # the first
    type: runSh
    steps:
    - IN: app
      showBuildStatus: true
    - TASK:
      - script: |
          echo one
            echo indented
      - script: *hello
  # the second
  - name: check
    type: runSh
    steps:
    - IN: build
    - TASK:
      - script: make check

triggers:
  # shippable.triggers.yml
  - name: again
    type: trigger
    version: {counter: .25}
"""


def test_all_files_become_one_with_comments_order_and_spelling(here: Path) -> None:
    done = import_()
    assert done.exit_code == 0, done.output
    assert (here / "gateline.yml").read_text() == MERGED


@pytest.mark.usefixtures("here")
def test_it_says_what_has_no_equivalent_and_what_is_left_to_do() -> None:
    lines = import_().stdout.splitlines()
    assert any(line.startswith("no equivalent: `showBuildStatus` of build, IN app") for line in lines)
    assert (
        "to do: remove shippable.jobs.yml, shippable.resources.yml, shippable.templates.yml, shippable.triggers.yml; "
        "gateline.yml says what they said" in lines
    )


def test_ci_keys_stay_where_they_are_read(here: Path) -> None:
    (here / "shippable.yml").write_text(CI)
    done = import_("--output", "-")
    assert done.exit_code == 0, done.output
    assert "language" not in done.stdout
    assert "from shippable.yml, if they are there; its CI keys stay: language, build" in done.stderr
    assert not (here / "gateline.yml").exists()


def test_it_overwrites_nothing(here: Path) -> None:
    (here / "gateline.yml").write_text("jobs: []\n")
    done = import_()
    assert (done.exit_code, done.stdout) == (1, "gateline.yml is there already: nothing was written.\n")
    assert (here / "gateline.yml").read_text() == "jobs: []\n"


def test_files_that_cannot_be_read_are_not_merged(here: Path) -> None:
    (here / "shippable.jobs.yml").write_text("jobs:\n\t- name: x\n")
    done = import_()
    assert done.exit_code == 1
    assert done.stdout.startswith("shippable.jobs.yml:2:1: error: ")
    assert not (here / "gateline.yml").exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{jobs: []}\n", "is written in braces"),
        ("jobs: [{name: a, type: runSh, steps: [{TASK: [{script: x}]}]}]\n", "on the lines below it"),
    ],
)
def test_what_cannot_be_taken_apart_by_lines_is_said(here: Path, text: str, why: str) -> None:
    (here / "shippable.jobs.yml").write_text(text)
    done = import_()
    assert done.exit_code == 1
    assert why in done.stderr


def test_two_holders_of_anchors_with_one_name_are_both_kept(here: Path) -> None:
    (here / "deploy.shippable.yml").write_text(
        "template: &other [make]\njobs:\n  - {name: d, type: runSh, steps: [{TASK: [{script: *other}]}]}\n"
    )
    done = import_()
    assert done.exit_code == 0, done.output
    text = (here / "gateline.yml").read_text()
    assert "template: &other [make]" in text
    assert "template-2: &unused [a]" in text


def test_an_anchor_that_two_files_use_for_different_things_is_noticed(here: Path) -> None:
    for name in "ab":
        text = f"t: &t [make {name}]\njobs:\n  - {{name: {name}, type: runSh, steps: [{{TASK: [{{script: *t}}]}}]}}\n"
        (here / f"{name}.shippable.yml").write_text(text)
    done = import_()
    assert done.exit_code == 1
    assert "merged, these files mean something else (a)" in done.stderr
    assert not (here / "gateline.yml").exists()


@pytest.mark.usefixtures("here")
def test_nothing_to_import_is_a_no(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert import_("empty").exit_code == 1
