"""How what happened to a job is reported on a commit: which of it counts, and in which state and words (product.md section 6).

One job can have several runs, candidates and omissions for one commit, in several lanes; `choose` says which one a commit status shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.workflow.facts import NotRun
from app.workflow.line import Candidate, CandidateState, Lane, Run, Status


class Shown(StrEnum):
    """States of a commit status, from the best to the worst."""

    SUCCESS = "success"
    RUNNING = "running"
    PENDING = "pending"
    CANCELLED = "cancelled"
    ERROR = "error"
    FAILURE = "failure"


SEVERITY = {shown: rank for rank, shown in enumerate(Shown)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be shown of a job on a commit. Exactly one of `run`, `candidate`, `omission` is set."""

    at: float
    lane: Lane
    run: Run | None = None
    candidate: Candidate | None = None
    omission: NotRun | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a commit status says. `entry` is what it speaks of."""

    shown: Shown
    description: str
    entry: Entry

    @property
    def final(self) -> bool:
        return self.shown not in (Shown.PENDING, Shown.RUNNING)


ENDED = {
    Status.SUCCEEDED: (Shown.SUCCESS, "succeeded"),
    Status.UNSTABLE: (Shown.FAILURE, "unstable"),
    Status.FAILED: (Shown.FAILURE, "failed"),
    Status.TOLERATED: (Shown.SUCCESS, "failed, which is allowed"),
    Status.ERRORED: (Shown.ERROR, "error"),
    Status.LOST: (Shown.ERROR, "lost"),
    Status.TIMED_OUT: (Shown.FAILURE, "timed out"),
    Status.CANCELLED: (Shown.CANCELLED, "cancelled"),
    Status.SKIPPED: (Shown.SUCCESS, "skipped"),
}
GATED = {
    CandidateState.REJECTED: (Shown.CANCELLED, "rejected"),
    CandidateState.EXPIRED: (Shown.CANCELLED, "expired"),
    CandidateState.SUPERSEDED: (Shown.CANCELLED, "superseded"),
    CandidateState.OPENED: (Shown.PENDING, "approved"),
}


def entries(runs: Iterable[Run], candidates: Iterable[Candidate], omissions: Iterable[tuple[NotRun, float]]) -> tuple[Entry, ...]:
    """All that a job has on a commit, newest first. An opened candidate is its run."""
    found = [Entry(run.created, run.lane, run=run) for run in runs]
    found += [Entry(each.created, each.lane, candidate=each) for each in candidates if each.state is not CandidateState.OPENED]
    found += [Entry(at, each.lane, omission=each) for each, at in omissions]
    return tuple(sorted(found, key=lambda entry: -entry.at))


def choose(found: Iterable[Entry], open_lanes: frozenset[Lane], waits: Callable[[Run], str]) -> Report | None:
    """What a commit status shows: the open pull request's lane (the worse of several), else the branch's, else main's.

    None: write nothing. `found` is newest first; `waits` says why a run that has not started has not.
    """
    newest: dict[Lane, Entry] = {}
    for entry in found:
        newest.setdefault(entry.lane, entry)
    shown = [entry for entry in newest.values() if has_status(entry)]
    in_requests = [describe(entry, waits) for entry in shown if entry.lane.kind == "pr" and entry.lane in open_lanes]
    if in_requests:
        return worst(in_requests)
    for kind in ("queue", "branch", "main", "pr"):
        for entry in shown:
            if entry.lane.kind == kind:
                return describe(entry, waits)
    return None


def worst(reports: Iterable[Report]) -> Report:
    return max(reports, key=lambda report: SEVERITY[report.shown])


def has_status(entry: Entry) -> bool:
    """Whether it may be written to a commit: gates that wait only in pull requests, in main no end of one that came to nothing."""
    if entry.candidate is None:
        return True
    if entry.candidate.state is CandidateState.OPEN:
        return entry.lane.kind == "pr"
    return not entry.lane.main or entry.candidate.state not in (CandidateState.SUPERSEDED, CandidateState.EXPIRED)


def describe(entry: Entry, waits: Callable[[Run], str]) -> Report:
    """The state and words for one entry."""
    if entry.run:
        return Report(*_run(entry.run, waits), entry)
    if entry.candidate:
        return Report(*_candidate(entry.candidate), entry)
    return Report(*_omission(entry.omission), entry)


def _run(run: Run, waits: Callable[[Run], str]) -> tuple[Shown, str]:
    if run.held and not run.status.final:
        return Shown.PENDING, "waits for `allow`: the commit comes from a fork"
    if run.status in (Status.WAITING, Status.QUEUED):
        return Shown.PENDING, waits(run) or run.status.value
    if run.status is Status.RUNNING:
        return Shown.RUNNING, "running"
    shown, word = ENDED[run.status]
    tries = f" (try {run.attempt})" if run.attempt > 1 else ""
    if run.status is Status.SUCCEEDED and run.started is not None and run.ended is not None:
        return shown, f"succeeded in {duration(run.ended - run.started)}{tries}"
    return shown, _with(f"{word}{tries}", run.reason)


def _with(word: str, reason: str) -> str:
    """A word and why; a reason that begins with the word says it already."""
    return reason if reason.startswith(word) else f"{word}: {reason}" if reason else word


def _candidate(candidate: Candidate) -> tuple[Shown, str]:
    if candidate.state is CandidateState.OPEN:
        return Shown.PENDING, "waiting for approval"
    shown, word = GATED[candidate.state]
    return shown, _with(word, candidate.reason)


def _omission(omission: NotRun | None) -> tuple[Shown, str]:
    """A paused job may run yet; what follows something that failed never turns green."""
    state, reason = (omission.state, omission.reason) if omission else ("not_run", "nothing is known of it")
    if state == "paused":
        return Shown.PENDING, reason
    return (Shown.SUCCESS, f"skipped: {reason}") if state == "skipped" else (Shown.FAILURE, f"not run: {reason}")


def duration(seconds: float) -> str:
    """A length of time as people say it: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 4 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
