"""`gateline run`: what a worker does with a job, on this machine, and nobody hears of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from app.cli.here import Here
from app.cli.main import gateline
from app.context import Context
from app.errands._run import claim, execute
from app.executors.inline import InlineExecutor
from app.executors.local import LocalExecutor
from app.store import SecretRow
from app.store.tables import metadata
from app.tips import compare
from app.workflow.line import Status
from tests.cli.machine import ACCOUNT, SOURCE, Machine

LINE = b"""\
resources:
  - name: app
    type: gitRepo
    versionTemplate: {sourceName: acme/app, branch: main}
  - name: release
    type: params
    versionTemplate: {params: {VERSION: none}}
  - name: seed
    type: version
    versionTemplate: {versionName: 1.0.0}
  - name: shelf
    type: state
  - name: keys
    type: integration
    integration: vault
jobs:
  - name: build
    type: runSh
    steps:
      - IN: app
      - IN: keys
      - TASK:
          name: look
          script:
            - env | sort
            - find . -type f -not -path '*/.git/*' | sort
            - find . -type f -not -path '*/.git/*' | sort | xargs cat
            - cat "$APP_STATE/src"
            - echo "the secret is $KEYS_INTEGRATION_TOKEN"
            - printf 'no end of line, \\xff no UTF-8'
            - echo "to the other stream" >&2
      - TASK:
          name: leave
          script:
            - shipctl put_resource_state release VERSION "2.$BUILD_NUMBER"
            - echo "KEY=of the job" >> "$JOB_STATE/build.env"
            - mkdir -p "$JOB_STATE/shelf" && echo kept > "$SHELF_STATE/file"
      - OUT: release
      - OUT: shelf
  - name: counted
    type: release
    steps:
      - IN: seed
        switch: off
  - name: bad
    type: runSh
    steps:
      - IN: build
        switch: off
      - TASK: {script: [echo begun, exit 7, echo never]}
"""


@pytest.fixture
def worker(machine: Machine) -> Context:
    """A source with that line, a secret, and a real executor."""
    repository = machine.world.repository()
    machine.world.commit(repository.id, "main", {"gateline.yml": LINE, "src": b"hello\n"}, "A line")
    machine.types("source", "add", "local:acme/app")
    row = SecretRow(ACCOUNT, "vault", "keyValuePair", ("TOKEN",), (SOURCE,), False)
    machine.store.put_secret(row, {"TOKEN": "very-secret-token"})
    compare(machine.context, repository.id)
    return replace(
        machine.context, executors={"local": LocalExecutor(machine.context.settings.data_dir, "auto"), "inline": InlineExecutor()}
    )


def runs_on(context: Context) -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(gateline, ["run", *words], obj=Here(context), env={"COLUMNS": "100"})


def a_worker_runs(machine: Machine, context: Context, job: str) -> str:
    """The log of the run, without times."""
    machine.types("user", "add", "alice", "write")
    done = machine.types("trigger", job, "--as", "alice")
    assert done.exit_code == 0, done.output
    machine.clock.forward(1)
    view = claim(context, ("default",), "w")
    assert view is not None
    machine.clock.forward(1)
    execute(context, view, lambda: "")
    return "".join(chunk.text for chunk in context.store.read_log(view.id))


def without_times(log: str) -> list[str]:
    return [line.partition(" ")[2] for line in log.splitlines()]


def rows(machine: Machine) -> dict[str, int]:
    """How many rows each table has."""
    with machine.store.database.read() as transaction:
        return {table.name: transaction.row(select(func.count().label("n")).select_from(table)).n for table in metadata.sorted_tables}  # type: ignore[union-attr]  # a count has a row


def test_a_run_here_has_the_log_and_the_outputs_of_the_workers(machine: Machine, worker: Context) -> None:
    theirs = a_worker_runs(machine, worker, "build")
    run = worker.store.runs(ACCOUNT, "build")[0].run
    assert run.status is Status.SUCCEEDED, theirs
    before = rows(machine)
    done = runs_on(worker)("build#1")
    assert done.exit_code == 0, done.output
    assert without_times(done.stdout) == without_times(theirs)
    assert "very-secret-token" not in done.stdout
    assert any(line.startswith("the secret is ") for line in without_times(done.stdout))
    assert rows(machine) == before
    told = json.loads(runs_on(worker)("build#1", "--json").stdout)
    release, shelf = (worker.store.versions(ACCOUNT, name)[0][1] for name in ("release", "shelf"))
    assert told["left"]["release"]["keys"] == release.bag["params"] == {"VERSION": "2.1"}
    assert (told["left"]["shelf"]["files"], bool(shelf.files)) == (shelf.files, True)


def test_a_managed_job_has_the_log_and_the_version_of_the_workers(machine: Machine, worker: Context) -> None:
    theirs = a_worker_runs(machine, worker, "counted")
    done = runs_on(worker)("counted#1")
    assert done.exit_code == 0, done.output
    assert without_times(done.stdout) == without_times(theirs)
    assert "1.0.0 -> v1.1.0 (minor)" in theirs
    assert "job would have versionName=v1.1.0" in done.stderr


def test_a_failed_run_fails_here_too(machine: Machine, worker: Context) -> None:
    a_worker_runs(machine, worker, "build")
    theirs = a_worker_runs(machine, worker, "bad")
    done = runs_on(worker)("bad#1")
    assert done.exit_code == 1
    assert without_times(done.stdout) == without_times(theirs)
    assert "== failed: " in done.stderr


def test_without_a_number_it_takes_what_a_run_would_take_now(machine: Machine, worker: Context) -> None:
    done = runs_on(worker)("build", "COLOUR=red", "--json")
    assert done.exit_code == 0, done.stderr
    assert "COLOUR=red" in done.stderr
    assert worker.store.runs(ACCOUNT, "build") == ()


def test_what_is_not_there_is_said(worker: Context) -> None:
    assert "there is no run build#9" in runs_on(worker)("build#9").stderr
    assert "no file defines a job called biuld" in runs_on(worker)("biuld").stderr
    assert "--inputs, --repo and --no-sandbox go with --from" in runs_on(worker)("build", "--no-sandbox").stderr


def test_what_it_takes_that_is_not_there_yet_is_said(worker: Context) -> None:
    done = runs_on(worker)("bad")
    assert (done.exit_code, "bad has nothing to run with: build has no successful run yet" in done.stderr) == (1, True)


# -- from files ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of acme/app in which a file is changed and not committed."""
    place = tmp_path / "tree"
    place.mkdir()
    monkeypatch.chdir(place)
    (place / "gateline.yml").write_bytes(LINE)
    (place / "src").write_text("committed\n")
    for words in (("init", "-q"), ("remote", "add", "origin", "git@github.com:acme/app.git"), ("add", "."), ("commit", "-qm", "A line")):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words], cwd=place, check=True)
    (place / "src").write_text("changed\n")
    return place


def from_files(*words: str) -> Result:
    return CliRunner().invoke(gateline, ["run", *words], obj=Here(), env={"COLUMNS": "100"})


INPUTS = "integrations: {vault: {TOKEN: very-secret-token}}\n"


def test_from_files_it_has_the_working_tree_with_what_is_changed(tree: Path) -> None:
    (tree / "inputs.yml").write_text(INPUTS)
    done = from_files("build", "--from", ".", "--inputs", "inputs.yml")
    assert done.exit_code == 0, done.output
    assert "changed" in without_times(done.stdout)
    assert "release would have VERSION=2.1" in done.stderr.splitlines()
    assert "very-secret-token" not in done.stdout
    status = subprocess.run(["git", "status", "--porcelain"], cwd=tree, check=True, capture_output=True, text=True)
    assert status.stdout.splitlines() == [" M src", "?? inputs.yml"]


@pytest.mark.usefixtures("tree")
def test_from_files_a_job_that_it_takes_is_stood_in_for_with_what_it_left(tree: Path) -> None:
    reads = LINE.replace(b"[echo begun, exit 7, echo never]", b'["grep -r . IN/build", "test $COLOUR = red"]')
    (tree / "gateline.yml").write_bytes(reads)
    (tree / "inputs.yml").write_text("versions: {build: {KEY: from the file}}\nvalues: {COLOUR: red}\n")
    done = from_files("bad", "--from", ".", "--inputs", "inputs.yml", "--json")
    assert json.loads(done.stdout)["status"] == "succeeded", done.stderr
    assert "from the file" in done.stderr


@pytest.mark.usefixtures("tree")
def test_from_files_what_is_missing_is_said() -> None:
    assert "these files define no job called biuld" in from_files("biuld", "--from", ".").stderr
    done = from_files("build", "--from", ".", "--repo", "acme/other=.")
    assert (done.exit_code, "no resource here is about acme/other, but about acme/app" in done.stderr) == (2, True)


def test_from_files_a_repository_that_is_not_here_is_asked_for(tree: Path) -> None:
    subprocess.run(["git", "remote", "remove", "origin"], cwd=tree, check=True)
    done = from_files("build", "--from", ".")
    assert done.exit_code == 1
    assert "app has no version yet" in done.stderr


def test_from_files_wrong_inputs_are_wrong_usage(tree: Path) -> None:
    (tree / "inputs.yml").write_text("version: {}\n")
    done = from_files("build", "--from", ".", "--inputs", "inputs.yml")
    assert (done.exit_code, "has to be a map of versions, integrations, values" in done.stderr) == (2, True)
