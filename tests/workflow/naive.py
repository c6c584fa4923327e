"""The rules of the line a second time, slow and plain: every question is answered by looking at everything there is.

Nothing of the engine's own reasoning is used, only its values. `tests/workflow/test_machine.py` holds one against the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from app.workflow.definition import Input, Job, Mode
from app.workflow.line import MAIN, CandidateState, Lane, Run, Status, Version, VersionRef
from app.workflow.memory import Ledger

PASSED = {Status.SUCCEEDED, Status.TOLERATED}
FAILURES = {Status.FAILED, Status.TOLERATED, Status.UNSTABLE, Status.ERRORED, Status.LOST}


def is_state(ledger: Ledger, name: str) -> bool:
    return name in ledger.resources and ledger.resources[name].type == "state"


def active(ledger: Ledger, job: str, lane: Lane | None = None) -> list[Run]:
    return [run for run in ledger.of(job) if not run.status.final and lane in (None, run.lane)]


def is_entry(run: Run) -> bool:
    return run.strict and run.status is Status.WAITING


def ins(ledger: Ledger, job: Job) -> list[str]:
    return [step.name for step in job.inputs if step.name in ledger.jobs]


def makers(ledger: Ledger, name: str, but: str) -> list[str]:
    return [job.name for job in ledger.jobs.values() if job.name != but and any(step.name == name for step in job.outputs)]


def behind(ledger: Ledger, job: Job) -> list[str]:
    names = {job.name} | {step.name for step in job.outputs}
    return [each.name for each in ledger.jobs.values() if each.name != job.name and any(step.name in names for step in each.inputs)]


# -- may a run start? --------------------------------------------------------------------------------------------------------


def may_start(ledger: Ledger, run: Run) -> bool:
    """Section 4.2, last row but one: whether `run`, waiting or queued, may start as soon as there is a worker."""
    job = ledger.jobs.get(run.ref.job)
    if job is None:
        return True
    return may_start_but_for_locks(ledger, run, job) and has_the_lock(ledger, run, job)


def may_start_but_for_locks(ledger: Ledger, run: Run, job: Job) -> bool:
    if run.held or not has_its_turn(ledger, run, job):
        return False
    if is_entry(run):
        return settled(ledger, job, run.lane)
    return run.strict or run.immediate or neighbours_idle(ledger, run, job)


def has_its_turn(ledger: Ledger, run: Run, job: Job) -> bool:
    everywhere = job.gate is not None or any(is_state(ledger, step.name) for step in job.outputs)
    others = [each for each in active(ledger, job.name, None if everywhere else run.lane) if each.ref != run.ref]
    if job.parallel:
        return True
    running = [each for each in others if each.status is Status.RUNNING]
    earlier = [each for each in others if each.ref.number < run.ref.number and not each.held and not is_entry(each)]
    return not running and not earlier


def has_the_lock(ledger: Ledger, run: Run, job: Job) -> bool:
    """Nobody else of the lock runs, and nobody who could start, or whose gate is still open, came before."""
    for other in ledger.jobs.values():
        if job.lock is None or other.lock is None or other.lock.name != job.lock.name:
            continue
        for each in active(ledger, other.name):
            ready = each.status is not Status.RUNNING and may_start_but_for_locks(ledger, each, other)
            first = ready and asked(ledger, each, other) < asked(ledger, run, job)
            if each.ref != run.ref and (each.status is Status.RUNNING or first):
                return False
        for shown in ledger.candidates_of(other.name) if other.lock.through_gate else ():
            open_elsewhere = shown.state is CandidateState.OPEN and (other.name, shown.lane) != (job.name, run.lane)
            if open_elsewhere and (shown.created, other.name, 0) < asked(ledger, run, job):
                return False
    return True


def asked(ledger: Ledger, run: Run, job: Job) -> tuple[float, str, int]:
    """When a run asked for its lock: through a gate, when that asked."""
    opened = [each for each in ledger.candidates_of(job.name) if each.lane == run.lane and each.state is CandidateState.OPENED]
    through = run.candidate is not None and job.lock is not None and job.lock.through_gate
    since = opened[-1].created if through and opened and opened[-1].number == run.candidate else run.created
    return since, job.name, run.ref.number


def neighbours_idle(ledger: Ledger, run: Run, job: Job) -> bool:
    upstream = [name for name in ins(ledger, job) if name != job.name]
    producers = [name for step in job.inputs for name in makers(ledger, step.name, job.name)]
    around = [*upstream, *producers, *behind(ledger, job)]
    if any(each.status is Status.RUNNING for name in around for each in active(ledger, name, run.lane)):
        return False
    asked = [each for name in upstream for each in active(ledger, name, run.lane) if not each.held and not is_entry(each)]
    return all(each.created > run.created for each in asked)


# -- does an event make a run? -----------------------------------------------------------------------------------------------


def last_executed(ledger: Ledger, job: str, lane: Lane) -> Run | None:
    runs = [run for run in ledger.of(job) if run.lane == lane and run.status.executed]
    return runs[-1] if runs else None


def healthy(ledger: Ledger, job: Job, step: Input, lane: Lane) -> bool:
    pinned = pinned_version(ledger, job, step, lane)
    if pinned is not None and pinned.status in PASSED:
        return True
    if ledger.inconsistent.get(step.name):
        return False
    here = [run for run in ledger.of(step.name) if run.lane == lane and (run.status.executed or not run.status.final)]
    if lane != MAIN and not here:
        main = [each for each in ledger.versions_of(step.name) if each.lane == MAIN]
        return any(each.status in PASSED for each in main) or (step.on_failure and bool(main))
    last = last_executed(ledger, step.name, lane)
    return last is not None and (last.status in PASSED or step.on_failure)


def well(ledger: Ledger, job: Job, lane: Lane) -> bool:
    """Chrono: no IN job failed, never ran or is inconsistent; no IN resource is inconsistent."""
    jobs = [step for step in job.inputs if step.name in ledger.jobs]
    others = [step for step in job.inputs if step.name not in ledger.jobs]
    sick = [step for step in jobs if not healthy(ledger, job, step, lane)]
    return not sick and not any(ledger.inconsistent.get(step.name) for step in others)


def settled(ledger: Ledger, job: Job, lane: Lane) -> bool:
    """Strict: all that the switched-on INs come from is final, successful and consistent."""
    return all(_settled_step(ledger, job, step, lane) for step in job.inputs if step.switch)


def _settled_step(ledger: Ledger, job: Job, step: Input, lane: Lane) -> bool:
    def idle(name: str) -> bool:
        return all(is_entry(run) for run in active(ledger, name, lane))

    if step.name in ledger.jobs:
        return idle(step.name) and healthy(ledger, job, step, lane)
    if ledger.inconsistent.get(step.name):
        return False
    if is_state(ledger, step.name) or is_pinned(ledger, job, step):
        return True
    for name in makers(ledger, step.name, job.name):
        last = last_executed(ledger, name, lane)
        fine = last is None or last.status in PASSED
        if not idle(name) or not fine or ledger.inconsistent.get(name):
            return False
    return True


def outcome(ledger: Ledger, job: Job, lane: Lane, names: Collection[str], ended: tuple[str, Status] | None, own: bool) -> str:
    """What the news of `names` (all in `lane`) does to `job`: run, join, candidate or nothing. `ended`: the job among them."""
    steps = [step for step in job.inputs if step.name in names and _reaches(ledger, job, step, lane, ended, own)]
    if not steps or job.name in ledger.paused or ledger.inconsistent.get(job.name):
        return "nothing"
    mode = steps[0].mode or job.mode
    if mode is Mode.CHRONO and not well(ledger, job, lane):
        return "nothing"
    loose = mode is Mode.STRICT and not settled(ledger, job, lane)
    if job.gate is not None:
        return "nothing" if loose or missing(ledger, job, lane) else "candidate"
    if mode is Mode.STRICT and any(is_entry(run) for run in active(ledger, job.name, lane)):
        return "join"
    return "run"


def _reaches(ledger: Ledger, job: Job, step: Input, lane: Lane, ended: tuple[str, Status] | None, own: bool) -> bool:
    if not step.switch or is_pinned(ledger, job, step) or not (own or lane.matches(step.lanes)):
        return False
    if ended is None or step.name != ended[0]:
        return True
    return (step.on_success and ended[1] in PASSED) or (step.on_failure and ended[1] in FAILURES)


def in_order(ledger: Ledger, names: Collection[str]) -> list[Job]:
    """Consumers of `names`, each after those of them that are upstream of it."""
    left = [job for job in ledger.jobs.values() if any(step.name in names for step in job.inputs)]
    found: list[Job] = []
    while left:
        waiting = {job.name for job in left}
        free = [job for job in left if not waiting & {step.name for step in job.inputs}]
        found += free or left
        left = [job for job in left if job not in found]
    return found


# -- which versions does it take? --------------------------------------------------------------------------------------------


def is_pinned(ledger: Ledger, job: Job, step: Input) -> bool:
    return step.name in ledger.pins.get(job.name, {}) or step.pin is not None


def pinned_version(ledger: Ledger, job: Job, step: Input, lane: Lane) -> Version | None:
    by_people = ledger.pins.get(job.name, {}).get(step.name)
    if by_people is not None:
        return ledger.versions.get(by_people)
    if step.pin is None:
        return None
    if step.pin.number is not None:
        return ledger.versions.get(VersionRef(step.name, step.pin.number))
    named = [each for each in ledger.versions_of(step.name) if each.label == step.pin.name and each.lane in (lane, MAIN)]
    return named[-1] if named else None


def version(ledger: Ledger, job: Job, step: Input, lane: Lane) -> Version | None:
    if is_pinned(ledger, job, step):
        return pinned_version(ledger, job, step, lane)
    good_only = step.name in ledger.jobs and not step.on_failure
    all_of_it = [each for each in ledger.versions_of(step.name) if not good_only or each.status in PASSED]
    for where in (lane, MAIN):
        there = [each for each in all_of_it if each.lane == where]
        if there:
            return there[-1]
    return None


def taken(ledger: Ledger, job: Job, lane: Lane) -> dict[str, VersionRef | None]:
    found = {step.name: version(ledger, job, step, lane) for step in job.inputs}
    return {name: each.ref if each else None for name, each in found.items()}


def missing(ledger: Ledger, job: Job, lane: Lane, given: Collection[str] = ()) -> bool:
    """Whether an IN that is not `given` has no version, though only a `state` may have none."""
    lacking = [name for name, ref in taken(ledger, job, lane).items() if ref is None and name not in given]
    return any(is_pinned(ledger, job, job_input(job, name)) or not is_state(ledger, name) for name in lacking)


def job_input(job: Job, name: str) -> Input:
    return next(step for step in job.inputs if step.name == name)


def next_claimed(ledger: Ledger, pool: str) -> Run | None:
    """The queued run that a worker of `pool` gets, of those that have all their inputs."""
    queued = [run for run in ledger.runs.values() if run.status is Status.QUEUED and run.pool == pool]
    for run in sorted(queued, key=lambda run: (not run.frozen, run.priority, run.created)):
        job = ledger.jobs.get(run.ref.job)
        given = {each.name: each.version for each in run.inputs if each.version is not None}
        if job is None or not may_start(ledger, run):
            continue
        takes = given if run.frozen else {**taken(ledger, job, run.lane), **given}
        if (run.frozen or not missing(ledger, job, run.lane, given)) and not barred(ledger, takes.values()):
            return run
    return None


def barred(ledger: Ledger, refs: Iterable[VersionRef | None]) -> bool:
    """Whether a fork's commit that nobody allowed is among `refs` (product.md section 8)."""
    bags = [ledger.versions[ref].bag for ref in refs if ref is not None and ref in ledger.versions]
    return any(bag.get("fork") is True and (bag["repository"], bag["sha"]) not in ledger.allowed for bag in bags)


def of_a_fork(ledger: Ledger, run: Run) -> bool:
    """Whether a run was caused by a fork's commit or took one: nothing comes of it for others."""
    bags = [ledger.versions[each.version].bag for each in run.inputs if each.version]
    return any(cause.fork for cause in run.causes) or any(bag.get("fork") is True for bag in bags)
