"""Small values of the line for the store's tests."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from app.store import Store
from app.workflow.definition import (
    Gate,
    Hook,
    HookKind,
    Image,
    Input,
    Job,
    Lock,
    Notice,
    Output,
    Parameter,
    Pin,
    Place,
    Resource,
    Retry,
    Runtime,
    Sort,
    Supersede,
    Task,
    Trouble,
)
from app.workflow.errands import Errand
from app.workflow.events import Event
from app.workflow.facts import Fact
from app.workflow.line import MAIN, Actor, Candidate, Cause, Lane, Line, Need, Run, RunRef, Status, Version, VersionRef

ACCOUNT = "github:acme"
REPOSITORY = "github:7"
SHA = "a" * 40
PR = Lane("pr/12@github:7")
ALICE = Actor("github:1", "alice")
BOB = Actor("github:2", "bob")
PUSH = Cause("push", "github:delivery-1", REPOSITORY, "acme/app", SHA, "refs/heads/main", None, (ALICE,), "Mend the café \0", False)
TICK = Cause("tick", "tick:nightly:1")

_keys = count(1)


def event(at: float = 1.0, key: str = "") -> Event:
    return Event(key=key or f"event-{next(_keys)}", at=at)


def react(store: Store, *facts: Fact, errands: Iterable[Errand] = (), account: str = ACCOUNT) -> None:
    """Writes facts as one decision."""
    with store.decision(account) as transaction:
        happened = event(transaction.now)
        assert transaction.seen(happened.key) is None
        transaction.write(happened, facts, tuple(errands))


def known(store: Store, *needs: Need, account: str = ACCOUNT) -> Any:
    """The answer to one need, or the answers to several."""
    with store.decision(account) as transaction:
        answers = transaction.load(needs)
    return answers[needs[0]] if len(needs) == 1 else answers


def line(store: Store, needs: Iterable[Need]) -> Line:
    with store.decision(ACCOUNT) as transaction:
        return Line().knowing(transaction.load(list(needs)))


def job(name: str = "build", *steps: Any, **changes: Any) -> Job:
    return Job(name=name, type="runSh", source="github:acme/app@main", steps=steps, **changes)


def full_job() -> Job:
    """A job that says everything a job can say."""
    return job(
        "deploy",
        Input(
            "app", switch=False, pin=Pin(number=3), lanes=("pr/*",), attributes={"showTagsOnly": True}, place=Place("gateline.yml", 3, 5)
        ),
        Input("build", pin=Pin(name="v1"), on_failure=True),
        Task("ship", ("echo 'é' \\", "true"), container=True, image=Image("node", "20", False, "--rm"), env=(("A", "1"),)),
        Output("app"),
        Output("info", replicate="app", overwrite=True, attributes={"nested": [1, 2.5, None, {"x": "y"}]}),
        priority=0,
        runtime=Runtime("big", True, 5),
        integrations=("aws",),
        hooks={HookKind.ALWAYS: Hook(("true",), (Notice("slack", {"recipients": ["#ops"]}),))},
        gate=Gate(("alice",), True, ("github:1",), ("@acme/ops",), 2, False, 3600.0, True, True),
        supersede=Supersede.RUNNING,
        lock=Lock("db", through_gate=True),
        retry=Retry(2, (Trouble.LOST,), (137,), 30.0),
        allow_failure=True,
        parameters=(Parameter("REGION", Sort.CHOICE, "eu", True, "e.", ("eu",), "where"),),
        attributes={"on": False},
    )


def resource(name: str = "app", type: str = "gitRepo", **changes: Any) -> Resource:
    return Resource(name=name, type=type, source="github:acme/app@main", **changes)


def run(name: str = "build", number: int = 1, status: Status = Status.QUEUED, lane: Lane = MAIN, **changes: Any) -> Run:
    values: dict[str, Any] = {"causes": (PUSH,), "created": 10.0, "pool": "default", **changes}
    return Run(ref=RunRef(name, number), lane=lane, status=status, **values)


def version(name: str = "app", number: int = 1, lane: Lane = MAIN, **changes: Any) -> Version:
    values: dict[str, Any] = {"created": 5.0, "label": f"v{number}", "bag": {"shaData": {"commitSha": SHA}}, "actors": (ALICE,), **changes}
    return Version(ref=VersionRef(name, number), lane=lane, **values)


def candidate(name: str = "deploy", number: int = 1, lane: Lane = MAIN, **changes: Any) -> Candidate:
    values: dict[str, Any] = {
        "digest": f"{number:064x}",
        "inputs": (),
        "definition": job(name),
        "causes": (PUSH,),
        "created": 20.0,
        **changes,
    }
    return Candidate(job=name, number=number, lane=lane, **values)
