"""A fork's commit gets no secrets, OUTs and downstream runs, whatever starts the run that takes it (product.md section 8)."""

from __future__ import annotations

import pytest

from app.workflow.events import CommitAllowed, PinChanged
from app.workflow.line import Status
from tests.workflow.worlds import World, actor, pr, sha, world


def pinned(allowed: bool) -> World:
    """main's A takes, by a pin, the commit of a fork's pull request."""
    w = world("app -> A => J; A => conf", A={"conf": {"lanes": ("*",)}})
    w.push("app", "main")
    w.drain()
    w.pull_request(7, "evil", fork=True)
    if allowed:
        w.happen(CommitAllowed(**w.key(), by=actor("bob"), via="cli", repository="github:1", number=7, sha=sha("evil")))
        w.run("A#2")
    version = w.ledger.versions_of("app")[-1]
    assert version.bag["fork"] is True
    w.happen(PinChanged(**w.key(), by=actor("bob"), via="cli", job="A", resource="app", version=f"#{version.ref.number}"))
    w.trigger("A")
    assert not any(cause.fork for run in w.ledger.of("A")[-1:] for cause in run.causes)
    return w


def test_a_run_does_not_start_with_a_forks_commit_that_nobody_allowed() -> None:
    w = pinned(allowed=False)
    assert w.claim() == ""
    run = w.ledger.of("A")[-1]
    assert run.status is Status.ERRORED
    assert run.reason == f"version 2 of app is a fork's commit ({sha('evil')[:12]}) that nobody has allowed"


def test_a_run_with_an_allowed_forks_commit_has_no_outs_and_nothing_downstream() -> None:
    w = pinned(allowed=True)
    before = len(w.ledger.versions_of("conf"))
    w.run("A#3", conf={"COLOUR": "red"})
    assert len(w.ledger.versions_of("conf")) == before
    assert w.unfinished() == {}


@pytest.mark.parametrize("gate", [False, True])
def test_nothing_is_run_by_hand_in_a_lane_that_was_closed(gate: bool) -> None:
    w = world("app -> A", **({"A": "gate"} if gate else {}))
    w.pull_request(7, "evil", fork=True)
    w.pull_request(7, "evil", action="closed", fork=True)
    before = w.runs()
    w.trigger("A", lane=pr(7))
    assert w.denied() == "pr/7 is closed: nothing is run for it any more"
    assert w.runs() == before


def test_a_pull_request_that_made_no_version_runs_what_main_has() -> None:
    w = world("app -> A")
    w.push("app", "main")
    w.run("A#1")
    w.trigger("A", lane=pr(8))
    w.run("A#2")
    assert w.taken("A#2") == {"app": "main"}
