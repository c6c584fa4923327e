"""All other commands: what each is read as (product.md section 3)."""

from __future__ import annotations

import pytest

from app.commands import Answer, Found, Reading, Refusal, Wish
from app.workflow.definition import Gate, Resource
from app.workflow.events import Cancelled, CommitAllowed, PauseChanged, PinChanged, Retried, Triggered
from app.workflow.facts import NotRun
from app.workflow.line import MAIN, Node, Status, VersionRef
from tests.commands.scenes import ANN, COMMIT, NOW, PR, SHA, SPOT, ask, candidate, job, line, run, scene

SMOKE = job("smoke", "app")
BUILD = job("build", "app")
BY = {"key": "k", "at": NOW, "by": ANN, "via": "comment:1"}


def refused(found: Reading) -> Refusal:
    assert isinstance(found, Refusal), found
    return found


def answered(found: Reading) -> str:
    assert isinstance(found, Answer), found
    return found.text


# -- trigger -----------------------------------------------------------------------------------------------------------------


def test_trigger_runs_a_job_by_hand_in_the_lane_of_the_conversation_with_its_values() -> None:
    found = ask("trigger smoke REGION=eu", line(), scene(SMOKE, spot=SPOT))
    event = Triggered(
        **BY,
        job="smoke",
        lane=PR,
        values=(("REGION", "eu"),),
        repository="github:1",
        full_name="acme/app",
        sha=SHA,
        pull_request=7,
    )
    assert found == Wish((event,))


def test_trigger_without_a_conversation_runs_in_main() -> None:
    assert ask("trigger smoke", line(), scene(SMOKE, spot=None)) == Wish((Triggered(**BY, job="smoke", lane=MAIN),))


@pytest.mark.parametrize("name", ["PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "BASH_ENV", "ENV", "IFS", "GIT_SSH_COMMAND", "GATELINE_URL"])
def test_trigger_refuses_names_that_change_how_a_shell_or_git_works(name: str) -> None:
    assert name in refused(ask(f"trigger smoke {name}=x", line(), scene(SMOKE))).reason


@pytest.mark.parametrize("name", ["PATHS", "MYPATH", "LDX", "ENVIRONMENT", "GITHUB_REF", "path"])
def test_trigger_takes_names_that_only_look_like_them(name: str) -> None:
    assert isinstance(ask(f"trigger smoke {name}=x", line(), scene(SMOKE)), Wish)


@pytest.mark.parametrize("values", ["A=1 A=2", "A=" + "x" * 4_097])
def test_trigger_refuses_what_no_environment_can_hold(values: str) -> None:
    assert "`A`" in refused(ask(f"trigger smoke {values}", line(), scene(SMOKE))).reason


# -- retry -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "again"),
    [
        (Status.FAILED, True),
        (Status.ERRORED, True),
        (Status.LOST, True),
        (Status.TIMED_OUT, True),
        (Status.UNSTABLE, True),
        (Status.CANCELLED, True),
        (Status.SUCCEEDED, False),
        (Status.SKIPPED, False),
        (Status.WAITING, False),
        (Status.QUEUED, False),
        (Status.RUNNING, False),
    ],
)
def test_retry_runs_again_what_failed_and_nothing_that_passed_or_goes_on(status: Status, again: bool) -> None:
    found = ask("retry", line(), scene(SMOKE, BUILD, found=(Found("smoke", (run("smoke", 3, status),)), Found("build"))))
    if again:
        assert found == Wish((Retried(**BY, repository=COMMIT.repository, sha=SHA, jobs=("smoke",)),))
    else:
        assert "retry" in refused(found).reason


def test_retry_looks_at_the_newest_run_of_a_lane_only() -> None:
    runs = (run("smoke", 4, Status.SUCCEEDED), run("smoke", 3))
    assert isinstance(ask("retry", line(), scene(SMOKE, found=(Found("smoke", runs),))), Refusal)
    assert isinstance(ask("retry", line(), scene(SMOKE, found=(Found("smoke", (*runs, run("smoke", 2, lane=PR))),))), Wish)


def test_retry_leaves_alone_what_the_asker_may_not() -> None:
    found = ask("retry", line(), scene(BUILD, found=(Found("smoke", (run("smoke", 3),)), Found("build", (run("build", 1),)))))
    assert found == Wish((Retried(**BY, repository=COMMIT.repository, sha=SHA, jobs=("build",)),))


def test_retry_of_a_job_that_did_not_fail_suggests_trigger() -> None:
    found = refused(ask("retry smoke", line(), scene(SMOKE, found=(Found("smoke", (run("smoke", 1, Status.SUCCEEDED),)),))))
    assert found.type == "/gateline trigger smoke"


def test_retry_without_a_conversation_is_about_the_commit_of_the_newest_run() -> None:
    found = ask("retry smoke", line(), scene(SMOKE, spot=None, found=(Found("smoke", (run("smoke", 3),)),)))
    assert found == Wish((Retried(**BY, repository="github:1", sha=SHA, jobs=("smoke",)),))
    assert "about a commit" in refused(ask("retry smoke", line(), scene(SMOKE, spot=None, found=(Found("smoke"),)))).reason


# -- cancel ------------------------------------------------------------------------------------------------------------------


def test_cancel_ends_all_that_is_not_final_runs_and_candidates() -> None:
    runs = (run("smoke", 4, Status.RUNNING), run("smoke", 3, Status.WAITING), run("smoke", 2, Status.QUEUED), run("smoke", 1))
    found = (Found("smoke", runs), Found("deploy", (), (candidate(1, "aaaaaaa1"),)))
    deploy = job("deploy", gate=Gate())
    wish = ask("cancel -- wrong region", line(), scene(SMOKE, deploy, found=found))
    expected = Cancelled(**BY, runs=(("smoke", 4), ("smoke", 3), ("smoke", 2)), candidates=(("deploy", 1),), reason="wrong region")
    assert wish == Wish((expected,))
    only_smoke = ask("cancel", line(), scene(SMOKE, found=found))
    assert isinstance(only_smoke, Wish)
    assert isinstance(only_smoke.events[0], Cancelled)
    assert only_smoke.events[0].candidates == ()


def test_cancel_where_all_is_final_is_refused() -> None:
    assert "final" in refused(ask("cancel smoke", line(), scene(SMOKE, found=(Found("smoke", (run("smoke", 1),)),)))).reason


# -- pause, resume, pin, unpin -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("verb", "paused"), [("pause", True), ("resume", False)])
def test_pause_and_resume_are_account_wide_and_say_so(verb: str, paused: bool) -> None:
    found = ask(f"{verb} smoke", line(Node("smoke", SMOKE, paused=not paused)), scene(SMOKE))
    assert isinstance(found, Wish)
    assert found.events == (PauseChanged(**BY, job="smoke", paused=paused),)
    assert "in the whole account" in found.note
    assert "paused" in answered(ask(f"{verb} smoke", line(Node("smoke", SMOKE, paused=paused)), scene(SMOKE)))


IMAGE = Resource("app", "image", "github:acme/app@main")
FOREIGN = Resource("app", "image", "github:acme/images@main")
CONSENTING = Resource("app", "image", "github:acme/images@main", accepts=("Acme/App",))


@pytest.mark.parametrize("typed", ["app", "APP", '"app"'])
def test_pin_fixes_the_version_of_an_input(typed: str) -> None:
    found = ask(f"pin smoke {typed} v2.1", line(Node("smoke", SMOKE), resources=[IMAGE]), scene(SMOKE))
    assert isinstance(found, Wish)
    assert found.events == (PinChanged(**BY, job="smoke", resource="app", version="v2.1"),)
    assert "in the whole account" in found.note


def test_pin_of_something_that_is_no_input_names_the_inputs_and_the_nearest() -> None:
    found = refused(ask("pin smoke ap 4", line(Node("smoke", SMOKE)), scene(SMOKE)))
    assert "`app`" in found.reason
    assert found.type == "/gateline pin smoke app 4"


def test_pin_of_another_sources_resource_needs_its_consent() -> None:
    found = refused(ask("pin smoke app 4", line(Node("smoke", SMOKE), resources=[FOREIGN]), scene(SMOKE)))
    assert "accepts: [acme/app]" in found.reason
    assert isinstance(ask("pin smoke app 4", line(Node("smoke", SMOKE), resources=[CONSENTING]), scene(SMOKE)), Wish)


def test_unpin_takes_the_pin_off_and_says_when_there_is_none() -> None:
    pinned = Node("smoke", SMOKE, pins={"app": VersionRef("app", 3)})
    found = ask("unpin smoke app", line(pinned, resources=[FOREIGN]), scene(SMOKE))
    assert isinstance(found, Wish)
    assert found.events == (PinChanged(**BY, job="smoke", resource="app", version=None),)
    assert "not pinned" in answered(ask("unpin smoke app", line(Node("smoke", SMOKE)), scene(SMOKE)))


# -- allow -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [SHA[:12], SHA[:12].upper(), SHA])
def test_allow_admits_the_head_that_was_named(typed: str) -> None:
    wish = Wish((CommitAllowed(**BY, repository="github:1", number=7, sha=SHA),))
    assert ask(f"allow {typed}", line(), scene(spot=SPOT)) == wish


@pytest.mark.parametrize(
    ("typed", "word"), [("", "Name the commit"), (SHA[:11], "at least 12"), ("x" * 12, "at least 12"), ("a" * 12, "has moved")]
)
def test_allow_of_anything_but_the_head_is_refused_with_the_line_to_type(typed: str, word: str) -> None:
    found = refused(ask(f"allow {typed}", line(), scene(spot=SPOT)))
    assert word in found.reason
    assert found.type == f"/gateline allow {SHA[:12]}"


@pytest.mark.parametrize("spot", [None, COMMIT])
def test_allow_is_about_pull_requests(spot: object) -> None:
    assert "pull request" in refused(ask(f"allow {SHA}", line(), scene(spot=spot))).reason


# -- answers -----------------------------------------------------------------------------------------------------------------


def test_help_lists_every_command_and_no_line_of_it_begins_with_a_slash() -> None:
    text = answered(ask("help", line(), scene(usages={"retry": ("retry [JOB]", "Again."), "help": ("help", "This.")})))
    assert "`/gateline retry [JOB]`: Again." in text
    assert not any(each.startswith("/") for each in text.split("\n"))


def test_status_lists_each_job_by_what_counts_now() -> None:
    found = (
        Found("smoke", (run("smoke", 4, Status.RUNNING), run("smoke", 3))),
        Found("deploy", (), (candidate(1, "aaaaaaa1"),)),
        Found("docs", not_run=(NotRun("docs", MAIN, (), "not_run", "smoke", "smoke failed for @bob"),)),
    )
    text = answered(ask("status", line(), scene(found=found, hidden=2)))
    assert "- `smoke`: running (#4)" in text
    assert "- `deploy`: waits for approval (0 of 1), digest aaaaaaa1aaaa" in text
    assert "- `docs`: smoke failed for @\u200bbob" in text
    assert "- 2 in repositories with fewer readers" in text
    assert "about a commit" in refused(ask("status", line(), scene(spot=None))).reason


def test_why_says_what_a_gated_job_waits_for_and_what_to_type() -> None:
    deploy = job("deploy", gate=Gate(approvers=("ann",), restricted=True))
    text = answered(ask("why deploy", line(Node("deploy", deploy, paused=True, open=(candidate(1, "aaaaaaa1"),))), scene(deploy)))
    assert "`/gateline approve deploy aaaaaaa1aaaa`" in text
    assert "`/gateline resume deploy`" in text


def test_why_of_a_job_that_does_nothing_says_how_it_ended_or_why_it_did_not_run() -> None:
    past = (Found("smoke", (run("smoke", 3),), not_run=(NotRun("smoke", MAIN, (), "not_run", "build", "build failed"),)),)
    text = answered(ask("why smoke", line(Node("smoke", SMOKE)), scene(SMOKE, found=past)))
    assert "build failed" in text
    assert "failed (#3)" in text
    assert "nothing happened" in answered(ask("why smoke", line(Node("smoke", SMOKE)), scene(SMOKE)))


def test_why_of_an_inconsistent_job_and_of_one_ready_by_hand() -> None:
    node = Node("smoke", SMOKE, inconsistent=("app is unknown",), ready=frozenset({MAIN}))
    text = answered(ask("why smoke", line(node), scene(SMOKE)))
    assert "app is unknown" in text
    assert "`/gateline trigger smoke`" in text
