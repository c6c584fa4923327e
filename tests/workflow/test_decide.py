"""The main way through the line: a push, runs one after the other, a gate, an approval."""

from __future__ import annotations

from app.workflow.line import Status
from tests.workflow.worlds import world


def test_a_push_runs_the_line_to_its_gate_and_an_approval_runs_the_rest() -> None:
    w = world("app -> A -> J -> C", J="gate")
    w.push("app", "one")
    assert w.runs() == {"A#1": "queued"}
    w.run("A#1")
    assert w.proposed() == ["J"]
    assert w.claim() == ""
    w.approve("J")
    w.run("J#1")
    w.run("C#1")
    assert w.runs() == {"A#1": "succeeded", "J#1": "succeeded", "C#1": "succeeded"}
    assert w.get("J#1").candidate == 1
    assert [cause.sha[:6] for cause in w.get("C#1").causes] == ["6f6e65"]


def test_a_failure_stops_the_line() -> None:
    w = world("app -> A -> J -> C")
    w.push()
    w.run("A#1", Status.FAILED)
    assert w.not_run() == {"J": "not_run: A failed", "C": "not_run: A failed"}
    assert w.unfinished() == {}
