"""Joining sources: whose a name is, and which jobs may not be started (spec/workflow-language.md sections 1.3 and 1.4)."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from app.workflow.definition import Fragment, Hook, HookKind, Input, Job, Notice, Output, Paths, Pin, Place, Resource, Severity, Step, Task
from app.workflow.link import Linked, link
from tests.workflow.parse_kinds import KINDS

APP = "github:acme/app@main"
WEB = "github:acme/web@main"
TASK = Task("Task 0", ("make",))


def a_job(name: str, *steps: Step, source: str = APP, **more: object) -> Job:
    return Job(name, "runSh", source, (*steps, TASK), place=Place("f.yml", 1, 1), **more)  # type: ignore[arg-type]


def a_resource(name: str, type_name: str = "params", source: str = APP, **more: object) -> Resource:
    return Resource(name, type_name, source, place=Place("f.yml", 2, 2), **more)  # type: ignore[arg-type]


def linked(*definitions: Job | Resource) -> Linked:
    """Links definitions grouped by their sources, in the order in which the sources are met."""
    sources = dict.fromkeys(each.source for each in definitions)
    fragments = {
        source: Fragment(
            source,
            "c0ffee",
            tuple(each for each in definitions if isinstance(each, Job) and each.source == source),
            tuple(each for each in definitions if isinstance(each, Resource) and each.source == source),
        )
        for source in sources
    }
    return link(fragments, KINDS)


def reasons(result: Linked) -> Mapping[str, tuple[str, ...]]:
    return result.workflow.inconsistent


def test_a_sound_line_over_two_sources_has_no_problems() -> None:
    result = linked(
        a_resource("repo", "gitRepo"),
        a_job("build", Input("repo"), Output("tag")),
        a_resource("tag"),
        a_job("deploy", Input("build"), Input("tag"), source=WEB),
    )
    assert result.problems == ()
    assert reasons(result) == {}
    assert list(result.workflow.jobs) == ["build", "deploy"]
    assert result.workflow.consumers["tag"] == ("deploy",)


@pytest.mark.parametrize(("type_name", "warned"), [("gitRepo", False), ("ciRepo", False), ("syncRepo", True), ("params", True)])
def test_paths_of_what_has_no_files_are_warned_of(type_name: str, warned: bool) -> None:
    result = linked(a_resource("it", type_name), a_job("build", Input("it", paths=Paths(("api/",)))))
    said = "`paths` of IN `it` has no effect: it is a"
    assert [(each.severity, said in each.sentence) for each in result.problems] == ([(Severity.WARNING, True)] if warned else [])
    assert reasons(result) == {}


@pytest.mark.parametrize("second", [a_job("x", source=WEB), a_resource("x", source=WEB)])
@pytest.mark.parametrize("first", [a_job("x"), a_resource("x")])
def test_the_first_owner_keeps_a_name_and_the_problem_names_it(first: Job | Resource, second: Job | Resource) -> None:
    result = linked(first, second)
    (problem,) = result.problems
    assert problem.severity is Severity.ERROR
    assert APP in problem.sentence
    assert [*result.workflow.jobs.values(), *result.workflow.resources.values()] == [first]


def test_jobs_that_differ_in_case_only_are_a_problem_of_the_later_one() -> None:
    assert list(reasons(linked(a_job("Deploy"), a_job("deploy", source=WEB), a_job("DEPLOYS")))) == ["deploy"]


@pytest.mark.parametrize(
    ("job", "sentence"),
    [
        (a_job("j", Input("nothing")), "IN `nothing` is not a job or resource"),
        (a_job("j", Output("nothing")), "OUT `nothing` is not a job or resource"),
        (a_job("j", Input("app_runCI")), "is there once a repository `app` that has CI keys is a source"),
        (a_job("j", Input("web_main_rSync")), "is there once a repository `web_main` is a source"),
        (a_job("j", hooks={HookKind.ALWAYS: Hook((), (Notice("nothing"),))}), "NOTIFY `nothing` in `always` is not a resource"),
        (a_job("j", hooks={HookKind.ALWAYS: Hook((), (Notice("keys"),))}), "NOTIFY `keys` in `always` is a params, not a notification"),
        (a_job("j", Output("other")), "OUT `other` is a job"),
        (a_job("j", Output("repo")), "OUT `repo` is a gitRepo, which no job can write"),
        (a_job("j", Input("keys"), Output("keys")), "`keys` is both IN and OUT"),
        (a_job("j", Input("my-key"), Output("mykey")), "would share their variables"),
        (a_job("j", Output("keys", replicate="repo")), "names no IN of this job"),
    ],
)
def test_an_inconsistent_job_has_a_sentence_and_a_problem_at_its_step(job: Job, sentence: str) -> None:
    world = (
        a_resource("repo", "gitRepo"),
        a_resource("keys"),
        a_resource("my-key"),
        a_resource("mykey"),
        a_job("other"),
    )
    result = linked(*world, job)
    assert list(reasons(result)) == ["j"]
    assert [sentence in each for each in reasons(result)["j"]] == [True], reasons(result)
    assert [(each.subject, each.severity) for each in result.problems] == [("j", Severity.ERROR)]
    assert "j" in result.workflow.jobs


@pytest.mark.parametrize(
    "job",
    [
        a_job("j", Input("central"), Output("central")),
        a_job("j", Input("repo"), Output("other-repo", replicate="repo")),
        a_job("j", hooks={HookKind.ALWAYS: Hook((), (Notice("slack"),))}),
        a_job("j", integrations=("aws",)),
        a_job("j", Input("image"), integrations=()),
        a_job("j", Input("repo", pin=Pin(number=1))),
    ],
)
def test_a_consistent_job_has_none(job: Job) -> None:
    world = (
        a_resource("central", "state"),
        a_resource("repo", "gitRepo"),
        a_resource("other-repo", "gitRepo"),
        a_resource("slack", "notification", integration="aws"),
        a_resource("image", "image", integration="aws"),
    )
    assert linked(*world, job).problems == ()


def test_the_nearest_name_is_suggested() -> None:
    (problem,) = linked(a_job("build"), a_job("deploy", Input("biuld"))).problems
    assert problem.nearest == "build"


@pytest.mark.parametrize("step", [Output("keys"), Input("keys", pin=Pin(number=3))])
@pytest.mark.parametrize(
    ("accepts", "consistent"), [((), False), (("acme/web",), True), (("Acme/Web",), True), (("acme/other",), False), (("web",), False)]
)
def test_writing_or_pinning_another_sources_resource_needs_its_consent(step: Step, accepts: tuple[str, ...], consistent: bool) -> None:
    result = linked(a_resource("keys", accepts=accepts), a_job("j", step, source=WEB))
    assert (reasons(result) == {}) is consistent
    if not consistent:
        assert "needs `accepts: [acme/web]`" in reasons(result)["j"][0]


def test_reading_another_sources_resource_needs_no_consent() -> None:
    assert linked(a_resource("keys"), a_job("j", Input("keys"), source=WEB)).problems == ()


def test_another_branch_of_the_same_repository_is_another_source() -> None:
    assert list(reasons(linked(a_resource("keys"), a_job("j", Output("keys"), source="github:acme/app@next")))) == ["j"]


@pytest.mark.parametrize(
    ("jobs", "circle"),
    [
        ((a_job("a", Input("b")), a_job("b", Input("a"))), "a -> b -> a"),
        ((a_job("a", Input("c")), a_job("b", Input("a")), a_job("c", Input("b"))), "a -> b -> c -> a"),
        ((a_job("a", Input("keys")), a_job("b", Input("a"), Output("keys"))), "a -> b -> keys -> a"),
        ((a_job("a", Input("b", switch=False)), a_job("b", Input("a", pin=Pin(number=1)))), "a -> b -> a"),
        ((a_job("a", Input("a")),), "a -> a"),
    ],
)
def test_a_circle_makes_its_jobs_inconsistent_and_is_drawn(jobs: tuple[Job, ...], circle: str) -> None:
    result = linked(a_resource("keys"), *jobs, a_job("after", Input("a")), a_job("before"))
    assert sorted(reasons(result)) == sorted(job.name for job in jobs)
    assert all(f"waits for itself: {circle}." in each for sentences in reasons(result).values() for each in sentences)


def test_two_circles_that_touch_nothing_of_each_other_are_two() -> None:
    result = linked(*(a_job(name, Input(other)) for name, other in ("ab", "ba", "cd", "dc")), a_job("between", Input("a"), Input("c")))
    assert sorted(reasons(result)) == ["a", "b", "c", "d"]
    assert "c -> d -> c" in reasons(result)["d"][0]


def test_a_circle_through_a_state_is_none() -> None:
    central = a_resource("central", "state")
    up = a_job("up", Input("central"), Output("central"))
    down = a_job("down", Input("central"), Input("up"), Output("central"))
    assert linked(central, up, down).problems == ()


def test_a_state_that_leaves_main_is_warned_of_and_stays_consistent() -> None:
    result = linked(
        a_resource("central", "state"), a_resource("keys"), a_job("j", Output("central", lanes=("pr/*",)), Output("keys", lanes=("all",)))
    )
    (problem,) = result.problems
    assert problem.severity is Severity.WARNING
    assert "central" in problem.sentence
    assert reasons(result) == {}


def test_a_huge_circle_is_drawn_short() -> None:
    result = linked(*(a_job(f"j{number}", Input(f"j{(number + 1) % 500}")) for number in range(500)))
    assert len(reasons(result)) == 500
    assert "(481 more)" in reasons(result)["j0"][0]


def test_linking_five_thousand_jobs_takes_well_under_a_second() -> None:
    steps = [[Input(f"j{number - back}") for back in (1, 7, 40) if number >= back] + [Output(f"o{number}")] for number in range(5_000)]
    jobs = [a_job(f"j{number}", *each) for number, each in enumerate(steps)]
    outputs = [a_resource(f"o{number}") for number in range(5_000)]
    fragment = Fragment(APP, "c0ffee", tuple(jobs), tuple(outputs))
    began = time.process_time()
    assert link({APP: fragment}, kinds=KINDS).problems == ()
    assert time.process_time() - began < 1.0


def test_a_kind_of_job_says_what_is_wrong_with_its_inputs() -> None:
    """It is told the types of those that somebody defines, and the problem stands at the step."""
    step = Input("img", attributes={"scopes": "none"}, place=Place("f.yml", 7, 9))
    other = Input("elsewhere", attributes={"scopes": "none"})
    result = linked(a_resource("img", "image"), a_job("build", step, other))
    assert "f.yml:7:9: error: an image in no scope" in [str(problem) for problem in result.problems]
    assert "an image in no scope" in reasons(result)["build"]
