"""The one loop over a real database: adopted, pushed, claimed, ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bell import InlineBell
from app.context import Context
from app.react import react
from app.store import Store
from app.wire import kinds
from app.workflow import facts as made
from app.workflow.definition import Fragment, Input, Task
from app.workflow.events import Adopted, Claim, Commit, Pushed, Repository, RunEnded
from app.workflow.line import Status
from config.settings import load
from tests.store.making import ACCOUNT, ALICE, REPOSITORY, SHA, job, resource

APP = Repository(REPOSITORY, "acme/app", "main")
NEW = "b" * 40


@pytest.fixture
def context(store: Store, tmp_path: Path) -> Context:
    return Context(load({}, data_dir=tmp_path), store, {}, {}, {}, InlineBell(), kinds())


@pytest.fixture
def adopted(context: Context) -> Context:
    """A line of a repository, `build` and `deploy`, adopted."""
    source = "github:acme/app@main"
    git = resource("app", content={"sourceName": "acme/app", "branch": "main"}, integration="github")
    build = job("build", Input("app"), Task("t", ("true",)))
    deploy = job("deploy", Input("build"), Task("t", ("true",)))
    fragment = Fragment(source, SHA, (build, deploy), (git,))
    event = Adopted(key="adopt:1", at=1.0, fragment=fragment, by=ALICE, repositories={"acme/app": APP}, tips={"app": Commit(SHA, "first")})
    react(context, ACCOUNT, event)
    return context


def pushed(key: str = "push-1") -> Pushed:
    return Pushed(key=key, at=2.0, repository=APP, ref="refs/heads/main", before=SHA, after=NEW, commit=Commit(NEW, "second"), pusher=ALICE)


def claimed(context: Context, token: str) -> made.RunStarted | None:
    claim = Claim(key=f"claim:{token}", at=3.0, pools=("", "default"), worker="w", token=token, lease=99.0)
    facts = react(context, ACCOUNT, claim).facts
    return next((fact for fact in facts if isinstance(fact, made.RunStarted)), None)


def ended(context: Context, started: made.RunStarted, status: Status = Status.SUCCEEDED) -> None:
    job, number = started.run.job, started.run.number
    react(context, ACCOUNT, RunEnded(key=f"end:{started.token}", at=4.0, job=job, number=number, token=started.token, status=status))


def test_a_push_runs_the_line_to_its_end(adopted: Context, store: Store) -> None:
    while (started := claimed(adopted, "before")) is not None:
        ended(adopted, started)
    react(adopted, ACCOUNT, pushed())
    for token, name in (("t1", "build"), ("t2", "deploy")):
        started = claimed(adopted, token)
        assert started is not None
        assert started.run.job == name
        ended(adopted, started)
    assert claimed(adopted, "t3") is None
    of_commit = {view.run.ref.job: view.run.status for view in store.runs_of_commit(REPOSITORY, NEW)}
    assert of_commit == {"build": Status.SUCCEEDED, "deploy": Status.SUCCEEDED}


def test_a_push_that_comes_twice_counts_once(adopted: Context, store: Store) -> None:
    first = react(adopted, ACCOUNT, pushed())
    runs = store.runs()
    again = react(adopted, ACCOUNT, pushed())
    assert (again.facts, again.duplicate, first.duplicate) == (first.facts, True, False)
    assert store.runs() == runs


def test_after_the_commit_the_bell_rings_for_what_is_due(adopted: Context) -> None:
    react(adopted, ACCOUNT, pushed())
    assert adopted.bell.rung.count("runs:default") or adopted.bell.rung.count("runs:")  # type: ignore[attr-defined]
    assert set(adopted.store.due_queues()) <= {*adopted.bell.rung, "errands"}  # type: ignore[attr-defined]
