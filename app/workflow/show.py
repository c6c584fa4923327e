"""The texts that the bot writes where nobody asked: the line's comment, announcements of gates, problems of workflow files, Slack.

Values in, Markdown out; exact texts are compared in tests. Answers to commands are in `say`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.workflow.definition import Problem, Severity
from app.workflow.drawing.mermaid import Box, chart
from app.workflow.line import Candidate, CandidateState, Lane, RunRef, Status
from app.workflow.markdown import code, cut, details, fence, link, plain
from app.workflow.report import Report, Shown, duration

MOST_ROWS = 50
MOST_NODES = 60
MOST_SUMMARY = 5_000
"""Characters of a run's summary in the line's comment."""
TAIL = 30
"""Lines of a failing step's log in the line's comment."""

ICONS = {
    Shown.SUCCESS: "✅",
    Shown.FAILURE: "❌",
    Shown.ERROR: "💥",
    Shown.CANCELLED: "🚫",
    Shown.PENDING: "⏳",
    Shown.RUNNING: "▶️",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One job in the line's comment. `url` is the run's page ("" for none); `needs` are the jobs just before it in the line.

    `tests` is what the run tells of its tests, in a few words.
    `summary` is what its run wrote about itself: foreign text.
    """

    job: str
    report: Report
    url: str = ""
    needs: tuple[str, ...] = ()
    gate: Candidate | None = None
    tail: tuple[str, ...] = ()
    tests: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class LineView:
    """What the line's comment shows. `hidden` counts jobs that this repository's readers may not see."""

    bot: str
    lane: Lane
    sha: str
    rows: tuple[Row, ...]
    hidden: int = 0


def line_marker(bot: str, lane: Lane, place: str) -> str:
    return f"<!-- {bot}:line {place} {lane.key} -->"


def line_comment(view: LineView, marker: str) -> str:
    """The line's comment: jobs, what waits and why, the failing steps' last lines, the graph."""
    parts = [marker, f"### {_headline(view)}", _table(view.rows)]
    if view.hidden:
        parts.append(f"and {view.hidden} more in repositories with fewer readers.")
    parts += [_gate(view.bot, row.gate) for row in view.rows if row.gate]
    parts += [details(f"{code_html(row.job)}: last lines", fence("\n".join(row.tail[-TAIL:]))) for row in view.rows if row.tail]
    parts += [details(f"{code_html(row.job)}: summary", fence(shortened(row.summary), "markdown")) for row in view.rows if row.summary]
    if len(view.rows) > 1:
        parts.append(details("The line", graph(view.rows)))
    return cut("\n\n".join(part for part in parts if part))


def shortened(summary: str) -> str:
    """The first lines of what a run wrote about itself; the whole is on its page."""
    if len(summary) <= MOST_SUMMARY:
        return summary
    return summary[:MOST_SUMMARY].rpartition("\n")[0] + "\n… cut here: the whole is on the run's page."


def code_html(text: str) -> str:
    """Foreign text inside HTML of ours."""
    return "<code>" + text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;") + "</code>"


def _headline(view: LineView) -> str:
    told = counted(row.report for row in view.rows)
    where = "" if view.lane.main else f" in {code(view.lane.label)}"
    return f"{view.bot}: {told or 'nothing to run'} at {code(view.sha[:12])}{where}"


def counted(reports: Iterable[Report]) -> str:
    """How many jobs stand how: `2 succeeded, 1 failed`; "" for none."""
    counts = Counter(_word(report) for report in reports)
    return ", ".join(f"{count} {word}" for word, count in counts.items())


WORDS = {
    Shown.SUCCESS: "succeeded",
    Shown.FAILURE: "failed",
    Shown.ERROR: "with errors",
    Shown.CANCELLED: "cancelled",
    Shown.PENDING: "waiting",
    Shown.RUNNING: "running",
}


def _word(report: Report) -> str:
    """How the heading counts a job."""
    entry = report.entry
    if entry.omission:
        return entry.omission.state.replace("_", " ")
    if entry.candidate and entry.candidate.state is CandidateState.OPEN:
        return "waiting for approval"
    return "skipped" if entry.run and entry.run.status is Status.SKIPPED else WORDS[report.shown]


def _table(rows: Sequence[Row]) -> str:
    lines = ["| | Job | Run | State | Time |", "|:-:|---|---|---|---|"]
    for row in rows[:MOST_ROWS]:
        run = row.report.entry.run
        number = f"#{run.ref.number}" if run else ""
        took = duration(run.ended - run.started) if run and run.ended is not None and run.started is not None else ""
        state = row.report.description
        if run and run.status is Status.SUCCEEDED:
            state = "succeeded" if run.attempt == 1 else f"succeeded (try {run.attempt})"
        told = plain(" · ".join(text for text in (state, row.tests) if text))
        lines.append(f"| {_icon(row)} | {link(row.job, row.url)} | {number} | {told} | {took} |")
    if len(rows) > MOST_ROWS:
        lines.append(f"| | and {len(rows) - MOST_ROWS} more | | | |")
    return "\n".join(lines)


def _icon(row: Row) -> str:
    omission = row.report.entry.omission
    if omission is None:
        run = row.report.entry.run
        return "🔒" if row.gate else "⚠️" if run and run.status is Status.TOLERATED else ICONS[row.report.shown]
    return {"skipped": "⏭️", "paused": "⏸️"}.get(omission.state, "🚫")


def _gate(bot: str, candidate: Candidate) -> str:
    gate = candidate.definition.gate
    required = gate.required if gate else 1
    given = len(candidate.approvals)
    command = f"/{bot} approve {quoted(candidate.job)} {candidate.short}"
    return f"🔒 {code(candidate.job)} has {given} of {required} approvals. To open it: {code(command)}"


def quoted(job: str) -> str:
    """A job's name as it must be typed."""
    return f'"{job}"' if " " in job else job


def graph(rows: Sequence[Row]) -> str:
    """The jobs as a Mermaid graph; at most 60 of them."""
    drawn = rows[:MOST_NODES]
    boxes = (Box(row.job, _style(row)) for row in drawn)
    return fence(chart(boxes, ((need, row.job, True) for row in drawn for need in row.needs)), "mermaid")


def _style(row: Row) -> str:
    if row.report.shown in (Shown.FAILURE, Shown.ERROR):
        return "failure"
    if row.report.shown in (Shown.PENDING, Shown.RUNNING):
        return "pending"
    return "success" if row.report.shown is Shown.SUCCESS else "other"


# -- gates ---------------------------------------------------------------------------------------------------------------


def gate_marker(bot: str, account: str, candidate: Candidate) -> str:
    return f"<!-- {bot}:gate {account} {candidate.job} {candidate.number} -->"


def announcement(bot: str, candidate: Candidate, marker: str, inputs: Sequence[str], again: bool) -> str:
    """A gate's new comment: it mentions the approvers, because an edited comment notifies nobody (product.md section 4).

    `inputs`: what would run, a line each. `again`: a run was approved before, from which `Candidate.changes` tell the difference.
    """
    command = f"/{bot} {{}} {quoted(candidate.job)} {candidate.short}"
    parts = [
        marker,
        f"### 🔒 {code(candidate.job)} waits for {_wanted(candidate)}",
        _who(candidate),
        f"To run exactly this: {code(command.format('approve'))}\n\nTo end it: {code(command.format('reject') + ' -- why')}",
        _section("What would run", inputs),
        _section("What is different from the last approved run", candidate.changes if again else ()),
        _commits(candidate),
    ]
    return cut("\n\n".join(part for part in parts if part))


def _wanted(candidate: Candidate) -> str:
    required = candidate.definition.gate.required if candidate.definition.gate else 1
    where = "" if candidate.lane.main else f" in {code(candidate.lane.label)}"
    return f"one approval{where}" if required == 1 else f"the approvals of {required} people{where}"


def _who(candidate: Candidate) -> str:
    gate = candidate.definition.gate
    if gate is None or not gate.restricted:
        return "Whoever may write to the job's repository can approve."
    mentions = " ".join(f"@{name.removeprefix('@')}" for name in gate.approvers)
    return f"{mentions}: please look at this." if mentions else "The workflow file names nobody who could approve."


def _section(heading: str, items: Sequence[str]) -> str:
    return f"**{heading}**\n\n" + "\n".join(f"- {code(item)}" for item in items) if items else ""


MOST_COMMITS = 20
"""Commits that an announcement lists, the newest."""


def _commits(candidate: Candidate) -> str:
    """The commits that brought this about, newest first; what they say of themselves is fenced."""
    told = [f"{cause.full_name} {cause.sha[:12]} {cause.title[:100]}" for cause in reversed(candidate.causes) if cause.sha]
    over = [f"and {len(told) - MOST_COMMITS} more"] if len(told) > MOST_COMMITS else []
    return f"**Commits**\n\n{fence(chr(10).join(told[:MOST_COMMITS] + over))}" if told else ""


def announcement_over(candidate: Candidate, marker: str, newer: str) -> str:
    """What an announcement is edited to when its candidate is final; `newer` is the digest of the one that replaced it."""
    names = ", ".join(dict.fromkeys(code(approval.by.login) for approval in candidate.approvals))
    said = {
        CandidateState.OPENED: f"was approved by {names}" if names else "was approved",
        CandidateState.REJECTED: "was rejected",
        CandidateState.EXPIRED: "expired",
        CandidateState.SUPERSEDED: "was superseded",
    }[candidate.state]
    reason = f": {code(candidate.reason)}" if candidate.reason and candidate.state is not CandidateState.OPENED else ""
    onward = f"\n\nWhat waits instead is {code(newer)}; approvals do not carry over." if newer else ""
    return f"{marker}\n\n🔓 {code(candidate.job)} (digest {code(candidate.short)}) {said}{reason}{onward}"


def passing_marker(bot: str, account: str, run: RunRef) -> str:
    return f"<!-- {bot}:passing {account} {run.job} {run.number} -->"


def passing(run: RunRef, reason: str, url: str, marker: str) -> str:
    """An administrator's run past a gate; `reason` says by whom and why."""
    return f"{marker}\n\n🚨 {link(str(run), url)} runs without an approval: {code(reason)}"


# -- lanes that close ----------------------------------------------------------------------------------------------------

MOST_FILES = 50
"""Files that a closing note names of one state."""


def closing_marker(bot: str, lane: Lane) -> str:
    return f"<!-- {bot}:closing {lane.key} -->"


def closing_note(lane: Lane, states: Iterable[tuple[str, Sequence[str]]], marker: str) -> str:
    """What a closed lane takes with it: files by the name of what holds them."""
    listing = "\n".join(f"- {code(name)}: {_some(files)}" for name, files in states)
    return cut(f"{marker}\n\n{code(lane.label)} is closed. Seven days from now these files, which only it had, are dropped:\n\n{listing}")


def _some(files: Sequence[str]) -> str:
    over = [f"and {len(files) - MOST_FILES} more"] if len(files) > MOST_FILES else []
    return ", ".join([*map(code, files[:MOST_FILES]), *over])


# -- workflow files ------------------------------------------------------------------------------------------------------


def sync_marker(bot: str, source: str, sha: str) -> str:
    return f"<!-- {bot}:sync {source} {sha} -->"


def sync_comment(problems: Sequence[Problem], sha: str, adopted: bool, marker: str) -> str:
    """Problems of workflow files, each with its place."""
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    count = f"{errors} error{'s' if errors > 1 else ''} in" if errors else "Warnings about"
    heading = f"{count} the workflow files at {code(sha[:12])}"
    effect = "What is right in them was adopted." if adopted else "Nothing was changed: the line runs as it was before."
    listing = fence("\n".join(str(problem) for problem in problems[:100]))
    return cut(f"{marker}\n\n### {heading}\n\n{effect}\n\n{listing}")


def sync_status(problems: Sequence[Problem], adopted: bool) -> tuple[Shown, str]:
    """The `<bot>: sync` status."""
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        first = f"{errors[0].place}: {errors[0].sentence}"
        return Shown.FAILURE, first if len(errors) == 1 else f"{len(errors)} errors, the first: {first}"
    warnings = f" with {len(problems)} warning{'s' if len(problems) > 1 else ''}" if problems else ""
    return (Shown.SUCCESS, f"workflow files adopted{warnings}") if adopted else (Shown.PENDING, "workflow files not read yet")


# -- Slack and the like ---------------------------------------------------------------------------------------------------

COLOURS: Mapping[Shown, str] = {
    Shown.SUCCESS: "#2da44e",
    Shown.FAILURE: "#cf222e",
    Shown.ERROR: "#cf222e",
    Shown.CANCELLED: "#6e7781",
    Shown.PENDING: "#bf8700",
    Shown.RUNNING: "#0969da",
}


def notice(job: str, number: int, status: Status, reason: str) -> str:
    """One run in one line, for notifications: `deploy #12 failed: exit code 2`."""
    said = f"{job} #{number} {str(status).replace('_', ' ')}"
    return f"{said}: {reason}" if reason else said
