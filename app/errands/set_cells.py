"""Makes each cell of a CI run that is over have a commit status of its own, `<bot>/<job>.<cell>`: desired state, within the forge's budget.

A cell counts as a job that is only reported when it is over (product.md section 6, Budget). The job's own status is always written; large
matrices, and budgets that run short, have no more than that.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.context import Context
from app.errands._budget import short
from app.errands._places import context_name, forge_of, run_url
from app.errands.set_status import on_commit, same, write
from app.forges import CommitState
from app.store import Claimed, Written
from app.workflow.ci.outcome import CellRun
from app.workflow.report import ENDED

MOST_CELLS = 20
"""Cells of a run that are reported one by one, at most."""


@dataclass(frozen=True, slots=True)
class SetCells:
    """`repository`, `sha`, `job`."""

    name: str = "set_cells"

    def do(self, context: Context, claimed: Claimed) -> str:
        args = {name: str(value) for name, value in claimed.errand.args.items()}
        repository, sha = args["repository"], args["sha"]
        found = on_commit(context, repository, context.store.standing(repository, sha, args["job"]))
        if isinstance(found, str):
            return found
        report, standing = found
        view = next((each for each in standing.runs if report.entry.run and each.run.ref == report.entry.run.ref), None)
        cells = context.store.cells(view.id) if view else ()
        if view is None or not 1 < len(cells) <= MOST_CELLS:
            return f"{len(cells)} cells: the job's own status tells of them"
        if short(forge_of(context, repository)):
            return "not written: the job's own status has to do for the rest of this hour"
        url = run_url(context, standing.account, view.run)
        wanted = [
            Written(repository, sha, context_name(context, f"{standing.job}.{cell.index}"), *_told(cell), url, context.store.now())
            for cell in cells
            if cell.status.final
        ]
        last = {each.context: each for each in context.store.written_on(repository, sha)}
        new = [each for each in wanted if not same(last.get(each.context), each)]
        for each in new:
            write(context, claimed, each)
        return f"{len(new)} of {len(cells)} cells written"


def _told(cell: CellRun) -> tuple[CommitState, str]:
    """A final cell's state and words: `failed: python 3.6, T=unit; 3 passed, 1 failed`."""
    shown, word = ENDED[cell.status]
    notes = (cell.title, cell.report.text if cell.report else "", "may fail" if cell.allow_failure else "")
    return CommitState(shown.value), f"{word}: {'; '.join(note for note in notes if note)}"


plugin = SetCells()
