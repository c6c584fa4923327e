"""`gateline validate` needs nothing but the files: no settings, no database, no server."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from app.cli.here import Here
from app.cli.main import gateline
from app.cli.validate import MOST_SHOWN
from app.workflow.files import is_workflow_file
from tests.cli.machine import WORKFLOW

ROOT = Path(__file__).parents[2]


def validate(*words: str) -> Result:
    return CliRunner().invoke(gateline, ["validate", *words], obj=Here())


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_good_file_is_summed_up(here: Path) -> None:
    (here / "gateline.yml").write_bytes(WORKFLOW)
    done = validate()
    assert done.exit_code == 0
    assert [line.split() for line in done.stdout.splitlines()[:-1]] == [
        ["JOB", "TYPE", "STARTED", "BY", "GATE"],
        ["build", "runSh", "app", "(gitRepo", "acme/app)"],
        ["deploy", "runSh", "build", "alice"],
    ]
    assert done.stdout.splitlines()[-1] == "1 file, 2 jobs, 2 resources, 1 gate, no errors, no warnings, no notes"


def test_an_integration_of_a_repository_is_a_note_because_its_sources_forge_is_meant(here: Path) -> None:
    resource = "  - name: app\n    type: gitRepo\n    integration: my-github\n    versionTemplate: {sourceName: acme/app}\n"
    (here / "gateline.yml").write_text(f"resources:\n{resource}")
    done = validate()
    sentence = "`app` is read with the credentials of its source's forge; `integration: my-github` counts for nothing"
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, f"gateline.yml:2:5: note: {sentence}")


def test_the_ci_keys_at_the_root_are_checked_too(here: Path) -> None:
    (here / "shippable.yml").write_text("language: python\nbuild:\n  cii: [make]\n  ci: {a: b}\n")
    done = validate()
    assert done.exit_code == 1
    assert "shippable.yml:3:3: warning: `cii` is not a key of `build`" in done.stdout
    assert "shippable.yml:4:7: error: " in done.stdout


def test_what_keeps_a_file_from_being_read_is_told_once(here: Path) -> None:
    (here / "shippable.yml").write_text("language: python\nbuild: [make\n")
    done = validate()
    assert done.exit_code == 1
    assert done.stdout.count(": error: ") == 1


def test_of_a_huge_line_the_first_jobs_are_shown_and_the_rest_counted(here: Path) -> None:
    jobs = "".join(f"  - {{name: j{number}, type: runSh, steps: [{{TASK: [make]}}]}}\n" for number in range(MOST_SHOWN + 5))
    (here / "gateline.yml").write_text(f"jobs:\n{jobs}")
    done = validate()
    assert f"j{MOST_SHOWN - 1} " in done.stdout
    assert f"j{MOST_SHOWN} " not in done.stdout
    assert "… and 5 more jobs" in done.stdout
    assert len(json.loads(validate("--json").stdout)["jobs"]) == MOST_SHOWN + 5


def test_an_error_has_its_place_and_exit_code_1(here: Path) -> None:
    (here / "gateline.yml").write_text(
        "jobs:\n  - name: build\n    type: runSh\n    prioritty: 3\n    steps: []\n    dependencyMode: odd\n"
    )
    done = validate()
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert any(line.startswith("gateline.yml:4:5: warning: `prioritty`") and "did you mean priority?" in line for line in lines)
    assert any(line.startswith("gateline.yml:6:21: error: ") for line in lines)


def test_as_json_each_finding_has_its_place(here: Path) -> None:
    (here / "gateline.yml").write_text("jobs:\n  - name: build\n    type: runSh\n    dependencyMode: odd\n")
    done = validate("--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert told["files"] == ["gateline.yml"]
    assert (told["findings"][0]["file"], told["findings"][0]["line"], told["findings"][0]["level"]) == ("gateline.yml", 4, "error")


def line_of(in_: str, switch: str = "on") -> str:
    return (
        f"jobs:\n  - name: build\n    type: runSh\n    steps:\n      - IN: {in_}\n        switch: {switch}\n"
        "      - TASK: {script: [make]}\nresources:\n  - {name: values, type: params, versionTemplate: {params: {A: b}}}\n"
    )


@pytest.mark.parametrize(
    ("in_", "switch", "level", "code"),
    [
        ("image-of-another-team", "on", "note", 0),
        ("valuse", "on", "error", 1),
        ("values", "off", "", 0),
        ("values", "on", "", 0),
    ],
)
def test_what_only_another_source_can_define_is_a_note(here: Path, in_: str, switch: str, level: str, code: int) -> None:
    (here / "gateline.yml").write_text(line_of(in_, switch))
    done = validate("--json")
    assert [each["level"] for each in json.loads(done.stdout)["findings"]] == ([level] if level else [])
    assert done.exit_code == code


def test_a_deploy_whose_every_input_is_shut_is_asked_whether_a_gate_is_meant(here: Path) -> None:
    (here / "gateline.yml").write_text(line_of("values", "off").replace("build", "deploy-prod"))
    [found] = json.loads(validate("--json").stdout)["findings"]
    assert (found["level"], "add `gate: true`" in found["sentence"]) == ("warning", True)


def test_two_folders_form_one_line(here: Path) -> None:
    deploy = "jobs:\n  - name: deploy\n    type: runSh\n    steps:\n      - IN: build\n      - TASK: {script: [make]}\n"
    for folder, text in (("app", line_of("values")), ("infra", deploy)):
        (here / folder).mkdir()
        (here / folder / "gateline.yml").write_text(text)
    done = validate("app", "infra")
    assert (done.exit_code, [line.split()[0] for line in done.stdout.splitlines()[1:-1]]) == (0, ["build", "deploy"])
    assert validate("infra").stdout.startswith("infra/gateline.yml:5:9: note: `build` is not defined here")


def test_a_single_file(here: Path) -> None:
    (here / ".gateline").mkdir()
    (here / ".gateline" / "deploy.yml").write_bytes(WORKFLOW)
    assert validate(".gateline/deploy.yml").exit_code == 0


def test_nothing_to_read_is_a_no_and_a_near_miss_is_named(here: Path) -> None:
    (here / "gatelin.yml").write_bytes(WORKFLOW)
    done = validate()
    assert done.exit_code == 1
    assert done.stdout.startswith("gatelin.yml: warning: ")
    assert done.stdout.splitlines()[-1] == "No workflow file in this folder: a gateline.yml is looked for."


def test_a_path_that_is_not_there_is_wrong_usage(here: Path) -> None:
    assert validate("nowhere").exit_code == 2


def test_strictly_a_name_that_is_not_defined_here_is_an_error(here: Path) -> None:
    (here / "gateline.yml").write_text(line_of("image-of-another-team"))
    done = validate("--strict")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0].startswith("gateline.yml:5:9: error: IN `image-of-another-team` is not a job or resource")
    (here / "gateline.yml").write_text(line_of("values"))
    assert validate("--strict").exit_code == 0


def test_all_problems_of_all_files_are_told_by_place(here: Path) -> None:
    (here / ".gateline").mkdir()
    (here / ".gateline" / "a.yml").write_text("jobs:\n\t- name: x\n")
    (here / "gateline.yml").write_text("jobs:\n  - {name: a, type: runShh}\n  - {name: a, type: runSh, steps: [{IN: b}]}\n")
    done = validate()
    places = [":".join(line.split(":")[:2]) for line in done.stdout.splitlines() if ": error: " in line]
    assert (done.exit_code, places) == (1, [".gateline/a.yml:2", "gateline.yml:2", "gateline.yml:3"])


PATHS = (
    "gateline.yml",
    ".gateline.yaml",
    ".gateline/deploy.yml",
    ".gateline/more/deploy.yml",
    "sub/gateline.yml",
    "shippable.yml",
    "team.shippable.yml",
    "deep/in/shippable.jobs.yml",
    "shippable.triggers.yaml",
    "shippable.templates.yml",
    "sub/shippable.templates.yml",
    "xshippable.jobs.yml",
    "gateline.yml.txt",
    "src/main.yml",
)


@pytest.mark.parametrize("path", PATHS)
def test_the_pre_commit_hook_runs_validate_for_exactly_the_workflow_files(path: str) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert bool(re.search(hook["files"], path)) == is_workflow_file(path)


def test_the_pre_commit_hook_checks_the_whole_repository(here: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert (hook["language"], hook["pass_filenames"]) == ("python", False)
    (here / "gateline.yml").write_text(line_of("valuse"))
    assert CliRunner().invoke(gateline, shlex.split(hook["entry"])[1:], obj=Here()).exit_code == 1
