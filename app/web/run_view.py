"""What the page of a run shows, as values that its template only lays out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.context import Context
from app.store import RunView
from app.web.rendered import rendered
from app.web.waiting import why_waiting
from app.workflow.ci.outcome import CellRun
from app.workflow.line import Cause, Run, Status, Taken
from app.workflow.report import duration

TONES = {
    Status.SUCCEEDED: "good",
    Status.SKIPPED: "good",
    Status.RUNNING: "live",
    Status.WAITING: "quiet",
    Status.QUEUED: "quiet",
    Status.CANCELLED: "quiet",
    Status.TOLERATED: "quiet",
}
"""How a status is coloured; all others are bad news."""

HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
"""Labels that nobody reads to the end: SHA-1 of a commit, SHA-256 of a state's files."""

KINDS = {
    "push": "push",
    "tag": "tag",
    "release": "release",
    "pull_request": "pull request",
    "merge_group": "merge queue",
    "tick": "clock",
    "webhook": "webhook",
    "trigger": "trigger resource",
    "version": "posted version",
    "manual": "by hand",
    "retry": "retry",
    "adoption": "workflow files",
    "external": "external CI",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table on the page."""

    label: str
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CellRow:
    """A cell of a CI run. `detail`: how long it took, its tests, why it ended so. `log`: whether it has a log of its own."""

    index: int
    title: str
    status: str
    tone: str
    detail: str
    log: bool


@dataclass(frozen=True, slots=True)
class Page:
    """`reasons`: why it is as it is, one sentence each. `inputs`: name, version, label. Times are texts. `cells` of a CI run.

    `summary` is safe HTML.
    """

    key: str
    title: str
    account: str
    lane: str
    status: str
    tone: str
    live: bool
    reasons: tuple[str, ...]
    causes: tuple[Row, ...]
    inputs: tuple[Row, ...]
    times: tuple[Row, ...]
    cells: tuple[CellRow, ...] = ()
    summary: str = ""


def page(context: Context, view: RunView) -> Page:
    run = view.run
    return Page(
        key=view.key,
        title=str(run.ref),
        account=view.account,
        lane=run.lane.label,
        status=run.status.value.replace("_", " "),
        tone=TONES.get(run.status, "bad"),
        live=not run.status.final,
        reasons=_reasons(context, view),
        causes=tuple(_cause(cause) for cause in run.causes),
        inputs=tuple(_input(context, view.account, taken) for taken in run.inputs),
        times=_times(run, context.store.now()),
        cells=_cells(context.store.cells(view.id)),
        summary=rendered(context.store.summary(view.id)),
    )


def _cells(found: Sequence[CellRun]) -> tuple[CellRow, ...]:
    """The only cell of a run is told by the run's own page, but for its tests."""
    several = len(found) > 1
    return tuple(_cell(cell, several) for cell in found if several or cell.report)


def _cell(cell: CellRun, several: bool) -> CellRow:
    took = duration(cell.ended - cell.started) if cell.started is not None and cell.ended is not None else ""
    notes = (
        "copied" if cell.copied else took,
        cell.report.text if cell.report else "",
        cell.reason,
        "may fail" if cell.allow_failure else "",
    )
    detail = " · ".join(note for note in notes if note)
    tone = TONES.get(cell.status, "bad")
    return CellRow(cell.index, cell.title, cell.status.value.replace("_", " "), tone, detail, several and not cell.copied)


def moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _reasons(context: Context, view: RunView) -> tuple[str, ...]:
    run = view.run
    again = f"This is try {run.attempt}, after {run.ref.job}#{run.retry_of}." if run.attempt > 1 else ""
    started = f"Started by {run.by.login}." if run.by else f"Set off by {run.trigger}." if run.trigger else ""
    opened = _opened(context, view)
    waits = why_waiting(context, view) if run.status in (Status.WAITING, Status.QUEUED) else ()
    stops = "It was told to stop." if run.cancelling and not run.status.final else ""
    ended = run.reason or (f"Exit code {run.code}." if run.code else "")
    return tuple(sentence for sentence in (again, started, opened, *waits, stops, ended) if sentence)


def _opened(context: Context, view: RunView) -> str:
    """Who opened the gate of this run, for which digest; "" where there was none."""
    number = view.run.candidate
    candidate = context.store.candidate(view.account, view.run.ref.job, number) if number is not None else None
    if candidate is None or not candidate.approvals:
        return ""
    people = " and ".join(f"{each.by.login} ({moment(each.at)})" for each in candidate.approvals)
    return f"Approved by {people}, digest {candidate.short}."


def _cause(cause: Cause) -> Row:
    kind = KINDS.get(cause.kind, cause.kind)
    where = " ".join(part for part in (cause.full_name, f"#{cause.number}" if cause.number else "", cause.sha[:12]) if part)
    who = ", ".join(actor.login for actor in cause.actors if actor.id)
    return Row(kind, where, " · ".join(part for part in (cause.title.partition("\n")[0], who) if part))


def _input(context: Context, account: str, taken: Taken) -> Row:
    if taken.version is None:
        return Row(taken.name, "none yet")
    found = context.store.version(account, taken.version)
    return Row(taken.name, f"version {taken.version.number}", _label(found[1].label) if found else "")


def _label(label: str) -> str:
    """A commit's or content's hash by its first digits, any other label whole."""
    return label[:12] if HASH.fullmatch(label) else label


def _times(run: Run, now: float) -> tuple[Row, ...]:
    rows = [Row("created", moment(run.created))]
    if run.started is not None:
        rows.append(Row("started", moment(run.started), f"after {duration(run.started - run.created)}"))
    if run.ended is not None:
        rows.append(Row("ended", moment(run.ended), f"ran {duration(run.ended - run.started)}" if run.started is not None else ""))
    elif run.started is not None:
        rows.append(Row("running for", duration(now - run.started)))
    else:
        rows.append(Row("waiting for", duration(now - run.created)))
    return tuple(rows)
