"""A fan-out decides fast enough (acceptance 9), and a decision asks in few rounds for what it touches, and no more (rule 10)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from app.workflow.decide import decide
from app.workflow.line import Line, Unloaded
from tests.workflow.worlds import World, kinds, world

WIDTH = 2000
ROUNDS = 12


def fan_out() -> World:
    return world("app -> A; " + "; ".join(f"A -> J{number}" for number in range(WIDTH)))


def push(w: World) -> None:
    w.push()


def claim(w: World) -> None:
    assert w.claim() == "A#1"


def end(w: World) -> None:
    w.end("A#1")


@pytest.mark.parametrize("steps", [(push,), (push, claim), (push, claim, end)])
def test_a_fan_out_of_two_thousand_decides_in_under_two_seconds(steps: tuple[Callable[[World], None], ...]) -> None:
    """The last of `steps` is measured: loaded already, as `react` does it in the end."""
    w = fan_out()
    for step in steps[:-1]:
        step(w)
    before = w.ledger.copy()
    steps[-1](w)
    line = Line(before.answers(w.loaded))
    started = time.process_time()
    assert decide(line, w.history[-1][0], kinds()) == w.facts
    assert time.process_time() - started < 2.0
    assert w.rounds < ROUNDS


def test_a_push_asks_only_for_what_it_touches() -> None:
    w = world("app -> A -> J; " + "; ".join(f"lib -> X{number} -> Y{number}" for number in range(50)))
    w.push("app")
    assert w.added() == ["A#1"]
    assert {need.name for need in w.loaded if need.kind == "node"} == {"app", "A", "J"}


def test_asking_again_for_what_was_answered_gives_the_same_facts() -> None:
    w = world("app -> A -> J; lib -> B -> J", J="strict")
    w.push("app")
    before = w.ledger.copy()
    w.run("A#1")
    line, rounds = Line(), 0
    while True:
        try:
            decided = decide(line, w.history[-2][0], kinds())
            break
        except Unloaded as missing:
            rounds += 1
            line = line.knowing(before.answers(missing.needs))
    assert decided == w.history[-2][1]
    assert rounds < ROUNDS
