"""How each fact changes what is known of a line. Only what is loaded changes; the rest is the store's to know."""

from __future__ import annotations

from dataclasses import replace
from functools import partial, singledispatch

from app.workflow import _edges as edges
from app.workflow import facts
from app.workflow._known import Known, change, change_candidate, change_node, change_past, change_run, mark_busy, run_of
from app.workflow._locks import shared
from app.workflow.definition import Job
from app.workflow.needs import Need, Node, Past
from app.workflow.values import Run, Status


@singledispatch
def _fold(fact: object, known: Known) -> None:
    """Facts that change nothing a decision can ask for fall through to here."""


def fold(known: Known, fact: facts.Fact) -> None:
    """Changes `known` in place as `fact` says."""
    _fold(fact, known)


# -- versions ----------------------------------------------------------------------------------------------------------


@_fold.register
def _(fact: facts.VersionAdded, known: Known) -> None:
    version = fact.version
    name, number = version.ref.name, version.ref.number

    def counted(node: Node) -> Node:
        return replace(node, next_version=max(node.next_version, number + 1))

    change(known, Need("node", name), counted)
    good = {"good": version} if version.status and version.status.passed else {}
    change_past(known, name, version.lane, latest=version, **good)
    known[Need("version", name, extra=f"#{number}")] = version
    change(known, Need("version", name, version.lane, version.label), lambda _: version)


# -- runs --------------------------------------------------------------------------------------------------------------


@_fold.register
def _(fact: facts.RunAdded, known: Known) -> None:
    run = fact.run

    def joined(node: Node) -> Node:
        ready = node.ready - {run.lane}
        return replace(node, active=(*node.active, run), next_run=max(node.next_run, run.ref.number + 1), ready=ready)

    def of_commit(runs: tuple[Run, ...]) -> tuple[Run, ...]:
        return (*(each for each in runs if (each.ref.job, each.lane) != (run.ref.job, run.lane)), run)

    change(known, Need("node", run.ref.job), joined)
    change_past(known, run.ref.job, run.lane, newest=run)
    known[Need("run", run.ref.job, extra=str(run.ref.number))] = run
    mark_busy(known, run.lane, run.ref.job)
    for cause in run.causes:
        change(known, Need("commit", cause.repository, extra=cause.sha), of_commit)


@_fold.register
def _(fact: facts.RunJoined, known: Known) -> None:
    run = run_of(known, fact.run)
    if run is not None:
        change_run(known, fact.run, causes=(*run.causes, *fact.causes))


@_fold.register
def _(fact: facts.RunQueued, known: Known) -> None:
    pool = {"pool": fact.pool} if fact.pool else {}
    change_run(known, fact.run, status=Status.QUEUED, **pool)


@_fold.register
def _(fact: facts.RunWaits, known: Known) -> None:
    change_run(known, fact.run, status=Status.WAITING)


@_fold.register
def _(fact: facts.RunReleased, known: Known) -> None:
    change_run(known, fact.run, held="")


@_fold.register
def _(fact: facts.RunDue, known: Known) -> None:
    change_run(known, fact.run, due=None)


@_fold.register
def _(fact: facts.RunStarted, known: Known) -> None:
    change_run(
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
    change_run(known, fact.run, cancelling=True, reason=fact.reason)


@_fold.register
def _(fact: facts.RunFinished, known: Known) -> None:
    run = run_of(known, fact.run)
    if run is None:
        return
    change_run(known, fact.run, status=fact.status, ended=fact.at, reason=fact.reason, code=fact.code)
    if fact.status.executed:
        later: Run = known[Need("run", fact.run.job, extra=str(fact.run.number))]

        def ended(past: Past) -> Past:
            newer = past.ended is None or past.ended.ref.number <= later.ref.number
            return replace(past, ended=later) if newer else past

        change(known, Need("past", fact.run.job, run.lane), ended)


# -- gates -------------------------------------------------------------------------------------------------------------


@_fold.register
def _(fact: facts.ReadyByHand, known: Known) -> None:
    def ready(node: Node) -> Node:
        return replace(node, ready=node.ready | {fact.lane})

    change(known, Need("node", fact.job), ready)


@_fold.register
def _(fact: facts.CandidateProposed, known: Known) -> None:
    candidate = fact.candidate

    def opened(node: Node) -> Node:
        number = max(node.next_candidate, candidate.number + 1)
        return replace(node, open=(*node.open, candidate), next_candidate=number, ready=node.ready - {candidate.lane})

    change(known, Need("node", candidate.job), opened)
    change_past(known, candidate.job, candidate.lane, proposed=candidate)
    mark_busy(known, candidate.lane, candidate.job)


@_fold.register
def _(fact: facts.ApprovalGiven, known: Known) -> None:
    change_candidate(known, fact.job, fact.number, lambda found: replace(found, approvals=(*found.approvals, fact.approval)))


@_fold.register
def _(fact: facts.CandidateEnded, known: Known) -> None:
    change_candidate(known, fact.job, fact.number, lambda found: replace(found, state=fact.state, reason=fact.reason))


# -- definitions -------------------------------------------------------------------------------------------------------


@_fold.register
def _(fact: facts.JobDefined, known: Known) -> None:
    _redraw(known, fact.job.name, fact.job)
    change_node(known, fact.job.name, job=fact.job, resource=None, inconsistent=fact.inconsistent)


@_fold.register
def _(fact: facts.JobRemoved, known: Known) -> None:
    _redraw(known, fact.name, None)
    change_node(known, fact.name, job=None, inconsistent=())


def _redraw(known: Known, name: str, job: Job | None) -> None:
    """The far ends of a job's edges, as its new definition (None: it is gone) has them."""
    node: Node | None = known.get(Need("node", name))
    old = node.job if node else None
    for end in edges.ends(old) | edges.ends(job):
        change(known, Need("node", end), partial(edges.joined, name=name, job=job))
    for lock in {each.lock.name for each in (old, job) if each and each.lock}:
        change(known, Need("sharing", lock), partial(shared, name=name, job=job, lock=lock))


@_fold.register
def _(fact: facts.ResourceDefined, known: Known) -> None:
    change_node(known, fact.resource.name, resource=fact.resource, job=None, inconsistent=fact.inconsistent)


@_fold.register
def _(fact: facts.ResourceRemoved, known: Known) -> None:
    change_node(known, fact.name, resource=None, inconsistent=())


@_fold.register
def _(fact: facts.PauseSet, known: Known) -> None:
    change_node(known, fact.job, paused=fact.paused)


@_fold.register
def _(fact: facts.PinSet, known: Known) -> None:
    def pinned(node: Node) -> Node:
        pins = {name: version for name, version in node.pins.items() if name != fact.resource}
        return replace(node, pins=pins if fact.version is None else {**pins, fact.resource: fact.version})

    change(known, Need("node", fact.job), pinned)


# -- repositories and lanes --------------------------------------------------------------------------------------------


@_fold.register
def _(fact: facts.TipMoved, known: Known) -> None:
    change(known, Need("tip", fact.repository, extra=fact.ref), lambda _: fact.sha)


@_fold.register
def _(fact: facts.LaneOpened, known: Known) -> None:
    change(known, Need("opened", lane=fact.lane), lambda _: fact)


@_fold.register
def _(fact: facts.LaneClosed, known: Known) -> None:
    change(known, Need("opened", lane=fact.lane), lambda _: None)


@_fold.register
def _(fact: facts.ShaAllowed, known: Known) -> None:
    change(known, Need("allowed", fact.repository, extra=fact.sha), lambda _: True)
