"""The local executor: the contract in both of its modes, and what holds in only one of them."""

from __future__ import annotations

import pytest

from app.executors._supervise import Pulse
from app.executors.local import LocalExecutor, plugin
from app.registry import load
from app.workflow.line import Status
from tests.contract.executors import Bench, ExecutorContract, task

QUICK = Pulse(beat=0.3, lease=3.0, grace=1.0)


class TestInTheSandbox(ExecutorContract):
    @pytest.fixture
    def executor(self, tmp_path, works_here):
        return LocalExecutor(tmp_path / "gl", pulse=QUICK)


class TestPlainly(ExecutorContract):
    @pytest.fixture
    def executor(self, tmp_path):
        return LocalExecutor(tmp_path / "gl", "off", pulse=QUICK)


def test_the_registry_finds_it():
    assert load("app.executors")["local"] is plugin


def test_an_environment_that_the_machine_cannot_hold_ends_it_with_a_sentence(tmp_path):
    bench = Bench(LocalExecutor(tmp_path / "gl", "off"))
    result = bench.run(task("true"), env=(("LARGE", "x" * 200_000),))
    assert (result.status, "environment is too large" in result.reason) == (Status.ERRORED, True)


@pytest.mark.parametrize("name", ["", "A=B", "A\0"])
def test_a_variable_that_no_environment_can_hold_ends_it_with_a_sentence(tmp_path, name):
    bench = Bench(LocalExecutor(tmp_path / "gl", "off"))
    assert bench.run(task("true"), env=((name, "x"),)).status is Status.ERRORED


def test_a_workspace_is_wiped_before_and_after_whatever_a_script_did_to_it(tmp_path):
    bench = Bench(LocalExecutor(tmp_path / "gl", "off"))
    bench.run(task("mkdir -p a/b; ln -s / a/root; touch a/b/f; chmod 000 a/b a"))
    assert list((tmp_path / "gl/work").iterdir()) == []
