"""How each fact changes what is known of a line. Only what is loaded changes; the rest is the store's to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial, singledispatch
from typing import Any, TypeAlias, TypeVar

from app.workflow import _edges as edges
from app.workflow import facts
from app.workflow.definition import Job
from app.workflow.needs import Need, Node, Past
from app.workflow.values import Candidate, CandidateState, Lane, Run, RunRef, Status

Known: TypeAlias = dict[Need, Any]
Value = TypeVar("Value")


@singledispatch
def _fold(fact: object, known: Known) -> None:
    """Facts that change nothing a decision can ask for fall through to here."""


def fold(known: Known, fact: facts.Fact) -> None:
    """Changes `known` in place as `fact` says."""
    _fold(fact, known)


def _change(known: Known, need: Need, change: Callable[[Value], Value]) -> None:
    if need in known:
        known[need] = change(known[need])


def _change_node(known: Known, name: str, **changes: Any) -> None:
    def changed(node: Node) -> Node:
        return replace(node, **changes)

    _change(known, Need("node", name), changed)


def _change_past(known: Known, name: str, lane: Lane, **changes: Any) -> None:
    def changed(past: Past) -> Past:
        return replace(past, **changes)

    _change(known, Need("past", name, lane), changed)


def _run_of(known: Known, ref: RunRef) -> Run | None:
    node: Node | None = known.get(Need("node", ref.job))
    live = next((run for run in node.active if run.ref == ref), None) if node else None
    return live or known.get(Need("run", ref.job, extra=str(ref.number)))


def _change_run(known: Known, ref: RunRef, **changes: Any) -> None:
    """A run as it now is, wherever it is held; a final one is no longer among its job's active ones."""
    run = _run_of(known, ref)
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

    _change(known, Need("node", ref.job), active)
    _change(known, Need("past", ref.job, run.lane), newest)
    for cause in run.causes:
        _change(known, Need("commit", cause.repository, extra=cause.sha), of_commit)


# -- versions ----------------------------------------------------------------------------------------------------------


@_fold.register
def _(fact: facts.VersionAdded, known: Known) -> None:
    version = fact.version
    name, number = version.ref.name, version.ref.number

    def counted(node: Node) -> Node:
        return replace(node, next_version=max(node.next_version, number + 1))

    _change(known, Need("node", name), counted)
    good = {"good": version} if version.status is Status.SUCCEEDED else {}
    _change_past(known, name, version.lane, latest=version, **good)
    known[Need("version", name, extra=f"#{number}")] = version
    _change(known, Need("version", name, version.lane, version.label), lambda _: version)


# -- runs --------------------------------------------------------------------------------------------------------------


@_fold.register
def _(fact: facts.RunAdded, known: Known) -> None:
    run = fact.run

    def joined(node: Node) -> Node:
        ready = node.ready - {run.lane}
        return replace(node, active=(*node.active, run), next_run=max(node.next_run, run.ref.number + 1), ready=ready)

    def of_commit(runs: tuple[Run, ...]) -> tuple[Run, ...]:
        return (*(each for each in runs if (each.ref.job, each.lane) != (run.ref.job, run.lane)), run)

    _change(known, Need("node", run.ref.job), joined)
    _change_past(known, run.ref.job, run.lane, newest=run)
    known[Need("run", run.ref.job, extra=str(run.ref.number))] = run
    _busy(known, run.lane, run.ref.job)
    for cause in run.causes:
        _change(known, Need("commit", cause.repository, extra=cause.sha), of_commit)


def _busy(known: Known, lane: Lane, job: str) -> None:
    def added(jobs: tuple[str, ...]) -> tuple[str, ...]:
        return jobs if job in jobs else (*jobs, job)

    _change(known, Need("lane", lane=lane), added)


@_fold.register
def _(fact: facts.RunJoined, known: Known) -> None:
    run = _run_of(known, fact.run)
    if run is not None:
        _change_run(known, fact.run, causes=(*run.causes, *fact.causes))


@_fold.register
def _(fact: facts.RunQueued, known: Known) -> None:
    pool = {"pool": fact.pool} if fact.pool else {}
    _change_run(known, fact.run, status=Status.QUEUED, **pool)


@_fold.register
def _(fact: facts.RunWaits, known: Known) -> None:
    _change_run(known, fact.run, status=Status.WAITING)


@_fold.register
def _(fact: facts.RunReleased, known: Known) -> None:
    _change_run(known, fact.run, held="")


@_fold.register
def _(fact: facts.RunStarted, known: Known) -> None:
    _change_run(
        known,
        fact.run,
        status=Status.RUNNING,
        inputs=fact.inputs,
        worker=fact.worker,
        token=fact.token,
        started=fact.at,
    )


@_fold.register
def _(fact: facts.RunCancelling, known: Known) -> None:
    _change_run(known, fact.run, cancelling=True, reason=fact.reason)


@_fold.register
def _(fact: facts.RunFinished, known: Known) -> None:
    run = _run_of(known, fact.run)
    if run is None:
        return
    _change_run(known, fact.run, status=fact.status, ended=fact.at, reason=fact.reason, code=fact.code)
    if fact.status.executed:
        ended = known[Need("run", fact.run.job, extra=str(fact.run.number))]
        _change_past(known, fact.run.job, run.lane, ended=ended)


# -- gates -------------------------------------------------------------------------------------------------------------


@_fold.register
def _(fact: facts.ReadyByHand, known: Known) -> None:
    def ready(node: Node) -> Node:
        return replace(node, ready=node.ready | {fact.lane})

    _change(known, Need("node", fact.job), ready)


@_fold.register
def _(fact: facts.CandidateProposed, known: Known) -> None:
    candidate = fact.candidate

    def opened(node: Node) -> Node:
        number = max(node.next_candidate, candidate.number + 1)
        return replace(node, open=(*node.open, candidate), next_candidate=number, ready=node.ready - {candidate.lane})

    _change(known, Need("node", candidate.job), opened)
    _change_past(known, candidate.job, candidate.lane, proposed=candidate)
    _busy(known, candidate.lane, candidate.job)


def _change_candidate(known: Known, job: str, number: int, change: Callable[[Candidate], Candidate]) -> None:
    node: Node | None = known.get(Need("node", job))
    found = next((each for each in node.open if each.number == number), None) if node else None
    if node is None or found is None:
        return
    later = change(found)
    kept = tuple(
        later if each.number == number else each for each in node.open if each.number != number or later.state is CandidateState.OPEN
    )
    known[Need("node", job)] = replace(node, open=kept)
    known[Need("candidate", job, extra=str(number))] = later

    def past(past: Past) -> Past:
        proposed = later if past.proposed and past.proposed.number == number else past.proposed
        return replace(past, proposed=proposed, approved=later if later.state is CandidateState.OPENED else past.approved)

    _change(known, Need("past", job, later.lane), past)


@_fold.register
def _(fact: facts.ApprovalGiven, known: Known) -> None:
    _change_candidate(known, fact.job, fact.number, lambda found: replace(found, approvals=(*found.approvals, fact.approval)))


@_fold.register
def _(fact: facts.CandidateEnded, known: Known) -> None:
    _change_candidate(known, fact.job, fact.number, lambda found: replace(found, state=fact.state, reason=fact.reason))


# -- definitions -------------------------------------------------------------------------------------------------------


@_fold.register
def _(fact: facts.JobDefined, known: Known) -> None:
    _redraw(known, fact.job.name, fact.job)
    _change_node(known, fact.job.name, job=fact.job, resource=None, inconsistent=fact.inconsistent)


@_fold.register
def _(fact: facts.JobRemoved, known: Known) -> None:
    _redraw(known, fact.name, None)
    _change_node(known, fact.name, job=None, inconsistent=())


def _redraw(known: Known, name: str, job: Job | None) -> None:
    """The far ends of a job's edges, as its new definition (None: it is gone) has them."""
    node: Node | None = known.get(Need("node", name))
    for end in edges.ends(node.job if node else None) | edges.ends(job):
        _change(known, Need("node", end), partial(edges.joined, name=name, job=job))


@_fold.register
def _(fact: facts.ResourceDefined, known: Known) -> None:
    _change_node(known, fact.resource.name, resource=fact.resource, job=None, inconsistent=fact.inconsistent)


@_fold.register
def _(fact: facts.ResourceRemoved, known: Known) -> None:
    _change_node(known, fact.name, resource=None, inconsistent=())


@_fold.register
def _(fact: facts.PauseSet, known: Known) -> None:
    _change_node(known, fact.job, paused=fact.paused)


@_fold.register
def _(fact: facts.PinSet, known: Known) -> None:
    def pinned(node: Node) -> Node:
        pins = {name: version for name, version in node.pins.items() if name != fact.resource}
        return replace(node, pins=pins if fact.version is None else {**pins, fact.resource: fact.version})

    _change(known, Need("node", fact.job), pinned)


# -- repositories and lanes --------------------------------------------------------------------------------------------


@_fold.register
def _(fact: facts.TipMoved, known: Known) -> None:
    _change(known, Need("tip", fact.repository, extra=fact.ref), lambda _: fact.sha)


@_fold.register
def _(fact: facts.LaneOpened, known: Known) -> None:
    _change(known, Need("opened", lane=fact.lane), lambda _: fact)


@_fold.register
def _(fact: facts.LaneClosed, known: Known) -> None:
    _change(known, Need("opened", lane=fact.lane), lambda _: None)


@_fold.register
def _(fact: facts.ShaAllowed, known: Known) -> None:
    _change(known, Need("allowed", fact.repository, extra=fact.sha), lambda _: True)
