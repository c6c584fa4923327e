"""Writes the line's comment: one per conversation and lane, edited in place, at most every 5 seconds (product.md section 6).

When the forge's API budget runs short it waits until that is whole again, or until everything is final (`_budget`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.context import Context
from app.errands._budget import exhausted, short, until_whole
from app.errands._drain import LEASE
from app.errands._places import conversations, forge_of, report_in, run_url, say_once, visible, writable
from app.forges import Conversation
from app.store import Claimed, Standing
from app.workflow.ci.reports import added
from app.workflow.line import CandidateState, Lane, Line, Status
from app.workflow.report import Report, Shown
from app.workflow.show import TAIL, LineView, Row, line_comment, line_marker

SPACING = 5.0
"""Seconds between two edits of one comment."""
MOST_EDITS = 8
"""Edits of a comment for one line run; the last of them is kept for when all is final."""


@dataclass(frozen=True, slots=True)
class LineComment:
    """`repository`, `sha`, `lane` (a key)."""

    name: str = "line_comment"

    def do(self, context: Context, claimed: Claimed) -> str:
        args = claimed.errand.args
        repository, sha, lane = str(args["repository"]), str(args["sha"]), Lane(str(args["lane"]))
        opened = context.store.ask(claimed.account, lambda line: line.opened(lane)) if not lane.main else None
        view = _view(context, repository, opened.head if opened else sha, lane)
        if not view.rows and not view.hidden:
            return "nothing to show"
        forge = forge_of(context, repository)
        if exhausted(forge) or (short(forge) and not _worth_an_edit(view)):
            context.store.add_errands(claimed.account, [replace(claimed.errand, due=context.store.now() + until_whole(forge))])
            return f"when {forge.name} takes more requests: {forge.budget():.0%} are left"
        return "; ".join(self._speak(context, claimed, where, view) for where in conversations(context, repository, sha, lane))

    def _speak(self, context: Context, claimed: Claimed, where: Conversation, view: LineView) -> str:
        subject = f"{where.place} {view.lane.key}"
        last, of_run = (context.store.posted(purpose, each) for purpose, each in (("line", subject), ("line run", f"{subject} {view.sha}")))
        if where.number is None and last is None and not any(row.report.shown in (Shown.FAILURE, Shown.ERROR) for row in view.rows):
            return "no pull request, no failure: silence"
        if of_run and of_run.edits >= MOST_EDITS - 1 and not all(row.report.final for row in view.rows):
            return "enough edits until the line is final"
        wait = last.at + SPACING - context.store.now() if last else 0
        if wait > 0:
            context.store.add_errands(claimed.account, [replace(claimed.errand, due=context.store.now() + wait)])
            return f"again in {wait:.1f} s"
        marker = line_marker(view.bot, view.lane, where.place)
        context.store.renew_errand(claimed, LEASE)
        said = say_once(context, where, "line", subject, marker, line_comment(view, marker))
        if said:
            edits = of_run.edits + 1 if of_run else 0 if last is None else 1
            context.store.set_posted(replace(said, purpose="line run", subject=f"{subject} {view.sha}", edits=edits))
        return f"written to {where.place}" if said else "says so already"


def _view(context: Context, repository: str, sha: str, lane: Lane) -> LineView:
    rows, hidden = [], 0
    for standing in context.store.standing(repository, sha):
        report = report_in(context, standing, lane, repository)
        if report is None or not writable(context, standing.account, repository):
            continue
        if visible(context, repository, standing.account, standing.job, standing.reported):
            rows.append(_row(context, standing, report))
        else:
            hidden += 1
    return LineView(context.settings.bot_name, lane, sha, tuple(_in_order(rows)), hidden)


def _worth_an_edit(view: LineView) -> bool:
    """Whether the budget's last half should pay for it: a gate waits, or everything is final."""
    return any(row.gate for row in view.rows) or all(row.report.final for row in view.rows)


def _row(context: Context, standing: Standing, report: Report) -> Row:
    url = run_url(context, standing.account, report.entry.run) if report.entry.run else ""
    needs = context.store.ask(standing.account, lambda line: upstream(line, standing.job))
    candidate = report.entry.candidate
    gate = candidate if candidate and candidate.state is CandidateState.OPEN else None
    tail, tests = _tail(context, standing, report), _tests(context, standing, report)
    return Row(standing.job, report, url, needs, gate, tail, tests, _summary(context, standing, report))


def _tests(context: Context, standing: Standing, report: Report) -> str:
    """What the cells of a CI run tell of their tests, added up."""
    run = report.entry.run
    view = next((each for each in standing.runs if run and each.run.ref == run.ref), None)
    told = added(cell.report for cell in context.store.cells(view.id)) if view else None
    return told.text if told else ""


def upstream(line: Line, job: str) -> tuple[str, ...]:
    """The jobs just before this one: its IN jobs, and the producers of its IN resources."""
    node = line.node(job)
    if node.job is None:
        return ()
    found: dict[str, None] = {}
    for step in node.job.inputs:
        before = line.node(step.name)
        found.update(dict.fromkeys((step.name,) if before.job else tuple(each for each in before.producers if each != job)))
    return tuple(found)


def _tail(context: Context, standing: Standing, report: Report) -> tuple[str, ...]:
    """The last lines of a failed run's log, without their timestamps."""
    run = report.entry.run
    if run is None or run.status not in (Status.FAILED, Status.TOLERATED, Status.ERRORED, Status.TIMED_OUT):
        return ()
    view = context.store.run(standing.account, run.ref)
    chunks = context.store.read_log(view.id, limit=10_000) if view else ()
    lines = [line.partition(" ")[2] for chunk in chunks[-3:] for line in chunk.text.splitlines()]
    return tuple(lines[-TAIL:])


def _summary(context: Context, standing: Standing, report: Report) -> str:
    """What the run wrote about itself."""
    run = report.entry.run
    view = context.store.run(standing.account, run.ref) if run and run.status.final else None
    return context.store.summary(view.id) if view else ""


def _in_order(rows: list[Row]) -> list[Row]:
    """Upstream before downstream; by name where the line does not say."""
    left = {row.job: row for row in sorted(rows, key=lambda row: row.job)}
    ordered: list[Row] = []
    while left:
        ready = [row for row in left.values() if not any(need in left for need in row.needs)] or list(left.values())
        for row in ready:
            ordered.append(row)
            del left[row.job]
    return ordered


plugin = LineComment()
