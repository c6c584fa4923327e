"""What a pull request that edits workflow files is told: its plan as a comment, and the `<bot>: plan` status (product.md section 6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.workflow.definition import Problem, Severity
from app.workflow.diff import Diff
from app.workflow.diff_text import NOTHING, sections, summary
from app.workflow.drawing.mermaid import mermaid
from app.workflow.graph import Graph
from app.workflow.markdown import code, cut, details, fence
from app.workflow.report import Shown
from app.workflow.show import MOST_NODES

MOST_LINES = 300
"""Lines of a plan in a comment."""
MOST_PROBLEMS = 100
WITHDRAWN = "no workflow file differs any more"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a request's files at `head` would make of the line as `branch` has it. `notes` are no problems: other sources answer them.

    `changes` is None when the files cannot be read. `graph` is the line afterwards. `scripts`: jobs whose scripts in the request's own
    runs are those at `head` already (`definition: lane`).
    """

    branch: str
    head: str
    changes: Diff | None
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    graph: Graph | None = None
    scripts: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(each for each in self.problems if each.severity is Severity.ERROR)


def plan_marker(bot: str, source: str, number: int) -> str:
    return f"<!-- {bot}:plan {source} {number} -->"


def plan_status(proposal: Proposal) -> tuple[Shown, str]:
    """Red for errors alone: a weaker gate is for people to judge."""
    if proposal.errors:
        first = f"{proposal.errors[0].place}: {proposal.errors[0].sentence}"
        return Shown.FAILURE, first if len(proposal.errors) == 1 else f"{len(proposal.errors)} errors, the first: {first}"
    return Shown.SUCCESS, summary(proposal.changes) if proposal.changes is not None else WITHDRAWN


def plan_comment(proposal: Proposal, marker: str) -> str:
    """Errors, what changes, and the line afterwards; nothing in it is live."""
    return cut("\n\n".join((marker, *_parts(proposal))))


def _parts(proposal: Proposal) -> Iterator[str]:
    where = f"at {code(proposal.head[:12])}"
    if proposal.errors:
        count = len(proposal.errors)
        yield f"### {count} error{'s' if count > 1 else ''} in the workflow files {where}"
    else:
        yield f"### What the workflow files {where} change"
    if proposal.problems or proposal.notes:
        yield fence("\n".join(_listed(proposal)))
    if proposal.changes is None:
        yield "Nothing can be compared before that is mended."
        return
    yield _difference(proposal.changes)
    yield f"Nothing of this holds before it is merged: until then jobs run as {code(proposal.branch)} defines them{_but_for(proposal)}."
    if proposal.graph and proposal.graph.vertices and len(proposal.graph.vertices) <= MOST_NODES and not proposal.changes.empty:
        yield details("The line afterwards", fence(mermaid(proposal.graph), "mermaid"))


def _but_for(proposal: Proposal) -> str:
    return f", but for the scripts of {', '.join(map(code, proposal.scripts))}" if proposal.scripts else ""


def _listed(proposal: Proposal) -> Sequence[str]:
    lines = [*(str(each) for each in proposal.problems), *(f"{each.place}: note: {each.sentence}" for each in proposal.notes)]
    more = [f"and {len(lines) - MOST_PROBLEMS} more"] if len(lines) > MOST_PROBLEMS else []
    return [*lines[:MOST_PROBLEMS], *more]


def _difference(changes: Diff) -> str:
    if changes.empty:
        return NOTHING
    lines = [line for each in sections(changes) for line in (f"# {each.heading}", *each.lines)]
    more = [f"# and {len(lines) - MOST_LINES} more lines: `gateline plan` shows all"] if len(lines) > MOST_LINES else []
    return f"{summary(changes).capitalize()}.\n\n{fence(chr(10).join([*lines[:MOST_LINES], *more]), 'diff')}"


def plan_withdrawn(head: str, marker: str) -> str:
    """What the comment becomes when a later commit takes back what it spoke of."""
    return f"{marker}\n\nAt {code(head[:12])} {WITHDRAWN}: merging this changes nothing about the line."
