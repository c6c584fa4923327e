"""A machine that `gateline` is typed at: a real SQLite store, the local forge with real git, and a worker that does as it is told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from click.testing import CliRunner, Result

from app.bell import InlineBell
from app.cli.here import Here
from app.cli.main import gateline
from app.context import Context
from app.forges import ForgePort
from app.forges.local import actions
from app.forges.local.api import LocalForge
from app.forges.local.disk import Disk, Endpoint, secret_at
from app.forges.local.hooks import LocalHooks
from app.react import react
from app.registry import load
from app.store import Chunk, Claimed, Store
from app.store.local import LocalDesk
from app.tips import compare
from app.workflow.errands import Errand
from app.workflow.events import Claim, RunEnded
from app.workflow.facts import RunStarted
from app.workflow.kinds import Kinds
from app.workflow.line import Candidate, RunRef, Status
from config.settings import Settings
from tests.fakes.clock import MovableClock
from tests.forges.local.world import LocalWorld

ACCOUNT = "local:acme"
SOURCE = "local:acme/app@main"
WORKFLOW = b"""\
resources:
  - name: app
    type: gitRepo
    versionTemplate: {sourceName: acme/app, branch: main, buildOnPullRequest: true}
  - name: release
    type: params
    versionTemplate: {params: {VERSION: none}}
jobs:
  - name: build
    type: runSh
    steps:
      - IN: app
      - TASK: {script: [make]}
      - OUT: release
  - name: deploy
    type: runSh
    gate: {approvers: [alice]}
    steps:
      - IN: build
      - IN: release
        switch: off
      - TASK: {script: [make deploy]}
"""


@dataclass
class Machine:
    """`people`: alice and wendy may write, rita may read. Nothing runs by itself: `work` does one run."""

    context: Context
    world: LocalWorld
    clock: MovableClock
    claims: int = 0
    pushes: int = 0

    @property
    def store(self) -> Store:
        return self.context.store

    def types(self, *words: str, answers: str | None = None) -> Result:
        """What comes of `gateline WORDS`."""
        environment = {"GATELINE_USER": None, "COLUMNS": "100"}
        return CliRunner().invoke(gateline, words, obj=Here(self.context), input=answers, env=environment, prog_name="gateline")

    def json(self, *words: str) -> Any:
        """The JSON that `gateline WORDS --json` prints."""
        return json.loads(self.types(*words, "--json").stdout)

    def settle(self) -> str:
        """A repository with a workflow file, which is a source; returns the commit."""
        for login, level in (("alice", "write"), ("wendy", "write"), ("rita", "read")):
            actions.add_user(self.world.forge, login, level)
        repository = self.world.repository()
        sha = self.world.commit(repository.id, "main", {"gateline.yml": WORKFLOW}, "A line")
        done = self.types("source", "add", "local:acme/app")
        assert done.exit_code == 0, done.output
        compare(self.context, repository.id)
        return sha

    def push(self, branch: str = "main", message: str = "A change") -> str:
        """Somebody pushed; the comparison of tips finds it. Returns the commit."""
        self.pushes += 1
        sha = self.world.commit("acme/app", branch, {"src": b"%d" % self.pushes}, message)
        self.compare()
        return sha

    def compare(self) -> None:
        compare(self.context, self.world.forge.repository("acme/app").id)

    def claim(self) -> tuple[RunRef, str]:
        """A worker takes the best run; the token fences what is written of it."""
        self.claims += 1
        token = f"token {self.claims}"
        event = Claim(key=token, at=self.clock(), pools=("default",), worker="w", token=token, lease=self.clock() + 20)
        (run,) = (fact.run for fact in react(self.context, ACCOUNT, event).facts if isinstance(fact, RunStarted))
        return run, token

    def end(self, run: RunRef, token: str, status: Status = Status.SUCCEEDED, reason: str = "") -> None:
        ended = RunEnded(key=f"end {token}", at=self.clock(), job=run.job, number=run.number, token=token, status=status, reason=reason)
        react(self.context, ACCOUNT, ended)

    def work(self, status: Status = Status.SUCCEEDED, reason: str = "") -> RunRef:
        """One run, two seconds long, with a line of log."""
        run, token = self.claim()
        self.store.append_log(ACCOUNT, run, token, [Chunk(1, self.clock(), "make", "10:00:00 all is well\n")])
        self.clock.forward(2)
        self.end(run, token, status, reason)
        return run

    def fail(self, kind: str, problem: str) -> Claimed:
        """An errand is given up; all before it are done."""
        self.store.add_errands(ACCOUNT, [Errand(kind, {})])
        while claimed := self.store.claim_errand("w", 60):
            if claimed.errand.kind == kind:
                self.store.errand_failed(claimed, problem)
                return claimed
            self.store.errand_done(claimed)
        raise AssertionError("no errand to fail")

    def propose(self) -> Candidate:
        """`build` ran, so that `deploy` waits for approval."""
        self.push()
        self.work()
        ((_, candidate),) = self.store.candidates(ACCOUNT, "deploy")
        return candidate


def a_machine(store: Store, folder: Path, clock: MovableClock, hooks: str) -> Machine:
    """`hooks`: where the forge posts its webhooks."""
    endpoint = Endpoint(hooks, secret_at(folder / "secret"))
    forge = LocalForge(LocalDesk(store.database), Disk(folder / "repositories"), endpoint, "gateline")
    port = ForgePort("local", LocalHooks(endpoint.secret()), forge)
    settings = Settings(data_dir=folder, min_free=0, base_url="https://gate.example")
    kinds = cast("Any", Kinds)(load("app.resources"), load("app.jobs"))
    context = Context(settings, store, {"local": port}, {}, {}, InlineBell(), kinds)
    return Machine(context, LocalWorld(forge, folder / "clones"), clock)
