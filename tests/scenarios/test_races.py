"""An approval and a push that supersedes what it is for, committed in both orders and at once: never the wrong versions.

25 rounds a database; 1,000 with FULL=1 (acceptance 6 of the first issue).
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from functools import partial

import pytest

from app.errands._run import drain_runs
from app.leaving import Leaving
from app.react import react
from app.store import Outcome
from app.workflow.events import Approved, VersionPosted
from app.workflow.facts import ApprovalGiven, Denied
from app.workflow.line import Candidate, CandidateState, Run
from tests.scenarios.town import ACCOUNT, Town
from tests.store.threads import together

ROUNDS = 1000 if os.environ.get("FULL") else 25

LINE = {
    "gateline.yml": """
        resources:
          - name: settings
            type: params
            version: {params: {COLOUR: grey}}
        jobs:
          - name: deploy
            type: runSh
            gate: {approvers: [alice]}
            steps:
              - IN: settings
              - TASK: [{script: make deploy}]
        """
}


def at_once(*acts: Callable[[], Outcome]) -> list[Outcome]:
    """Does all of it in threads that start at one moment."""
    outcomes: list[Outcome] = []
    assert together(len(acts), lambda number: outcomes.append(acts[number]())) == []
    return outcomes


def approval(town: Town, shown: Candidate) -> Callable[[], Outcome]:
    event = Approved(
        key=f"yes:{shown.number}", at=town.clock(), by=town.world.person("alice"), via="cli", job="deploy", digest=shown.digest
    )
    return partial(react, town.context, ACCOUNT, event)


def change(town: Town, number: int) -> Callable[[], Outcome]:
    event = VersionPosted(
        key=f"post:{number}",
        at=town.clock(),
        resource="settings",
        label=f"v{number}",
        bag={"params": {"COLOUR": str(number)}},
        by=town.world.person("carol"),
    )
    return partial(react, town.context, ACCOUNT, event)


def shown_now(town: Town) -> Candidate:
    found = town.gate("deploy")
    assert found is not None
    return found


def runs_start(town: Town) -> None:
    """Workers carry out what is queued, so that a round finds no more than the round before left."""
    drain_runs(town.context, ("default",), "a worker", Leaving(30, town.clock))


def runs_of(town: Town, candidate: Candidate) -> list[Run]:
    """Its runs among the newest: a round makes one at most."""
    return [view.run for view in town.store.runs(ACCOUNT, "deploy", limit=4) if view.run.candidate == candidate.number]


@pytest.mark.parametrize("order", ["approval first", "change first", "at once"])
def test_an_approval_and_what_supersedes_its_candidate_never_run_other_versions(town: Town, order: str) -> None:
    town.source(LINE)
    change(town, 0)()
    for number in range(1, ROUNDS + 1):
        approved = shown_now(town)
        acts = [approval(town, approved), change(town, number)]
        if order == "at once":
            random.shuffle(acts)
            at_once(*acts)
        else:
            for act in acts if order == "approval first" else reversed(acts):
                act()
        runs_start(town)
        _check(town, approved, order)
    assert all(run.candidate for run in town.runs("deploy"))


def _check(town: Town, approved: Candidate, order: str) -> None:
    """The candidate either opened into a run of exactly its versions, or ended superseded with no run and no approval."""
    after = town.store.candidate(ACCOUNT, "deploy", approved.number)
    assert after is not None
    runs = runs_of(town, approved)
    if after.state is CandidateState.OPENED:
        assert [run.inputs for run in runs] == [approved.inputs]
        assert [each.digest for each in after.approvals] == [approved.digest]
    else:
        assert (after.state, runs, after.approvals) == (CandidateState.SUPERSEDED, [], ())
    if order != "at once":
        assert after.state is (CandidateState.OPENED if order == "approval first" else CandidateState.SUPERSEDED)
    assert shown_now(town).inputs != approved.inputs


def test_two_approvals_at_once_open_a_gate_that_wants_two_exactly_once(town: Town) -> None:
    town.source({"gateline.yml": LINE["gateline.yml"].replace("[alice]}", "[alice, dora], required: 2}")})
    for number in range(ROUNDS):
        change(town, number)()
        shown = shown_now(town)
        yeses = [
            Approved(key=f"{name}:{number}", at=town.clock(), by=town.world.person(name), via="cli", job="deploy", digest=shown.digest)
            for name in ("alice", "dora")
        ]
        outcomes = at_once(*(partial(react, town.context, ACCOUNT, event) for event in yeses))
        facts = [fact for outcome in outcomes for fact in outcome.facts]
        assert len([fact for fact in facts if isinstance(fact, ApprovalGiven)]) == 2
        assert not [fact for fact in facts if isinstance(fact, Denied)]
        runs_start(town)
        assert [run.inputs for run in runs_of(town, shown)] == [shown.inputs]


def test_one_person_approving_twice_at_once_counts_once(town: Town) -> None:
    town.source({"gateline.yml": LINE["gateline.yml"].replace("[alice]}", "[alice, dora], required: 2}")})
    change(town, 0)()
    shown = shown_now(town)
    yeses = [
        Approved(key=f"{via}", at=town.clock(), by=town.world.person("alice"), via=via, job="deploy", digest=shown.digest)
        for via in ("comment", "cli")
    ]
    at_once(*(partial(react, town.context, ACCOUNT, event) for event in yeses))
    assert len(shown_now(town).approvals) == 1
    assert town.runs("deploy") == []
