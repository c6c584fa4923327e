"""Tiny scenes for tests of commands: jobs, candidates, runs, and a line that knows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from app.commands import Command, Reading, Scene, Spot
from app.registry import load
from app.workflow.comment import Call, Syntax, read
from app.workflow.definition import Gate, Input, Job, Resource
from app.workflow.kinds import Kinds
from app.workflow.line import MAIN, Actor, Candidate, Cause, Lane, Line, Need, Node, Run, RunRef, Status, Taken, VersionRef

SHA = "3f9a1c2b7d4e5f60718293a4b5c6d7e8f9012345"
OLD_SHA = "99" * 20
PR = Lane("pr/7@github:1")
ANN = Actor("github:11", "ann")
NOW = 1_000.0
SPOT = Spot("github:1", "acme/app", SHA, PR, 7)
COMMIT = Spot("github:1", "acme/app", SHA)
PUSH = Cause("push", "e1", "github:1", "acme/app", SHA)

SYNTAXES = {verb: Syntax.of(cast(Command, plugin).usage) for verb, plugin in load("app.commands").items()}


def job(name: str, *inputs: str, gate: Gate | None = None, source: str = "github:acme/app@main") -> Job:
    return Job(name, "runSh", source, tuple(Input(each) for each in inputs), gate=gate)


def candidate(number: int, digest: str, name: str = "deploy", lane: Lane = MAIN, app: int = 1) -> Candidate:
    """A candidate that takes version `app` of the resource app."""
    return Candidate(
        name, number, lane, digest * 8, (Taken("app", VersionRef("app", app)),), job(name, "app", gate=Gate()), (PUSH,), NOW - 100
    )


def run(name: str, number: int, status: Status = Status.FAILED, lane: Lane = MAIN) -> Run:
    return Run(RunRef(name, number), lane, status, (PUSH,), NOW - 50)


def line(*nodes: Node, resources: Iterable[Resource] = ()) -> Line:
    known = [*nodes, *(Node(each.name, resource=each) for each in resources)]
    return Line().knowing({Need("node", node.name): node for node in known})


def scene(*jobs: Job, **known: object) -> Scene:
    """A scene on the main branch's commit, unless `known` says otherwise."""
    usual = Scene(by=ANN, key="k", via="comment:1", now=NOW, kinds=Kinds({}, {}), prefix="/gateline", spot=COMMIT, jobs=jobs, typed=NOW)
    return replace(usual, **known)  # type: ignore[arg-type] # fields of Scene, by name


def ask(text: str, line: Line, scene: Scene) -> Reading:
    """What `text`, a prefixed command without its prefix, is read as."""
    (call,) = read(f"/gateline {text}", "gateline", frozenset(), SYNTAXES)
    assert isinstance(call, Call), call
    return cast(Command, load("app.commands")[call.verb]).read(line, call, scene)
