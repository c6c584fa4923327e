"""A CI run as a whole: its cells are made, worked through together with every free worker, and added up (section 1.6 of
spec/ci-integrations-deploy.md). The worker that claimed the run does this, and ends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.context import Context
from app.errands._beat import LEASE, Beat
from app.errands._cells import execute_cell, tell_cells
from app.errands._ci import CiFiles, branch_of, ci_files
from app.executors import Log
from app.runlog import RunLog, log_of_run
from app.store import ClaimedCell, RunView
from app.workflow.ci.configuration import Configuration
from app.workflow.ci.matrix import cells
from app.workflow.ci.outcome import CellRun, aggregate, planned
from app.workflow.definition import Job, Problem, Severity
from app.workflow.errands import ci_notices
from app.workflow.kinds import MatrixKind
from app.workflow.line import RunRef, Status
from app.workflow.plan import Held, PlanInputs, Result, Unplannable

LOOK = 1.0
"""Seconds between looks at cells that others have in hand."""
TAIL = 30
"""Lines of a failed cell's log that the run's own log repeats."""
MOST_REPEATED = 5
"""Failed cells whose last lines it repeats."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """What a CI run is made from."""

    job: Job
    kind: MatrixKind
    inputs: PlanInputs

    @property
    def built(self) -> Held:
        name = self.kind.builds(self.job)
        held = self.inputs.inputs.get(name)
        if held is None:
            raise Unplannable(f"{self.job.name} builds {name}, which is no IN of it.")
        return held


def run_cells(context: Context, view: RunView, matrix: Matrix, beat: Beat) -> Result:
    """Makes the cells, works through them and adds them up. Raises Stale, Unplannable and what forges raise."""
    with RunLog(context, log_of_run(context, view), (), beat) as notes:
        notes.section("Cells")
        files = ci_files(context, view, matrix.built)
        found = _configuration(view, matrix, files, notes)
        if isinstance(found, Result):
            return found
        made = planned(cells(found), view.run.pool, _earlier(context, view))
        context.store.add_cells(view.account, view.run.ref, view.run.token, files.texts, made)
        context.store.add_errands(view.account, [ci_notices(view.run.ref, "start", context.store.now())])
        if len(made) > 1:
            _note_cells(notes, files, made)
    work = _Work(context, view, beat, notes.number)
    if len(made) == 1:
        work.do_alone()
    else:
        for pool in sorted({cell.pool for cell in made}):
            context.bell.ring(f"runs:{pool}")
        work.do_together()
    return work.result()


def _configuration(view: RunView, matrix: Matrix, files: CiFiles, notes: Log) -> Configuration | Result:
    """What the file says; a result where there is nothing to run, or something wrong with it."""
    read = files.read()
    for problem in read.problems:
        notes.write(f"{problem}\n".encode())
    errors = [problem for problem in read.problems if problem.severity is Severity.ERROR]
    if errors:
        return Result(Status.ERRORED, _faulty(errors))
    if read.configuration is None:
        return Result(Status.SKIPPED, f"there is no shippable.yml with CI keys at {files.at[:12]}")
    branch = branch_of(matrix.built.version.bag if matrix.built.version else {})
    if not view.run.manual and not read.configuration.branches.admit(branch):
        return Result(Status.SKIPPED, f"`branches` of the CI file passes over {branch}")
    return read.configuration


def _faulty(errors: Sequence[Problem]) -> str:
    more = f" (and {len(errors) - 1} more, see the log)" if len(errors) > 1 else ""
    return f"the CI file is wrong: {errors[0]}{more}"


def _earlier(context: Context, view: RunView) -> tuple[CellRun, ...]:
    """The cells of the run that this one repeats."""
    if view.run.retry_of is None:
        return ()
    before = context.store.run(view.account, RunRef(view.run.ref.job, view.run.retry_of))
    return context.store.cells(before.id) if before else ()


def _note_cells(notes: Log, files: CiFiles, made: Sequence[CellRun]) -> None:
    notes.write(f"{len(made)} cells, by the CI file at {files.at[:12]}:\n".encode())
    for cell in made:
        more = " (succeeded before: copied)" if cell.copied else " (may fail)" if cell.allow_failure else ""
        notes.write(f"  {cell.index}: {cell.title}{more}\n".encode())


@dataclass(slots=True)
class _Work:
    """The cells of one run while they are worked on. `notes`: the number of the last chunk in the run's own log."""

    context: Context
    view: RunView
    beat: Beat
    notes: int
    _overdue: dict[int, float] = field(default_factory=dict)

    def do_alone(self) -> None:
        """The only cell: its log is the run's."""
        claimed = self._claim()
        if claimed:
            execute_cell(self.context, claimed, self.beat.reason, log_of_run(self.context, self.view, self.notes))

    def do_together(self) -> None:
        """Until all cells are over, or the run has to stop and nobody works on it any more."""
        while not self.beat.reason():
            if claimed := self._claim():
                execute_cell(self.context, claimed, self.beat.reason)
            elif self._over():
                return
            else:
                self._wait()
        self._give_up([cell.index for cell in self._cells() if cell.status is Status.QUEUED], Status.CANCELLED, self.beat.reason())
        while not self._over():
            self._wait()

    def result(self) -> Result:
        """How the cells ended, as the end of the run; the run's own log says which failed."""
        found = self._cells()
        if self.beat.reason():
            return Result(Status.CANCELLED, self.beat.reason())
        if len(found) > 1:
            self._note_failures(found)
            tell_cells(self.context, self.view)
        return aggregate(found)

    def _claim(self) -> ClaimedCell | None:
        store, run = self.context.store, self.view.run
        pools = (run.pool, *self.context.settings.pools)
        return self.beat.insist(lambda: store.claim_cell(pools, run.worker, store.now() + LEASE, self.view.id))

    def _cells(self) -> tuple[CellRun, ...]:
        return self.beat.insist(lambda: self.context.store.cells(self.view.id))

    def _over(self) -> bool:
        return all(cell.status.final for cell in self._cells())

    def _wait(self) -> None:
        """A look's time, after which cells that nobody has in hand any more, or will, are ended. Raises Stale."""
        self.beat.lost_within(LOOK)
        self.beat.insist(self._end_hopeless)

    def _end_hopeless(self) -> None:
        self._lose_overdue()
        self._end_unserved()

    def _lose_overdue(self) -> None:
        """A lease that was over for as long as a lease lasts, while we reached the database (architecture.md section 6, rule 4)."""
        store = self.context.store
        expired, now = store.expired_cells(self.view.id), store.now()
        self._overdue = {index: self._overdue.get(index, now) for index in expired}
        lost = [index for index, since in self._overdue.items() if now - since >= LEASE]
        self._give_up(lost, Status.LOST, "its worker stopped answering")

    def _end_unserved(self) -> None:
        """Cells of a pool that no worker serves."""
        served = self.context.store.pools_served()
        for cell in self._cells():
            if cell.status is Status.QUEUED and cell.pool not in served:
                self._give_up([cell.index], Status.ERRORED, f"no worker serves the pool {cell.pool}")

    def _give_up(self, indexes: Sequence[int], status: Status, reason: str) -> None:
        if indexes:
            self.beat.insist(lambda: self.context.store.give_up_cells(self.view.id, indexes, status, reason))

    def _note_failures(self, found: Sequence[CellRun]) -> None:
        """One line a cell, and the last lines of the first that failed."""
        failed = [cell for cell in found if not cell.good and not cell.allow_failure]
        with RunLog(self.context, log_of_run(self.context, self.view, self.notes), (), self.beat) as notes:
            notes.section("Ends")
            for cell in found:
                report = f" ({cell.report.text})" if cell.report else ""
                notes.write(f"  {cell.index}: {cell.title}: {cell.status.value.replace('_', ' ')}{report}\n".encode())
            for cell in failed[:MOST_REPEATED]:
                notes.section(f"Cell {cell.index}: the last lines")
                notes.write(self._tail(cell.index))

    def _tail(self, index: int) -> bytes:
        """Without timestamps, which the run's own log puts in front."""
        chunks = self.context.store.read_cell_log(self.view.id, index, limit=10_000)
        lines = [line.partition(" ")[2] for chunk in chunks[-3:] for line in chunk.text.splitlines()]
        return "".join(f"{line}\n" for line in lines[-TAIL:]).encode()
