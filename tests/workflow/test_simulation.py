"""A line in memory: what happens goes to the real rules, runs end as they are told, and what cannot be says why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.store.told import told
from app.workflow.definition import Gate
from app.workflow.happenings import VERBS, happen
from app.workflow.happenings_text import BadStep, Step, typed, written
from app.workflow.line import Status
from app.workflow.simulation import Simulation
from tests.workflow.worlds import SOURCE, draw, kinds


def simulation(line: str, **options: Any) -> Simulation:
    return Simulation({SOURCE: draw(line, options)}, kinds())


def play(found: Simulation, *lines: str) -> tuple[str, ...]:
    """What was decided on the last of `lines`."""
    said: tuple[str, ...] = ()
    for line in lines:
        said = told(fact for facts in happen(found, typed(line)) for fact in facts)
    return said


def runs(found: Simulation) -> dict[str, str]:
    return {str(run.ref): run.status.value for run in found.ledger.runs.values()}


def test_a_push_runs_the_line_to_its_end() -> None:
    found = simulation("app -> A -> J")
    assert "A#1 ended succeeded" in play(found, "push app")
    assert runs(found) == {"A#1": "succeeded", "J#1": "succeeded"}


def test_a_repository_is_known_by_its_own_name_too() -> None:
    found = simulation("app -> A")
    play(found, "push acme/app")
    assert runs(found) == {"A#1": "succeeded"}


def test_a_push_to_another_branch_is_in_a_lane_of_its_own() -> None:
    found = simulation("app -> A")
    play(found, "push app topic")
    assert [run.lane.kind for run in found.ledger.runs.values()] == ["branch"]


def test_a_pull_request_is_in_its_lane_and_a_forks_waits_for_allow() -> None:
    found = simulation("app -> A")
    play(found, "pr app 7", "pr app 8 fork=yes")
    assert runs(found) == {"A#1": "succeeded", "A#2": "waiting"}
    play(found, "pr app 8 closed fork=yes")
    assert runs(found)["A#2"] == "cancelled"


def test_the_next_run_ends_as_was_said() -> None:
    found = simulation("app -> A -> J")
    play(found, "end A failed", "push app")
    assert runs(found) == {"A#1": "failed"}
    play(found, "push app")
    assert runs(found) == {"A#1": "failed", "A#2": "succeeded", "J#1": "succeeded"}


def test_a_run_that_is_held_goes_on_until_its_end() -> None:
    found = simulation("app -> A -> J")
    play(found, "hold A", "push app")
    assert runs(found) == {"A#1": "running"}
    play(found, "push app")
    assert runs(found) == {"A#1": "running", "A#2": "waiting"}
    play(found, "end A failed")
    assert runs(found) == {"A#1": "failed", "A#2": "succeeded", "J#1": "succeeded"}


def test_each_out_of_a_run_gets_a_version_unless_its_keys_are_told() -> None:
    found = simulation("app -> A -> conf -> J")
    play(found, "push app")
    assert [version.label for version in found.ledger.versions_of("conf")][-1] == "1"
    play(found, "end A succeeded conf.COLOUR=red", "push app")
    assert found.ledger.versions_of("conf")[-1].bag["params"]["COLOUR"] == "red"  # type: ignore[index,call-overload]  # params hold a map
    assert runs(found)["J#2"] == "succeeded"


def test_a_gate_waits_until_one_of_its_approvers_says_yes() -> None:
    found = simulation("app -> A", A=Gate(("alice",), True))
    assert any("waits for approval" in each for each in play(found, "push app"))
    assert play(found, "approve A by=bob") == ("bob is not among those who may answer for the gate of A",)
    assert runs(found) == {}
    assert "alice approved A" in play(found, "approve A")
    assert runs(found) == {"A#1": "succeeded"}


def test_a_gate_is_shut_by_a_no_and_by_time() -> None:
    found = simulation("app -> A", A=Gate(timeout=3600.0))
    play(found, "push app", "reject A", "push app")
    play(found, "wait 30m")
    assert [each.state.value for each in found.ledger.candidates.values()] == ["rejected", "open"]
    play(found, "wait 31m")
    assert [each.state.value for each in found.ledger.candidates.values()] == ["rejected", "expired"]


@pytest.mark.parametrize(
    ("line", "event"),
    [("clock -> A", "tick clock"), ("pic -> A", "post pic 2.0"), ("hook -> A", "webhook hook ref=main"), ("A", "trigger A REGION=eu")],
)
def test_jobs_start_by_time_posts_webhooks_and_hand(line: str, event: str) -> None:
    found = simulation(line)
    play(found, event)
    assert runs(found) == {"A#1": "succeeded"}


def test_a_manual_run_has_its_values() -> None:
    found = simulation("A")
    play(found, 'trigger A REGION=eu NOTE="second try" by=carol')
    (run,) = found.ledger.runs.values()
    assert (run.values, run.by and run.by.login) == ((("REGION", "eu"), ("NOTE", "second try")), "carol")


def test_a_paused_job_stays_away_until_it_is_resumed() -> None:
    found = simulation("app -> A")
    play(found, "pause A", "push app")
    assert runs(found) == {}
    play(found, "resume A", "push app")
    assert runs(found) == {"A#1": "succeeded"}


def test_what_is_not_over_can_be_cancelled() -> None:
    found = simulation("app -> A")
    play(found, "hold A", "push app", "push app", "cancel A")
    assert {run.status for run in found.ledger.runs.values()} <= {Status.RUNNING, Status.CANCELLED}


def test_it_says_the_same_each_time() -> None:
    assert play(simulation("app -> A -> J"), "push app") == play(simulation("app -> A -> J"), "push app")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("psh app", "`psh` does not happen here (did you mean push?)"),
        ("push", "say more: push REPOSITORY [BRANCH]"),
        ("push ap", "nothing here watches `ap` (did you mean app?)"),
        ("end B", "there is no job `B`"),
        ("end A fialed", "`fialed` is not an end (did you mean failed?)"),
        ("approve A", "nothing waits at the gate of `A`"),
        ("tick lock", "there is no resource `lock`"),
        ("wait soon", "`soon` is no length of time"),
        ("pr app x", "`x` is no number of a pull request"),
        ("pr app 1 merged", "`merged` is not an action"),
        ("push 'app", "cannot be read"),
    ],
)
def test_what_cannot_be_says_why(line: str, sentence: str) -> None:
    with pytest.raises(BadStep) as problem:
        play(simulation("app -> A; clock -> A"), line)
    assert sentence in str(problem.value)


FORMS = [
    "- push app topic\n- end test failed shelf.KEY=1\n- approve deploy by=bob\n",
    "# comments are passed over\npush app topic\n\nend test failed shelf.KEY=1\napprove deploy by=bob\n",
    "- {push: [app, topic]}\n- {end: [test, failed], outputs: {shelf: {KEY: 1}}}\n- {approve: deploy, by: bob}\n",
    '{"push": ["app", "topic"]}\n{"end": ["test", "failed"], "outputs": {"shelf": {"KEY": 1}}}\n{"approve": "deploy", "by": "bob"}\n',
    json.dumps([{"push": ["app", "topic"]}, "end test failed shelf.KEY=1", {"approve": "deploy", "by": "bob"}]),
]


@pytest.mark.parametrize("text", FORMS)
def test_a_file_is_a_list_of_texts_or_maps_or_lines_of_either(text: str) -> None:
    assert written(text) == (
        Step("push", ("app", "topic")),
        Step("end", ("test", "failed"), values={"shelf.KEY": "1"}),
        Step("approve", ("deploy",), {"by": "bob"}),
    )


def test_what_is_wrong_in_a_file_is_counted() -> None:
    with pytest.raises(BadStep, match="event 2: `who` says nothing about what happens"):
        written("- push app\n- {approve: deploy, who: bob}\n")


def test_a_step_reads_back_as_it_is_shown() -> None:
    for line in ("push app 'a branch'", "trigger A NOTE='two words' by=bob"):
        assert typed(str(typed(line))) == typed(line)


def test_every_verb_says_how_it_is_used() -> None:
    assert all(verb.usage.split()[0] == name and verb.help.endswith(".") for name, verb in VERBS.items())
