"""What may happen in a simulation: one function a verb, from a step to what is decided on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from app.workflow._gate import seconds
from app.workflow._keys import nearest
from app.workflow.events import (
    Approved,
    Cancelled,
    Commit,
    PauseChanged,
    PullRequestChanged,
    Pushed,
    Rejected,
    Repository,
    Ticked,
    Triggered,
    VersionPosted,
    WebhookReceived,
)
from app.workflow.facts import Denied, Fact
from app.workflow.happenings_text import BadStep, Step
from app.workflow.line import MAIN, Actor, Candidate, CandidateState, Lane, Status
from app.workflow.simulation import Ending, Simulation, person

Facts: TypeAlias = Iterator[tuple[Fact, ...]]
ENDS = tuple(each.value for each in (Status.SUCCEEDED, Status.UNSTABLE, Status.FAILED, Status.ERRORED, Status.TIMED_OUT, Status.CANCELLED))


@dataclass(frozen=True, slots=True)
class Verb:
    usage: str
    help: str
    do: Callable[[Simulation, Step], Facts]


def happen(simulation: Simulation, step: Step) -> Facts:
    """What is decided on a step, then on each run that starts or ends because of it. Raises BadStep."""
    verb = VERBS.get(step.verb)
    if verb is None:
        raise BadStep(f"`{step.verb}` does not happen here{_guess(step.verb, VERBS)}; what does: {', '.join(VERBS)}")
    if verb.usage.split()[1:] and not verb.usage.split()[1].startswith("[") and not step.words:
        raise BadStep(f"say more: {verb.usage}")
    yield from verb.do(simulation, step)
    yield from simulation.work()


# -- repositories ----------------------------------------------------------------------------------------------------------------


def _push(simulation: Simulation, step: Step) -> Facts:
    repository = _repository(simulation, step)
    branch = step.word(1) or step.options.get("branch") or repository.default_branch
    key = simulation.key()
    after = simulation.sha(branch)
    event = Pushed(
        key=key,
        at=simulation.now,
        repository=repository,
        ref=f"refs/heads/{branch}",
        before="",
        after=after,
        commit=Commit(after, step.options.get("message", "A change")),
        pusher=_who(step),
    )
    yield simulation.happen(event)


def _pull_request(simulation: Simulation, step: Step) -> Facts:
    repository = _repository(simulation, step)
    key = simulation.key()
    fork = step.options.get("fork", "false") in ("true", "yes")
    number = step.word(1, "1")
    if not number.isdecimal():
        raise BadStep(f"`{number}` is no number of a pull request: {VERBS['pr'].usage}")
    action = _one_of("an action", step.word(2, "opened"), ("opened", "updated", "closed"))
    event = PullRequestChanged(
        key=key,
        at=simulation.now,
        repository=repository,
        number=int(number),
        action=action,
        title=step.options.get("message", "A change"),
        head=Commit(simulation.sha(number)),
        head_ref=step.options.get("branch", "topic"),
        head_repository="simulated:fork" if fork else repository.id,
        base_ref=repository.default_branch,
        base_sha=simulation.sha("base"),
        authors=(_who(step),),
        fork=fork,
    )
    yield simulation.happen(event)


def _repository(simulation: Simulation, step: Step) -> Repository:
    """By `owner/name`, or by the name of a resource that watches it."""
    name = step.word(0)
    resource = simulation.ledger.resources.get(name)
    wanted = str(resource.content.get("sourceName", "")) if resource else name
    if wanted not in simulation.repositories:
        raise BadStep(f"nothing here watches `{name}`{_guess(name, (*simulation.repositories, *simulation.ledger.resources))}")
    return simulation.repositories[wanted]


# -- resources -------------------------------------------------------------------------------------------------------------------


def _tick(simulation: Simulation, step: Step) -> Facts:
    yield simulation.happen(Ticked(key=simulation.key(), at=simulation.now, resource=_resource(simulation, step), scheduled=simulation.now))


def _post(simulation: Simulation, step: Step) -> Facts:
    name = _resource(simulation, step)
    key = simulation.key()
    label = step.word(1) or (key if not step.values else "")
    yield simulation.happen(VersionPosted(key=key, at=simulation.now, resource=name, label=label, bag=dict(step.values), by=_who(step)))


def _webhook(simulation: Simulation, step: Step) -> Facts:
    name = _resource(simulation, step)
    yield simulation.happen(WebhookReceived(key=simulation.key(), at=simulation.now, resource=name, payload=dict(step.values)))


def _resource(simulation: Simulation, step: Step) -> str:
    return _known("resource", step.word(0), simulation.ledger.resources)


# -- runs ------------------------------------------------------------------------------------------------------------------------


def _end(simulation: Simulation, step: Step) -> Facts:
    """A run that goes on ends now; otherwise the next one will end so."""
    job = _job(simulation, step)
    outputs: dict[str, dict[str, str]] = {}
    for key, value in step.values.items():
        name, _, inner = key.partition(".")
        outputs.setdefault(name, {})[inner] = value
    ending = Ending(Status(_one_of("an end", step.word(1, "succeeded"), ENDS)), outputs)
    running = simulation.running(job)
    if running is None:
        simulation.plan_ending(job, ending)
    else:
        yield simulation.end(running, ending)


def _hold(simulation: Simulation, step: Step) -> Facts:
    simulation.plan_ending(_job(simulation, step), Ending(None))
    yield from ()


def _trigger(simulation: Simulation, step: Step) -> Facts:
    job, key = _job(simulation, step), simulation.key()
    lane = Lane(step.options["lane"]) if step.options.get("lane", "main") != "main" else MAIN
    values = tuple(step.values.items())
    yield simulation.happen(Triggered(key=key, at=simulation.now, by=_who(step), via="simulation", job=job, lane=lane, values=values))


def _pause(simulation: Simulation, step: Step) -> Facts:
    event = PauseChanged(
        key=simulation.key(),
        at=simulation.now,
        by=_who(step),
        via="simulation",
        job=_job(simulation, step),
        paused=step.verb == "pause",
    )
    yield simulation.happen(event)


def _cancel(simulation: Simulation, step: Step) -> Facts:
    job = _job(simulation, step)
    node = simulation.ask(lambda line: line.node(job))
    runs = tuple((job, run.ref.number) for run in node.active)
    candidates = tuple((job, each.number) for each in node.open)
    key = simulation.key()
    yield simulation.happen(Cancelled(key=key, at=simulation.now, by=_who(step), via="simulation", runs=runs, candidates=candidates))


def _job(simulation: Simulation, step: Step) -> str:
    return _known("job", step.word(0), simulation.ledger.jobs)


# -- gates -----------------------------------------------------------------------------------------------------------------------


def _answer(simulation: Simulation, step: Step) -> Facts:
    """Who is named in `approvers` may answer; without the key, anybody. By default the first of them does."""
    job = _job(simulation, step)
    shown = [each for each in simulation.ledger.candidates_of(job) if each.state is CandidateState.OPEN]
    if not shown:
        raise BadStep(f"nothing waits at the gate of `{job}`")
    who = _approver(shown[-1], step)
    key = simulation.key()
    kind = Approved if step.verb == "approve" else Rejected
    if who is None:
        yield (Denied(f"{step.options['by']} is not among those who may answer for the gate of {job}"),)
    else:
        yield simulation.happen(kind(key=key, at=simulation.now, by=who, via="simulation", job=job, digest=shown[-1].digest))


def _approver(candidate: Candidate, step: Step) -> Actor | None:
    gate = candidate.definition.gate
    names = [name.removeprefix("@") for name in gate.approvers] if gate and gate.restricted else []
    wanted = step.options.get("by")
    if wanted is None:
        return person(next((name for name in names if "/" not in name), "an-approver"))
    allowed = not names or wanted in names or any("/" in name for name in names)
    return person(wanted) if allowed else None


# -- time ------------------------------------------------------------------------------------------------------------------------


def _wait(simulation: Simulation, step: Step) -> Facts:
    length = seconds(step.word(0))
    if length is None:
        raise BadStep(f"`{step.word(0)}` is no length of time: 90s, 30m, 24h or 2d")
    yield from simulation.wait(length)


# -- words -----------------------------------------------------------------------------------------------------------------------


def _who(step: Step) -> Actor:
    return person(step.options.get("by", "somebody"))


def _known(noun: str, name: str, known: Mapping[str, object]) -> str:
    if name not in known:
        raise BadStep(f"there is no {noun} `{name}`{_guess(name, known)}")
    return name


def _one_of(noun: str, word: str, choices: tuple[str, ...]) -> str:
    if word not in choices:
        raise BadStep(f"`{word}` is not {noun}{_guess(word, choices)}; known are {', '.join(choices)}")
    return word


def _guess(word: str, known: Iterable[str]) -> str:
    found = nearest(word, tuple(known))
    return f" (did you mean {found}?)" if found else ""


VERBS: Mapping[str, Verb] = {
    "push": Verb("push REPOSITORY [BRANCH]", "A push; the repository by its name or by a resource that watches it.", _push),
    "pr": Verb("pr REPOSITORY [NUMBER] [opened|updated|closed]", "A pull request; fork=yes for one from a fork.", _pull_request),
    "tick": Verb("tick RESOURCE", "A time resource is due.", _tick),
    "post": Verb("post RESOURCE [VERSION] [KEY=VALUE ...]", "A version is posted by the API.", _post),
    "webhook": Verb("webhook RESOURCE [KEY=VALUE ...]", "Somebody posts to a webhook resource.", _webhook),
    "trigger": Verb("trigger JOB [KEY=VALUE ...]", "A person runs a job by hand.", _trigger),
    "approve": Verb("approve JOB", "A yes at a gate; by=NAME, else the first of its approvers.", _answer),
    "reject": Verb("reject JOB", "A no at a gate.", _answer),
    "end": Verb(f"end JOB [{'|'.join(ENDS)}] [OUT.KEY=VALUE ...]", "How the run of a job that goes on, else its next one, ends.", _end),
    "hold": Verb("hold JOB", "The next run of a job goes on until an `end`.", _hold),
    "cancel": Verb("cancel JOB", "A person cancels what is not final of a job.", _cancel),
    "pause": Verb("pause JOB", "No automatic runs of a job.", _pause),
    "resume": Verb("resume JOB", "Automatic runs again.", _pause),
    "wait": Verb("wait LENGTH", "Time passes: 90s, 30m, 24h, 2d; gates may expire.", _wait),
}
"""What happens, by its verb."""
