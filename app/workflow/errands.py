"""What must still be done outside because of facts: rows of the outbox, done at least once.

Errands that share a `key` are done one at a time and in order. Those that also are `replaces` are *desired state*: they hold no
content, the doer reads what is wanted at that moment, and a newer one makes older undone ones void (rule 5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from app.workflow import facts
from app.workflow.ci.automatic import CI_JOB
from app.workflow.definition import HookKind, Json, JsonMap
from app.workflow.events import Event
from app.workflow.facts import Fact
from app.workflow.line import MAIN, CandidateState, Cause, Lane, Line, Run, RunRef, Status

ERRANDS = "errands"
"""The queue of all errands; runs have one queue per node pool, `runs:<pool>`."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do. `kind` names a plugin of `app/errands`; `args` is what it reads; `due` is not before when.

    kind            | args                                                   | key, replaces
    handle_delivery | delivery (id)                                          | none
    adopt           | repository; delivery (the push), or add (make it a source) | repository:<repository>, no
    compare_tips    | repository                                             | repository:<repository>, no
    report_sync     | source                                                 | sync:<source>, yes
    plan_request    | repository, number                                     | plan:<repository>:<number>, yes
    set_status      | repository, sha, job                                   | status:<repository>:<sha>:<job>, yes
    set_cells       | repository, sha, job                                   | cells:<repository>:<sha>:<job>, yes
    set_summary     | repository, sha                                        | summary:<repository>:<sha>, yes
    line_comment    | repository, sha, number (None without), lane           | comment:<repository>:<number|sha>:<lane>, yes
    announce        | job, number (of the candidate)                         | gate:<job>, no
    announce_passing | job, number (of the run), reason                      | none
    reply           | repository, conversation (number | sha), comment, text, mark (what it answers) | none
    acknowledge     | repository, conversation (number | sha), comment, kind of comment, reaction | none
    retain          | none                                                   | retain, yes
    notify          | job, number, event, notice                             | none
    notify_ci       | job, number, event (start | end); notification (its index) | none
    line_message    | repository, sha; or event, when no commit is a cause    | slack:<root event>, yes
    close_lane      | lane                                                   | lane:<lane>, no
    closing_note    | lane (of a closed pull request)                        | none
    restate         | lane (of a closed pull request: others count on its head) | none
    """

    kind: str
    args: JsonMap = field(default_factory=dict)
    key: str | None = None
    replaces: bool = False
    due: float = 0.0


# -- what follows from facts -------------------------------------------------------------------------------------------------

FIRST_REPORT = 10.0
"""Seconds after which a new run is reported for the first time, in the state it has then (product.md section 6)."""
SETTLING = 2.0
"""Seconds that edits of comments and messages wait, so that one edit tells of several changes."""
KEPT = 7 * 86_400.0
"""Seconds that what a closed lane holds is kept."""
COMMITS = 5
"""Causing commits that are reported; of more, the newest of each repository."""

NOTICES = {Status.SUCCEEDED: HookKind.ON_SUCCESS, Status.CANCELLED: HookKind.ON_CANCEL}
"""Hooks that are told of an end (spec/workflow-language.md section 8.2); of the ends that are not here: on_failure."""


def errands_for(line: Line, event: Event, decided: Iterable[Fact]) -> tuple[Errand, ...]:
    """What `decided`, which `event` brought about, ask to be done outside. `line` is the line after them.

    Of errands with one key that replace each other the one due first stands for all.
    """
    found: dict[object, Errand] = {}
    for errand in (errand for fact in decided for errand in _of(line, event.at, fact)):
        key = (errand.kind, errand.key) if errand.replaces else len(found)
        known = found.get(key)
        if known is None or errand.due < known.due:
            found[key] = errand
    return tuple(found.values())


def _of(line: Line, at: float, fact: Fact) -> Iterator[Errand]:
    match fact:
        case facts.RunAdded(run):
            yield from _added(run, at)
        case facts.RunJoined(ref, causes):
            entry = line.run(ref)
            yield from _shown(causes, ref.job, entry.lane if entry else MAIN, at, at + FIRST_REPORT)
        case facts.RunStarted(ref):
            yield from _started(line, at, ref)
        case facts.RunFinished():
            yield from _finished(line, fact)
        case facts.NotRun(job, lane, causes):
            yield from _shown(causes, job, lane, at, at)
        case facts.CandidateProposed(candidate):
            yield Errand("announce", {"job": candidate.job, "number": candidate.number}, key=f"gate:{candidate.job}", due=at)
            yield from _shown(candidate.causes, candidate.job, candidate.lane, at, at)
        case facts.CandidateEnded(job, number, state):
            yield Errand("announce", {"job": job, "number": number}, key=f"gate:{job}", due=at)
            ended = line.candidate(job, number) if state is not CandidateState.OPENED else None
            yield from _shown(ended.causes, job, ended.lane, at, at) if ended else ()
        case facts.LaneClosed(lane):
            if lane.kind == "pr":
                yield Errand("restate", {"lane": lane.key}, due=at)
                yield Errand("closing_note", {"lane": lane.key}, due=at)
            yield Errand("close_lane", {"lane": lane.key}, key=f"lane:{lane.key}", due=at + KEPT)


def _added(run: Run, at: float) -> Iterator[Errand]:
    """The first report. A gate in a pull request had its own, so that no job is reported more often than twice."""
    if run.by and run.reason:
        args: dict[str, Json] = {"job": run.ref.job, "number": run.ref.number, "reason": run.reason}
        yield Errand("announce_passing", args, due=at)
    if run.candidate is not None and run.lane.kind == "pr":
        yield from _told(run.causes, run.lane, at)
    else:
        yield from _shown(run.causes, run.ref.job, run.lane, at, at if run.held else at + FIRST_REPORT)


def _started(line: Line, at: float, ref: RunRef) -> Iterator[Errand]:
    """No status: a running job is reported by what is due 10 s after its creation."""
    run = line.run(ref)
    if run is not None:
        yield from _told(run.causes, run.lane, at)
        yield from _notices(line, at, ref, HookKind.ON_START)


def _finished(line: Line, fact: facts.RunFinished) -> Iterator[Errand]:
    run = line.run(fact.run)
    if run is None:
        return
    yield from _shown(run.causes, run.ref.job, run.lane, fact.at, fact.at)
    if fact.status is not Status.SKIPPED and not _superseded(run, fact) and not _tried_again(line, run):
        yield from _notices(line, fact.at, run.ref, NOTICES.get(fact.status, HookKind.ON_FAILURE))
        yield from _notices(line, fact.at, run.ref, HookKind.ALWAYS)
        yield from _of_ci(line, fact.at, run.ref)


def _of_ci(line: Line, at: float, ref: RunRef) -> Iterator[Errand]:
    job = line.node(ref.job).job
    if job is not None and job.type == CI_JOB:
        yield ci_notices(ref, "end", at)


def ci_notices(ref: RunRef, event: str, at: float) -> Errand:
    """What the CI file of a run asks to be told of its start or end."""
    return Errand("notify_ci", {"job": ref.job, "number": ref.number, "event": event}, due=at)


def _superseded(run: Run, fact: facts.RunFinished) -> bool:
    """Cancelled before anything of it ran, and by nobody: no one has to hear of that."""
    return fact.status is Status.CANCELLED and run.started is None and fact.by is None


def _tried_again(line: Line, run: Run) -> bool:
    """Whether another try follows: the end of that is told."""
    return any(each.retry_of == run.ref.number and each.attempt > run.attempt for each in line.node(run.ref.job).active)


def _notices(line: Line, at: float, ref: RunRef, kind: HookKind) -> Iterator[Errand]:
    job = line.node(ref.job).job
    hook = job.hooks.get(kind) if job else None
    for index in range(len(hook.notify) if hook else 0):
        yield Errand("notify", {"job": ref.job, "number": ref.number, "event": kind.value, "notice": index}, due=at)


def _shown(causes: Sequence[Cause], job: str, lane: Lane, at: float, due: float) -> Iterator[Errand]:
    """The job's status on each commit that caused it, and what tells of the whole line."""
    for cause in reported(causes):
        yield status_errand(cause.repository, cause.sha, job, due)
    yield from _told(causes, lane, at)


def status_errand(repository: str, sha: str, job: str, due: float) -> Errand:
    key = f"status:{repository}:{sha}:{job}"
    return Errand("set_status", {"repository": repository, "sha": sha, "job": job}, key=key, replaces=True, due=due)


def cells_errands(run: Run, at: float) -> tuple[Errand, ...]:
    """The statuses of a CI run's cells on each commit that caused it, soon after one of them ended."""
    name, due = run.ref.job, at + SETTLING
    return tuple(
        Errand(
            "set_cells",
            {"repository": cause.repository, "sha": cause.sha, "job": name},
            key=f"cells:{cause.repository}:{cause.sha}:{name}",
            replaces=True,
            due=due,
        )
        for cause in reported(run.causes)
    )


def _told(causes: Sequence[Cause], lane: Lane, at: float) -> Iterator[Errand]:
    """The line's comment in each conversation, and its message in Slack."""
    commits = reported(causes)
    for cause in commits:
        place: str | int = cause.sha if cause.number is None else cause.number
        key = f"comment:{cause.repository}:{place}:{lane.key}"
        args: dict[str, Json] = {"repository": cause.repository, "sha": cause.sha, "number": cause.number, "lane": lane.key}
        yield Errand("line_comment", args, key=key, replaces=True, due=at + SETTLING)
        args = {"repository": cause.repository, "sha": cause.sha}
        yield Errand("line_message", args, key=f"slack:{cause.event}", replaces=True, due=at + SETTLING)
    if causes and not commits:
        event = causes[-1].event
        yield Errand("line_message", {"event": event}, key=f"slack:{event}", replaces=True, due=at + SETTLING)


def reported(causes: Sequence[Cause]) -> tuple[Cause, ...]:
    """The commits on which something with these causes is reported: each once, five at most, else the newest of each repository."""
    commits = {(cause.repository, cause.sha): cause for cause in causes if cause.repository and cause.sha}
    if len(commits) > COMMITS:
        commits = {(cause.repository, ""): cause for cause in commits.values()}
    return tuple(commits.values())
