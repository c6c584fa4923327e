"""A CI cell carried out in real shells: what its phases see of each other, and what is picked up afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.executors import Materials
from app.executors.local import LocalExecutor
from app.workflow.ci.reports import Report
from app.workflow.line import Status
from app.workflow.plan import Result
from tests.contract.executors import RecordedLog
from tests.jobs.test_run_ci import plan

CLONE = "IN/app_ciRepo/gitRepo"


@pytest.fixture
def carry_out(tmp_path: Path) -> Callable[[str], tuple[Result, RecordedLog]]:
    """Runs the only cell of a CI file in an empty clone."""

    def run(text: str) -> tuple[Result, RecordedLog]:
        made, log = plan(text, host_tasks=True), RecordedLog()
        bare = replace(made, checkouts=(), folders=(*made.folders, CLONE))
        shelf = Materials({}, {}, lambda key, folder: None, lambda folder: None)
        return LocalExecutor(tmp_path).run(bare, shelf, log, lambda: ""), log

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
