"""Changing parts of what is known of a line, wherever they are held. What is not loaded stays unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from app.workflow.needs import Need, Node, Past
from app.workflow.values import Candidate, CandidateState, Lane, Run, RunRef

Known: TypeAlias = dict[Need, Any]
Value = TypeVar("Value")


def change(known: Known, need: Need, step: Callable[[Value], Value]) -> None:
    if need in known:
        known[need] = step(known[need])


def change_node(known: Known, name: str, **changes: Any) -> None:
    def changed(node: Node) -> Node:
        return replace(node, **changes)

    change(known, Need("node", name), changed)


def change_past(known: Known, name: str, lane: Lane, **changes: Any) -> None:
    def changed(past: Past) -> Past:
        return replace(past, **changes)

    change(known, Need("past", name, lane), changed)


def run_of(known: Known, ref: RunRef) -> Run | None:
    node: Node | None = known.get(Need("node", ref.job))
    live = next((run for run in node.active if run.ref == ref), None) if node else None
    return live or known.get(Need("run", ref.job, extra=str(ref.number)))


def change_run(known: Known, ref: RunRef, **changes: Any) -> None:
    """A run as it now is, wherever it is held; a final one is no longer among its job's active ones."""
    run = run_of(known, ref)
    if run is None:
        return
    later = replace(run, **changes)
    known[Need("run", ref.job, extra=str(ref.number))] = later

    def active(node: Node) -> Node:
        kept = tuple(later if each.ref == ref else each for each in node.active if each.ref != ref or not later.status.final)
        return replace(node, active=kept)

    def newest(past: Past) -> Past:
        return replace(past, newest=later) if past.newest and past.newest.ref == ref else past

    def of_commit(runs: tuple[Run, ...]) -> tuple[Run, ...]:
        return tuple(later if each.ref == ref else each for each in runs)

    change(known, Need("node", ref.job), active)
    change(known, Need("past", ref.job, run.lane), newest)
    for cause in run.causes:
        change(known, Need("commit", cause.repository, extra=cause.sha), of_commit)


def mark_busy(known: Known, lane: Lane, job: str) -> None:
    def added(jobs: tuple[str, ...]) -> tuple[str, ...]:
        return jobs if job in jobs else (*jobs, job)

    change(known, Need("lane", lane=lane), added)


def change_candidate(known: Known, job: str, number: int, step: Callable[[Candidate], Candidate]) -> None:
    node: Node | None = known.get(Need("node", job))
    found = next((each for each in node.open if each.number == number), None) if node else None
    if node is None or found is None:
        return
    later = step(found)
    kept = tuple(
        later if each.number == number else each for each in node.open if each.number != number or later.state is CandidateState.OPEN
    )
    known[Need("node", job)] = replace(node, open=kept)
    known[Need("candidate", job, extra=str(number))] = later

    def past(past: Past) -> Past:
        proposed = later if past.proposed and past.proposed.number == number else past.proposed
        return replace(past, proposed=proposed, approved=later if later.state is CandidateState.OPENED else past.approved)

    change(known, Need("past", job, later.lane), past)
