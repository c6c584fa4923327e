"""A CI cell carried out in real shells: what its phases see of each other, and what is picked up afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import pytest

from app.executors import Materials, _cache
from app.executors.local import LocalExecutor
from app.workflow.ci.reports import Report
from app.workflow.line import Status
from app.workflow.plan import Result
from tests.contract.executors import RecordedLog
from tests.jobs.test_run_ci import plan

CLONE = "IN/app_ciRepo/gitRepo"


@dataclass
class Shelf:
    """One cache."""

    content: bytes = b""

    def fetch(self, file: Path) -> bool:
        if self.content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(self.content)
        return bool(self.content)

    def keep(self, content: IO[bytes]) -> None:
        self.content = content.read()


@pytest.fixture
def carry_out(tmp_path: Path) -> Callable[..., tuple[Result, RecordedLog]]:
    """Runs the only cell of a CI file in an empty clone."""

    cache = Shelf()

    def run(text: str, **bag: object) -> tuple[Result, RecordedLog]:
        made, log = plan(text, host_tasks=True, bag=bag), RecordedLog()
        bare = replace(made, checkouts=(), folders=(*made.folders, CLONE))
        materials = Materials({}, {}, lambda key, folder: None, lambda folder: None, fetch_cache=cache.fetch, keep_cache=cache.keep)
        return LocalExecutor(tmp_path).run(bare, materials, log, lambda: ""), log

    return run


def test_surprise_35_what_pre_ci_exports_names_the_image_and_is_not_seen_by_ci(carry_out) -> None:
    result, log = carry_out(
        "language: none\nbuild:\n  pre_ci: [export TAG=7]\n  pre_ci_boot: {image_name: acme/ci, image_tag: $TAG}\n"
        "  ci: ['echo \"boots $TASK_CONTAINER_IMAGE, sees ${TAG-nothing}\"']\n"
    )
    assert result.status is Status.SUCCEEDED, log.text
    assert "boots acme/ci:7, sees nothing" in log.said


def test_surprises_31_and_32_ci_post_ci_and_the_hooks_share_a_shell_that_begins_in_the_clone(carry_out) -> None:
    result, log = carry_out(
        "language: none\nenv: {global: ['G=1 H=\"x y\"', 'I=$G$G']}\nbuild:\n  ci: [a=1, 'basename $PWD']\n  post_ci: ['echo $a $H $I']\n"
        "  on_success: ['echo s $a']\n  always: ['echo w $a']\n  push: ['echo p ${a-none} $I']\n"
    )
    assert result.status is Status.SUCCEEDED, log.text
    assert [line for line in log.said if line[:2] in ("gi", "1 ", "s ", "w ", "p ")] == ["gitRepo", "1 x y 11", "s 1", "w 1", "p none 11"]
    assert [name for name, _ in log.sections] == ["Setup", "ci", "post_ci", "on_success", "always", "push"]


def test_a_failure_of_post_ci_runs_on_failure_and_no_push(carry_out) -> None:
    result, log = carry_out(
        "language: none\nbuild: {ci: [true], post_ci: [false], on_failure: [echo f], on_success: [echo s], push: [echo p]}\n"
    )
    assert (result.status, result.code) == (Status.FAILED, 1)
    assert "f" in log.said
    assert not {"s", "p"} & set(log.said)


def test_reports_below_the_clone_are_picked_up(carry_out) -> None:
    result, _ = carry_out(
        "language: none\nbuild:\n  ci:\n    - mkdir -p shippable/testresults shippable/codecoverage\n"
        "    - echo '<testsuite><testcase name=\"a\"/></testsuite>' > shippable/testresults/a.xml\n"
        "    - echo '<coverage line-rate=\"0.5\"/>' > shippable/codecoverage/c.xml\n"
    )
    assert (result.status, result.report) == (Status.SUCCEEDED, Report(1, coverage=0.5))


CACHED = """
language: none
build:
  cache: true
  cache_dir_list: [$HOME/kept, /etc, $HOME/missing]
  ci:
    - if [ -f "$HOME/kept/a" ]; then echo "found $(cat "$HOME/kept/a")"; else echo nothing; fi
    - mkdir -p "$HOME/kept"; echo one > "$HOME/kept/a"
"""


def test_what_a_cell_cached_the_next_one_finds_unless_the_commit_clears_it(carry_out) -> None:
    result, first = carry_out(CACHED)
    assert result.status is Status.SUCCEEDED, first.text
    assert "nothing" in first.said
    assert "/etc is not cached: there is no such folder in the workspace" in first.said
    assert "found one" in carry_out(CACHED)[1].said
    assert "nothing" in carry_out(CACHED, message="Anew [reset cache]")[1].said


def test_cached_files_do_not_replace_those_of_the_commit(carry_out) -> None:
    text = "language: none\nbuild: {cache: true, ci: ['echo %s > file; cat file; ls', touch other]}\n"
    assert carry_out(text % "old")[0].status is Status.SUCCEEDED
    log = carry_out(text % "new")[1]
    assert "new" in log.said
    assert "other" in log.said


def test_a_failed_cell_and_a_forks_leave_the_cache_as_it_was(carry_out) -> None:
    carry_out(CACHED)
    carry_out(CACHED.replace("echo one", "echo two"), fork=True)
    carry_out(CACHED.replace("echo one", "false; echo three"))
    assert "found one" in carry_out(CACHED)[1].said


def test_a_cache_that_is_too_large_is_noted_and_not_kept(carry_out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_cache, "LIMIT", 1024)
    result, log = carry_out(CACHED)
    assert result.status is Status.SUCCEEDED
    assert "The cache has 0 MiB and is not kept: at most 0 MiB are." in log.said
