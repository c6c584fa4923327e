"""A run of the service's line carried out on this machine: its plan, inputs and secrets are read, and nothing is written anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.cli.shown import HERE, Shown
from app.context import Context
from app.errands._execution import or_error
from app.errands._lane_definition import in_its_lane
from app.errands._materials import materials_for, plan_inputs
from app.errors import NotFound, Refused
from app.executors import Log
from app.store import RunView
from app.workflow._inputs import Choice, choose
from app.workflow.definition import Job
from app.workflow.kinds import MatrixKind
from app.workflow.line import MAIN, Line, Run, RunRef, Status, Version
from app.workflow.plan import Held, PlanInputs, Result


class Nowhere:
    """A log that nobody keeps."""

    def section(self, name: str) -> None: ...
    def write(self, output: bytes) -> None: ...


NOWHERE: Log = Nowhere()


def again(context: Context, account: str, ref: RunRef) -> Callable[[Shown], Result]:
    """The very run `ref`: its inputs, the definition that it had, and what its outputs were before it. Raises NotFound."""
    view = context.store.run(account, ref)
    if view is None:
        raise NotFound(f"there is no run {ref} in {account}: `gateline show {ref.job}` lists its runs")
    job = context.store.definition_at(account, ref)
    return lambda shown: _carried_out(context, view, job, _as_it_was(context, view, plan_inputs(context, view, job)), shown)


def next_one(context: Context, account: str, name: str, values: tuple[tuple[str, str], ...]) -> Callable[[Shown], Result]:
    """What a run of the job by hand would be, did it start now in main. Raises NotFound, Refused."""
    node = context.store.ask(account, lambda line: line.node(name))
    if node.job is None:
        raise NotFound(f"no file defines a job called {name} in {account}")
    if node.inconsistent:
        raise Refused(f"{name} cannot run: {node.inconsistent[0]}")

    def chosen(line: Line) -> Choice:
        return choose(line, line.node(name), MAIN, context.kinds)

    choice, now = context.store.ask(account, chosen), context.store.now()
    if choice.missing:
        raise Refused(f"{name} has nothing to run with: {choice.missing}")
    run = Run(RunRef(name, node.next_run), MAIN, Status.RUNNING, (), now, manual=True, values=values, inputs=choice.taken, started=now)
    view, job = RunView(account, 0, "on-this-machine", run), node.job
    return lambda shown: _carried_out(context, view, job, plan_inputs(context, view, job), shown)


def _carried_out(context: Context, view: RunView, job: Job, inputs: PlanInputs, shown: Shown) -> Result:
    def attempt() -> Result:
        kind = context.kinds.jobs[job.type]
        if isinstance(kind, MatrixKind):
            raise Refused(f"{job.name} is a {job.type} job, whose run has cells: run it from its files, with --from")
        plan = kind.plan(in_its_lane(context, view, job), inputs)
        if plan.executor not in HERE:
            raise Refused(f"{job.name} needs the executor {plan.executor}, which works for the service only: nothing was started")
        materials = replace(materials_for(context, view, plan, job), keep=lambda folder: context.store.key_of_files(view.account, folder))
        return replace(shown, executor=context.executors[plan.executor]).run(plan, materials, NOWHERE, lambda: "")

    return or_error(view, attempt)


def _as_it_was(context: Context, view: RunView, inputs: PlanInputs) -> PlanInputs:
    """With the versions that outputs and the job itself had when the run started."""
    outputs = {name: _held(context, view, held) for name, held in inputs.outputs.items()}
    before = _before(context, view, view.run.ref.job)
    return replace(inputs, outputs=outputs, previous=before[1] if before else None)


def _held(context: Context, view: RunView, held: Held) -> Held:
    before = _before(context, view, held.name)
    return replace(held, version=before[1] if before else None, version_id=str(before[0]) if before else "")


def _before(context: Context, view: RunView, name: str) -> tuple[int, Version] | None:
    """The newest version from before the run started: of its lane, else of main."""
    started = view.run.started or view.run.created
    known = context.store.versions(view.account, name, limit=1000)
    older = [each for each in known if each[1].created <= started and each[1].run != view.run.ref]
    own = [each for each in older if each[1].lane == view.run.lane]
    return next(iter(own or [each for each in older if each[1].lane == MAIN]), None)
