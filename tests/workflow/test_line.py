"""What a line answers, what it asks for when it does not know, and that facts change a copy (architecture.md section 6, rules 2 and 10)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.workflow.facts import PauseSet
from app.workflow.line import MAIN, Line, Need, Node, RunRef, Unloaded, Version, VersionRef
from tests.workflow.worlds import actor, pr, world

LANE = pr(7)


def paused(yes: bool) -> PauseSet:
    return PauseSet("A", yes, actor("bob"))


QUESTIONS: list[tuple[str, Callable[[Line], object], Need]] = [
    ("node", lambda line: line.node("A"), Need("node", "A")),
    ("past", lambda line: line.past("A"), Need("past", "A", MAIN)),
    ("past in a lane", lambda line: line.past("A", LANE), Need("past", "A", LANE)),
    ("version by label", lambda line: line.version("app", "v1"), Need("version", "app", MAIN, "v1")),
    ("version by label in a lane", lambda line: line.version("app", "v1", LANE), Need("version", "app", LANE, "v1")),
    ("version by number, which is one for all lanes", lambda line: line.version("app", "#3", LANE), Need("version", "app", MAIN, "#3")),
    ("watching", lambda line: line.watching("github:1"), Need("watching", "github:1")),
    ("tip", lambda line: line.tip("github:1", "refs/heads/main"), Need("tip", "github:1", extra="refs/heads/main")),
    ("busy", lambda line: line.busy(LANE), Need("lane", lane=LANE)),
    ("commit", lambda line: line.commit("github:1", "abc"), Need("commit", "github:1", extra="abc")),
    ("queue", lambda line: line.queue(["default", "gpu"]), Need("queue", extra="default,gpu")),
    ("run", lambda line: line.run(RunRef("A", 3)), Need("run", "A", extra="3")),
    ("fragments", lambda line: line.fragments(), Need("fragments")),
    ("allowed", lambda line: line.allowed("github:1", "abc"), Need("allowed", "github:1", extra="abc")),
    ("opened", lambda line: line.opened(LANE), Need("opened", lane=LANE)),
    ("heads", lambda line: line.heads("github:1", "topic"), Need("heads", "github:1", extra="topic")),
    ("authors", lambda line: line.authors("app", LANE, (2, 5)), Need("authors", "app", LANE, "2..5")),
    ("candidate, by its job", lambda line: line.candidate("A", 1), Need("node", "A")),
]


@pytest.mark.parametrize(("question", "need"), [each[1:] for each in QUESTIONS], ids=[each[0] for each in QUESTIONS])
def test_a_question_that_nothing_loaded_answers_says_exactly_what_to_load(question: Callable[[Line], object], need: Need) -> None:
    with pytest.raises(Unloaded) as missing:
        question(Line())
    assert missing.value.needs == {need}


@pytest.mark.parametrize(("question", "need"), [each[1:] for each in QUESTIONS[:-1]], ids=[each[0] for each in QUESTIONS[:-1]])
def test_a_question_gets_the_answer_that_was_loaded(question: Callable[[Line], object], need: Need) -> None:
    answer = object()
    assert question(Line({need: answer})) is answer
    assert question(Line().knowing({need: answer})) is answer


def test_an_answer_of_nothing_is_an_answer() -> None:
    assert Line({Need("version", "app", MAIN, "v1"): None}).version("app", "v1") is None


def test_questions_about_several_name_all_that_is_missing_at_once() -> None:
    line = Line({Need("node", "A"): Node("A")})
    with pytest.raises(Unloaded) as missing:
        line.nodes(["A", "B", "C"])
    assert missing.value.needs == {Need("node", "B"), Need("node", "C")}
    with pytest.raises(Unloaded) as missing:
        line.versions([VersionRef("app", 1), VersionRef("lib", 2)])
    assert missing.value.needs == {Need("version", "app", extra="#1"), Need("version", "lib", extra="#2")}
    with pytest.raises(Unloaded) as missing:
        line.require_pasts(["A", "B"], LANE)
    assert missing.value.needs == {Need("past", name, lane) for name in "AB" for lane in (MAIN, LANE)}
    assert str(missing.value) == "past A, past A, past B, past B"


def test_what_is_loaded_is_required_in_vain() -> None:
    line = Line({Need("node", "A"): Node("A"), Need("past", "A"): None})
    line.require([Need("node", "A")])
    line.require_pasts(["A"], MAIN)
    line.require([])


def test_nodes_come_in_the_order_of_their_names_given() -> None:
    line = Line({Need("node", name): Node(name) for name in "ABC"})
    assert [node.name for node in line.nodes(name for name in "CAB")] == ["C", "A", "B"]


def test_versions_that_are_gone_are_left_out() -> None:
    kept = Version(VersionRef("app", 1), MAIN, 0.0)
    line = Line({Need("version", "app", extra="#1"): kept, Need("version", "app", extra="#2"): None})
    assert line.versions([VersionRef("app", 2), VersionRef("app", 1)]) == (kept,)


def test_facts_change_a_line_after_them_and_leave_this_one() -> None:
    before = Line({Need("node", "A"): Node("A")})
    after = before.after(paused(True), paused(False), paused(True))
    assert (before.node("A").paused, after.node("A").paused) == (False, True)


def test_loading_more_leaves_the_line_as_it_was_and_newer_answers_win() -> None:
    before = Line({Need("node", "A"): Node("A"), Need("node", "B"): Node("B")})
    after = before.knowing({Need("node", "A"): Node("A", paused=True), Need("node", "C"): Node("C")})
    assert [node.paused for node in after.nodes("ABC")] == [True, False, False]
    assert not before.node("A").paused
    with pytest.raises(Unloaded):
        before.node("C")


def test_a_line_keeps_its_own_copy_of_what_was_loaded() -> None:
    known: dict[Need, object] = {Need("node", "A"): Node("A")}
    line = Line(known)
    line.unfold(paused(True))
    assert line.node("A").paused
    assert known == {Need("node", "A"): Node("A")}


def test_a_candidate_is_found_while_it_is_open_and_after_a_fact_ended_it() -> None:
    w = world("app -> J", J="gate")
    w.push()
    shown = w.shown("J")
    line = Line({Need("node", "J"): w.ledger.answer(Need("node", "J"))})
    assert line.candidate("J", shown.number) == shown
    assert line.candidate("J", shown.number + 1) is None
    w.approve("J")
    ended = line.after(*w.facts).candidate("J", shown.number)
    assert ended is not None
    assert str(ended.state) == "opened"
    assert line.after(*w.facts).candidate("J", shown.number + 1) is None
