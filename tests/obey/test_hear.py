"""What is heard, who may ask for it, and how it is answered (product.md section 3)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.errands.reply import plugin as reply
from app.errors import Permanent, Temporary
from app.forges import Conversation, Level
from app.obey import Asked, Verdict, hear, obey
from app.store import Claimed, Posted
from app.workflow.comment import Call
from app.workflow.definition import Gate
from app.workflow.errands import Errand
from app.workflow.line import RunRef, Status
from tests.fakes.clock import MovableClock
from tests.obey.town import ACCOUNT, Town, town


def run_of(here: Town, job: str, number: int = 1) -> Status | None:
    view = here.store.run(ACCOUNT, RunRef(job, number))
    return view.run.status if view else None


@pytest.fixture
def line(here: Town) -> Town:
    """smoke and build of acme/app; audit of the private acme/vault."""
    here.adopt(here.job("smoke"), here.job("build"), here.job("audit", repository="vault"))
    return here


# -- what is listened to -----------------------------------------------------------------------------------------------------------


def test_a_command_is_acknowledged_with_eyes_and_answered_with_a_rocket(line: Town) -> None:
    comment = line.say("wendy", "/trigger smoke REGION=eu")
    assert line.world.reacted == [(comment.id, "eyes"), (comment.id, "rocket")]
    view = line.store.run(ACCOUNT, RunRef("smoke", 1))
    assert view is not None
    assert (view.run.values, view.run.lane, view.run.by) == ((("REGION", "eu"),), line.lane, line.person("wendy"))
    assert line.answer == ""


@pytest.mark.parametrize("body", ["/lgtm", "/hold", "nice work", "see /trigger smoke", "@gateline-two trigger smoke"])
def test_what_is_somebody_elses_is_met_with_silence(line: Town, body: str) -> None:
    comment = line.say("wendy", body)
    assert line.told(comment) == frozenset()
    assert line.answer == ""


@pytest.mark.parametrize("body", ["/gateline lgtm", "@gateline please", "/gateline aprove smoke"])
def test_a_prefixed_command_always_gets_an_answer(line: Town, body: str) -> None:
    comment = line.say("wendy", body)
    assert line.told(comment) == {"eyes", "-1"}
    assert f"Not done: `{body}`" in line.answer


def test_an_issue_is_not_listened_to(line: Town) -> None:
    commented = line.world.say(line.here, "wendy", "/trigger smoke")
    nowhere = replace(commented, comment=replace(commented.comment, conversation=Conversation(line.app.id)))
    assert hear(line.context, nowhere) == "neither a pull request nor a commit"
    assert run_of(line, "smoke") is None


def test_a_repository_that_no_line_watches_is_not_listened_to(line: Town) -> None:
    other = line.world.repository("other")
    commented = line.world.say(Conversation(other.id, number=1), "wendy", "/gateline help")
    assert hear(line.context, commented) == "no line watches this repository"


def test_the_bot_knows_its_own_comments_by_id_and_by_marker_not_by_author(line: Town) -> None:
    bot = line.world.forge.me().login
    line.world.grant(line.app.id, bot, Level.WRITE)
    line.say(bot, "<!-- gateline:line x -->\n/gateline trigger smoke")
    assert run_of(line, "smoke") is None
    ours = line.world.say(line.here, bot, "/gateline trigger smoke")
    line.store.set_posted(Posted("reply", "1", line.here.place, ours.comment.id, "", 0.0))
    assert hear(line.context, ours) == "a comment of ours"
    line.say(bot, "/gateline trigger smoke")
    assert run_of(line, "smoke") is not None, "with a personal token its owner is a person like others"


def test_a_commit_is_a_conversation_too(line: Town) -> None:
    line.say("wendy", "/trigger smoke", Conversation(line.app.id, sha=line.head))
    assert run_of(line, "smoke") is not None


def test_several_lines_are_done_in_order_and_answered_in_one_reply(line: Town) -> None:
    comment = line.say("wendy", "/gateline trigger smoke\n/gateline trigger nonsense\n/gateline pause build")
    assert run_of(line, "smoke") is not None
    assert line.told(comment) == {"eyes", "-1"}
    assert line.answer.index("nonsense") < line.answer.index("in the whole account")
    assert line.world.bodies(line.here)[-1] == line.answer


# -- bare commands and other bots ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owners", "labels", "heard"),
    [
        (b"", set(), True),
        (b"approvers:\n- ann\n", set(), False),
        (b"filters:\n  '.*':\n    approvers: [ann]\n", set(), False),
        (b"reviewers:\n- ann\n", set(), True),
        (b"", {"lgtm"}, True),
        (b"", {"lgtm", "approved", "bug"}, False),
    ],
)
def test_bare_commands_are_left_to_prow_where_it_runs(line: Town, owners: bytes, labels: set[str], heard: bool) -> None:
    line.world.commit(line.app.id, "main", {"OWNERS": owners})
    line.world.hosted[line.app.id].labels = labels
    line.say("wendy", "/trigger smoke")
    assert (run_of(line, "smoke") is not None) is heard
    line.say("wendy", "/gateline trigger build")
    assert run_of(line, "build") is not None


@pytest.mark.parametrize(("setting", "heard"), [(True, True), (False, False), ("auto", False)])
def test_the_accounts_setting_has_the_last_word_on_bare_commands(
    sqlite_url: str, tmp_path: Path, clock: MovableClock, setting: object, heard: bool
) -> None:
    here = town(sqlite_url, tmp_path, clock, setting)
    here.adopt(here.job("smoke"))
    here.world.hosted[here.app.id].labels = {"lgtm", "approved"}
    here.say("wendy", "/trigger smoke")
    assert (run_of(here, "smoke") is not None) is heard
    here.store.close()


def test_another_bot_is_looked_for_only_when_a_bare_command_is_there(line: Town) -> None:
    line.world.broken["read"] = Permanent("not to be asked")
    line.world.broken["repository"] = Permanent("not to be asked")
    line.say("wendy", "/gateline trigger smoke")
    assert run_of(line, "smoke") is not None


# -- edits -------------------------------------------------------------------------------------------------------------------------


def test_an_edit_that_leaves_the_commands_alone_does_nothing(line: Town) -> None:
    comment = line.say("wendy", "/gateline trigger smoke")
    line.edit(comment, "/gateline trigger smoke\nsorry for the noise")
    assert run_of(line, "smoke", 2) is None


def test_an_edit_that_adds_a_command_does_that_one(line: Town) -> None:
    comment = line.say("wendy", "/gateline trigger smoke")
    line.edit(comment, "/gateline trigger smoke\n/gateline trigger build")
    assert (run_of(line, "smoke", 2), run_of(line, "build")) == (None, Status.QUEUED)


def test_a_command_that_was_acted_on_and_is_then_rewritten_is_refused_with_what_to_do(line: Town) -> None:
    comment = line.say("wendy", "/gateline trigger smoke")
    line.edit(comment, "/gateline trigger build")
    assert run_of(line, "build") is None
    assert "as a new comment" in line.answer


# -- which job ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["smoke", "SMOKE", "Ｓmoke", '"smoke"'])
def test_a_job_is_meant_whatever_its_case_where_that_is_unique(line: Town, typed: str) -> None:
    line.say("wendy", f"/gateline trigger {typed}")
    assert run_of(line, "smoke") is not None


def test_an_unknown_job_is_answered_with_the_nearest(line: Town) -> None:
    line.say("wendy", "/gateline trigger smokee A=1")
    assert "There is no job `smokee`. Did you mean `smoke`?" in line.answer
    assert "To type: `/gateline trigger smoke A=1`" in line.answer


def test_a_private_sources_job_is_no_suggestion_in_public(line: Town) -> None:
    line.say("wendy", "/gateline trigger audi")
    assert "audit" not in line.answer


def test_one_who_may_not_see_a_private_source_is_told_that_there_is_no_such_job(line: Town) -> None:
    line.say("wendy", "/gateline trigger audit")
    assert "There is no job `audit`." in line.answer
    line.say("adam", "/gateline trigger audit")
    assert run_of(line, "audit") is not None


# -- rights ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("login", "body", "allowed"),
    [
        ("wendy", "/trigger smoke", True),
        ("tom", "/trigger smoke", False),
        ("rita", "/pause smoke", False),
        ("paul", "/trigger smoke", False),
        ("tom", "/why smoke", True),
        ("paul", "/why smoke", True),
        ("rita", "/why smoke", False),
        ("stranger", "/status", False),
        ("paul", "/status", True),
        ("tom", "/help", True),
        ("rita", "/help", False),
        ("tom", "/allow 000000000000", False),
        ("adam", "/pause smoke", True),
    ],
)
def test_each_command_is_for_those_whom_the_forge_gives_its_right_now(line: Town, login: str, body: str, allowed: bool) -> None:
    comment = line.say(login, body)
    assert ("rocket" in line.told(comment)) is allowed
    assert ("access" in line.answer) is not allowed


def test_rights_are_asked_on_the_jobs_own_source(line: Town) -> None:
    line.world.grant(line.vault.id, "tom", Level.WRITE)
    line.say("tom", "/gateline trigger smoke\n/gateline trigger audit")
    assert (run_of(line, "smoke"), run_of(line, "audit")) == (None, Status.QUEUED)


def test_a_right_that_is_gone_counts_no_more(line: Town) -> None:
    line.world.grant(line.app.id, "wendy", Level.READ)
    line.say("wendy", "/gateline trigger smoke")
    assert run_of(line, "smoke") is None
    assert "write access to `acme/app`" in line.answer


def test_without_a_job_each_found_one_is_asked_for_and_those_not_permitted_are_named(line: Town) -> None:
    gated = line.job("deploy", gate=Gate(restricted=True, people=(line.person("alice").id,)))
    line.adopt(line.job("smoke"), line.job("build"), gated)
    line.ran("smoke", Status.QUEUED)
    line.ran("deploy", Status.QUEUED)
    line.say("wendy", "/gateline cancel")
    assert (run_of(line, "smoke"), run_of(line, "deploy")) == (Status.CANCELLED, Status.QUEUED)
    assert "not yours to decide: `deploy`" in line.answer
    line.say("alice", "/gateline cancel")
    assert run_of(line, "deploy") is Status.CANCELLED


def test_retry_runs_again_what_failed_on_this_commit(line: Town) -> None:
    line.ran("smoke", Status.FAILED)
    line.ran("build", Status.SUCCEEDED)
    line.say("wendy", "/retry")
    assert (run_of(line, "smoke", 2), run_of(line, "build", 2)) == (Status.QUEUED, None)


def test_only_an_administrator_breaks_the_glass(line: Town) -> None:
    gated = line.job("deploy", gate=Gate())
    line.adopt(gated)
    call = Call("trigger", job="deploy", break_glass="prod is down")
    for number, (login, verdict) in enumerate([("wendy", Verdict.FORBIDDEN), ("adam", Verdict.DONE)]):
        (answer,) = obey(line.context, Asked((ACCOUNT,), line.person(login), (call,), "cli", f"cli {number}"))
        assert answer.verdict is verdict
    assert run_of(line, "deploy") is Status.QUEUED


def test_without_the_glass_a_gated_job_is_only_proposed(line: Town) -> None:
    line.adopt(line.job("deploy", gate=Gate()))
    line.say("wendy", "/trigger deploy")
    assert run_of(line, "deploy") is None
    assert line.candidate().by == line.person("wendy")


def test_somebody_of_another_forge_may_nothing(line: Town) -> None:
    stranger = replace(line.person("wendy"), id="gitlab:1")
    (answer,) = obey(line.context, Asked((ACCOUNT,), stranger, (Call("trigger", job="smoke"),), "cli", "cli 1"))
    assert answer.verdict is Verdict.FORBIDDEN


# -- answers -----------------------------------------------------------------------------------------------------------------------


def test_in_public_jobs_of_private_sources_are_only_counted(line: Town) -> None:
    line.ran("smoke", Status.FAILED)
    line.ran("audit", Status.FAILED)
    line.say("adam", "/gateline status")
    assert "`smoke`: failed (#1)" in line.answer
    assert "audit" not in line.answer
    assert "1 in repositories with fewer readers" in line.answer
    line.say("adam", "/gateline why audit")
    assert "fewer readers than this conversation" in line.answer


def test_nothing_in_a_reply_mentions_anybody_or_begins_with_a_slash(line: Town) -> None:
    line.say("wendy", "/gateline trigger @everyone\n/gateline /trigger `x` @team\n/gateline help\n/gateline why '/merge @all'")
    outside_code = [each for index, each in enumerate(line.answer.split("`")) if index % 2 == 0]
    assert "@everyone" in line.answer
    assert not any("@" in each for each in outside_code)
    assert not any(each.startswith("/") for each in line.answer.splitlines())


def test_reactions_are_decoration_their_failure_changes_nothing(line: Town) -> None:
    line.world.broken["react"] = Permanent("archived")
    line.say("wendy", "/gateline trigger smoke\n/gateline pause build")
    assert run_of(line, "smoke") is not None
    assert "in the whole account" in line.answer


def test_a_reply_that_was_written_before_the_crash_is_found_by_its_marker(line: Town) -> None:
    args = {"repository": line.app.id, "conversation": line.number, "comment": "7", "text": "No.", "mark": "conversation/7/0"}
    line.world.forge.create_comment(line.here, "<!-- gateline:reply conversation/7/0 -->\n\nNo.")
    for _ in range(2):
        reply.do(line.context, Claimed(1, ACCOUNT, Errand("reply", args), "t", 1, 0.0))
    assert len(line.world.bodies(line.here)) == 1


def test_a_reply_stays_as_it_was_when_its_errand_is_made_again_with_another_text(line: Town) -> None:
    args = {"repository": line.app.id, "conversation": line.number, "comment": "7", "mark": "conversation/7/0"}
    for text in ("queued", "running"):
        reply.do(line.context, Claimed(1, ACCOUNT, Errand("reply", {**args, "text": text}), "t", 1, 0.0))
    assert [body.splitlines()[-1] for body in line.world.bodies(line.here)] == ["queued"]


def test_jobs_of_private_sources_are_not_named_to_those_who_may_not_touch_them(line: Town) -> None:
    line.ran("audit", Status.QUEUED)
    line.say("wendy", "/gateline cancel")
    assert run_of(line, "audit") is Status.QUEUED
    assert "None of the jobs found here" in line.answer
    assert "audit" not in line.answer


def test_a_forge_that_cannot_say_where_the_comment_stands_puts_it_off(line: Town) -> None:
    line.world.broken["pull_request"] = Temporary("502")
    commented = line.world.say(line.here, "wendy", "/gateline trigger smoke")
    with pytest.raises(Temporary):
        hear(line.context, commented)
    line.world.broken.clear()
    hear(line.context, commented)
    assert run_of(line, "smoke") is not None
