"""Integrations that are named and not set (spec/workflow-language.md sections 1.4 and 2.2)."""

from __future__ import annotations

import pytest

from app.workflow.definition import Hook, HookKind, Input, Job, Json, Notice, Output, Place, Resource, Severity, Workflow
from app.workflow.unset import unset

SOURCE = "github:acme/app@main"
HERE, THERE = Place("f.yml", 3, 5), Place("f.yml", 9, 3)


def line(job: Job, *resources: Resource) -> Workflow:
    return Workflow({job.name: job}, {each.name: each for each in resources})


def a_job(*steps: Input | Output, source: str = SOURCE, **more: object) -> Job:
    return Job("j", "runSh", source, steps, place=HERE, **more)  # type: ignore[arg-type]


def a_resource(type: str, integration: str, **content: Json) -> Resource:
    return Resource("r", type, SOURCE, integration, content, place=THERE)


@pytest.mark.parametrize(
    ("job", "used"),
    [
        (a_job(integrations=("gone",)), "the job uses integration `gone`"),
        (a_job(Input("r", place=HERE)), "`r` uses integration `gone`"),
        (a_job(Output("r", place=HERE)), "`r` uses integration `gone`"),
        (a_job(hooks={HookKind.ALWAYS: Hook((), (Notice("r"),))}), "`r` uses integration `gone`"),
    ],
)
def test_an_integration_that_is_not_set_is_a_warning_with_what_to_type(job: Job, used: str) -> None:
    (problem,) = unset(line(job, a_resource("image", "gone")), SOURCE, {"goner": "keyValuePair"})
    assert problem.sentence == f"{used}, which is not set for {SOURCE}: `gateline secret set gone --type TYPE …`"
    assert (problem.severity, problem.nearest, problem.place, problem.subject) == (Severity.WARNING, "goner", HERE, "j")


def test_one_that_is_set_is_no_problem_nor_are_other_sources_jobs() -> None:
    job = a_job(Input("r"), integrations=("gone",))
    assert unset(line(job, a_resource("image", "gone")), SOURCE, {"gone": "quayLogin"}) == ()
    assert unset(line(job, a_resource("image", "gone")), "github:acme/web@main", {}) == ()


@pytest.mark.parametrize("type", ["gitRepo", "ciRepo", "syncRepo"])
def test_a_repositorys_integration_counts_for_nothing(type: str) -> None:
    assert unset(line(a_job(Input("r")), a_resource(type, "my-github")), SOURCE, {}) == ()


def test_what_a_cluster_needs_with_its_type_of_integration_is_a_warning_where_it_is_defined() -> None:
    (problem,) = unset(line(a_job(Input("r"), Output("r")), a_resource("cluster", "aws", region="eu")), SOURCE, {"aws": "amazonKeys"})
    assert (problem.sentence, problem.place) == ("`r` needs `sourceName`: its integration `aws` is of type amazonKeys", THERE)
