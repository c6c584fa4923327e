"""The CI job of a repository: spec/workflow-language.md sections 1.3 and 3.3; data/workflow-facts.md, facts 15 and 16."""

from __future__ import annotations

from typing import cast

import pytest

from app.registry import load
from app.workflow.definition import Fragment
from app.workflow.kinds import JobKind, Kinds, ResourceKind
from app.workflow.link import link
from app.workflow.parse import Parsed, parse

CI = b"language: none\n"
DECLARED = b"jobs:\n  - {name: app_runCI, type: runCI, priority: 1, steps: []}\n"


def read(source: str, **files: bytes) -> Parsed:
    kinds = Kinds(cast("dict[str, ResourceKind]", load("app.resources")), cast("dict[str, JobKind]", load("app.jobs")))
    return parse(source, "c0ffee", {f"{name.replace('_', '.')}.yml": content for name, content in files.items()}, kinds)


def fragment(source: str, **files: bytes) -> Fragment:
    found = read(source, **files).fragment
    assert found is not None
    return found


def test_ci_keys_of_the_root_file_make_the_job_with_its_repository_as_an_in() -> None:
    (job,) = fragment("github:acme/app@feature/x@y", shippable=CI).jobs
    assert (job.name, job.automatic) == ("app_runCI", True)
    assert [step.name for step in job.inputs] == ["app_ciRepo"]


@pytest.mark.parametrize("name", ["api_shippable", "gateline"])
def test_ci_keys_of_another_file_make_none(name: str) -> None:
    assert fragment("github:acme/app@main", **{name: CI}).jobs == ()


def test_a_declared_ci_job_takes_the_repository_without_saying_so() -> None:
    (job,) = fragment("github:acme/app@main", shippable=CI, gateline=DECLARED).jobs
    assert (job.priority, job.automatic) == (1, False)
    assert [step.name for step in job.inputs] == ["app_ciRepo"]


def test_surprise_16_the_ci_job_of_another_project_may_be_declared_and_goes_before_the_automatic_one() -> None:
    own = fragment("github:acme/app@main", shippable=CI)
    ops = fragment("github:acme/ops@main", gateline=DECLARED)
    linked = link({own.source: own, ops.source: ops})
    assert linked.workflow.jobs["app_runCI"].source == "github:acme/ops@main"
    assert not [problem for problem in linked.problems if "already" in problem.sentence]


def test_a_ci_job_that_is_not_called_as_a_repository_is_an_error() -> None:
    problems = read("github:acme/app@main", gateline=b"jobs: [{name: ci, type: runCI}]\n").problems
    assert "a runCI job is called as its repository, with _runCI behind" in problems[0].sentence


def test_a_ci_job_takes_no_task() -> None:
    problems = read("github:acme/app@main", gateline=b"jobs: [{name: app_runCI, type: runCI, steps: [{TASK: [{script: a}]}]}]\n").problems
    assert "a runCI job takes no TASK" in problems[0].sentence
