"""What is told of the real files before anything runs: in time, and merged into one file with nothing lost."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.here import Here
from app.cli.main import gateline
from app.cli.offline import check, repositories
from app.wire import kinds
from app.workflow.diff import diff
from tests.corpus.test_corpus import WORKFLOWS

GROUPS = sorted(path.name for path in WORKFLOWS.iterdir() if path.is_dir()) if WORKFLOWS.is_dir() else []
WITHIN = 1.0
"""Seconds of this process's own time that each command may take for one repository."""


def type_(*words: str) -> Result:
    return CliRunner().invoke(gateline, words, obj=Here())


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Importing the commands and the kinds is no part of what is measured."""
    if not GROUPS:
        pytest.skip(f"the real workflow files are not here: {WORKFLOWS} (set GATELINE_SHARED)")
    kinds()


@pytest.mark.parametrize("command", ["validate", "graph", "plan"])
def test_each_repository_is_told_of_within_a_second(command: str) -> None:
    for name in GROUPS:
        place = str(WORKFLOWS / name)
        started = time.process_time()
        done = type_(command, place, place) if command == "plan" else type_(command, place)
        assert time.process_time() - started < WITHIN, name
        assert done.exit_code in (0, 1), (name, done.output)
        assert done.exception is None or isinstance(done.exception, SystemExit), name


def test_each_repositorys_files_become_one_that_means_the_same(tmp_path: Path) -> None:
    for name in GROUPS:
        done = type_("import", str(WORKFLOWS / name), "--output", "-")
        assert done.exit_code == 0, (name, done.output)
        folder = tmp_path / name
        folder.mkdir()
        (folder / "gateline.yml").write_text(done.stdout)
        before, after = (check(repositories([place])).workflow for place in (WORKFLOWS / name, folder))
        made_for_ci = {each for each in (*before.jobs, *before.resources) if each.endswith(("_runCI", "_ciRepo"))}
        changes = [each.name for each in diff(before, after, kinds()).changes if each.name not in made_for_ci]
        assert changes == [], name
