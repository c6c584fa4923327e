"""A whole Gateline in one process, over a forge, an executor and a clock that tests hold in their hands.

    town.push({"gateline.yml": …}); town.work(); town.comment(…); town.tick(11); town.statuses(sha)

Everything between the forge's hook and the forge's API is real: deliveries, outbox, decisions, plans, reports, both databases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import dedent
from typing import TypeAlias

from sqlalchemy import func, select

from app.bell import InlineBell
from app.context import Context
from app.errands._drain import drain_errands
from app.errands._run import claim, drain_runs
from app.executors import Executor
from app.executors.inline import InlineExecutor
from app.forges import Commented, Conversation, Delivery, ForgePort, Level, Parsed, RepositoryChanged
from app.leaving import Leaving
from app.obey import Asked, Reply, commands, obey
from app.sources import add_source
from app.store import SecretRow, Store
from app.store.around import errands
from app.tick import Sweep
from app.wire import kinds, with_sync
from app.workflow.comment import Call, Syntax, read
from app.workflow.events import Commit, PullRequestChanged, Pushed, Repository
from app.workflow.line import MAIN, Candidate, Lane, Run, Version
from app.workflow.plan import Plan
from config.settings import Settings
from tests.fakes.clock import MovableClock
from tests.fakes.executor import ScriptedExecutor
from tests.fakes.forge_world import FakeWorld
from tests.fakes.github.forge_world import GithubTownWorld
from tests.fakes.notifier import RememberingNotifier

ACCOUNT = "github:acme"

TownWorld: TypeAlias = FakeWorld | GithubTownWorld


@dataclass
class KeptHooks:
    """The hook half of the fake forge: deliveries carry the number of what they say."""

    said: list[Parsed] = field(default_factory=list)

    def keep(self, parsed: Parsed) -> Delivery:
        self.said.append(parsed)
        number = str(len(self.said) - 1)
        return Delivery("github", "1", f"delivery-{number}", type(parsed).__name__, {}, number.encode())

    def verify(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        raise NotImplementedError("scenarios hand deliveries over; the web's tests verify them")

    def parse(self, delivery: Delivery, at: float) -> Parsed:
        return self.said[int(delivery.body)]


class Town:
    """One account, `acme`, with one repository, `acme/app`, that is a source. carol writes, alice approves, bob only reads."""

    def __init__(self, store: Store, clock: MovableClock, folder: Path, world: TownWorld | None = None, **settings: object) -> None:
        """`world`: the forge behind Gateline's back, in memory unless given (`tests.fakes.github.forge_world.GithubTownWorld`)."""
        self.store = store
        self.clock = clock
        self.world = world or FakeWorld(clock)
        self.hooks = KeptHooks()
        self.executor = ScriptedExecutor()
        self.slack = RememberingNotifier()
        self.context = with_sync(
            Context(
                settings=Settings(data_dir=folder, base_url="https://gateline.example", min_free=0, **settings),  # type: ignore[arg-type]
                store=store,
                forges={"github": ForgePort("github", self.hooks, self.world.forge)},
                executors={"local": self.executor, "inline": InlineExecutor()},
                notifiers={"slack": self.slack},
                bell=InlineBell(),
                kinds=kinds(),
            )
        )
        self.app = self.repository("app")
        self._sweep = Sweep(self.context, "the test")

    # -- what people do --------------------------------------------------------------------------------------------------

    def repository(self, name: str, private: bool = False) -> Repository:
        made = self.world.repository(name, private)
        for login, level in (("carol", Level.WRITE), ("alice", Level.WRITE), ("dora", Level.ADMIN), ("bob", Level.READ)):
            self.world.grant(made.id, login, level)
        return made

    def source(self, files: Mapping[str, str], repository: Repository | None = None) -> str:
        """Commits `files` to main, adds the repository as a source (which runs nothing) and returns the commit."""
        where = repository or self.app
        sha = self.world.commit(where.id, "main", _bytes(files))
        add_source(self.context, where)
        self.work()
        return sha

    def use(self, executor: Executor) -> None:
        """Plans for an executor of its name are carried out by this one from now on."""
        self.context = replace(self.context, executors={**self.context.executors, executor.name: executor})

    def secret(self, name: str, values: Mapping[str, str], sources: tuple[str, ...] = (), gated: bool = False, **more: str) -> None:
        """An integration, seen by `sources` (default: all that there are now); `type` if it is no keyValuePair."""
        seen_by = sources or tuple(each.key for each in self.store.sources())
        row = SecretRow(ACCOUNT, name, more.get("type", "keyValuePair"), tuple(values), seen_by, gated)
        self.store.put_secret(row, values)

    def push(
        self,
        files: Mapping[str, str] | None = None,
        branch: str = "main",
        by: str = "carol",
        message: str = "A change",
        repository: Repository | None = None,
    ) -> str:
        """Commits and pushes; the hook is delivered. Returns the commit."""
        where = repository or self.app
        before = self.world.at(where.id).branches.get(branch, "")
        sha = self.world.commit(where.id, branch, _bytes(files or {"file.txt": str(len(self.hooks.said))}), message)
        self.deliver(self.pushed(sha, branch, before, by, where))
        return sha

    def pushed(self, sha: str, branch: str, before: str, by: str = "carol", repository: Repository | None = None) -> Pushed:
        where = repository or self.app
        return Pushed(
            key=f"push:{where.id}:{branch}:{before}..{sha}",
            at=self.clock(),
            repository=where,
            ref=f"refs/heads/{branch}",
            before=before,
            after=sha,
            commit=self.world.at(where.id).commits[sha].commit if sha else Commit(""),
            pusher=self.world.person(by),
        )

    def open(self, branch: str, by: str = "carol", title: str = "A change", fork: str = "") -> int:
        """Opens a pull request of `branch`; returns its number."""
        number = self.world.pull_request(self.app.id, branch, by, title, fork)
        self.deliver(self.request(number, "opened"))
        return number

    def request(self, number: int, action: str) -> PullRequestChanged:
        now = self.world.at(self.app.id).requests[number]
        return PullRequestChanged(
            key=f"pr:{self.app.id}:{number}:{action}:{now.head}:{len(self.hooks.said)}",
            at=self.clock(),
            repository=self.app,
            number=number,
            action=action,
            title=now.title,
            head=self._commit(now.head_repository, now.head),
            head_ref=now.head_ref,
            head_repository=now.head_repository,
            base_ref=now.base_ref,
            base_sha=now.base,
            authors=(now.author,),
            fork=now.head_repository != self.app.id,
            merged=now.merged,
        )

    def _commit(self, repository: str, sha: str) -> Commit:
        return self.world.at(repository).commits[sha].commit

    def close(self, number: int) -> None:
        self.world.close(self.app.id, number)
        self.deliver(self.request(number, "closed"))

    def reopen(self, number: int) -> None:
        self.world.reopen(self.app.id, number)
        self.deliver(self.request(number, "opened"))

    def merge(self, number: int, by: str = "carol") -> str:
        """Merges: the push to main and the request's end are both delivered. Returns the merge commit."""
        before = self.world.at(self.app.id).branches["main"]
        sha = self.world.merge(self.app.id, number)
        self.deliver(self.pushed(sha, "main", before, by))
        self.deliver(self.request(number, "closed"))
        return sha

    def comment(self, author: str, text: str, number: int | None = None, sha: str = "") -> Commented:
        """A comment on a pull request or a commit, delivered."""
        said = self.world.say(Conversation(self.app.id, number, sha), author, text)
        self.deliver(said)
        return said

    def obey(self, who: str, line: str, break_glass: str = "") -> Reply:
        """Somebody types a command on the command line."""
        verbs = {verb: Syntax.of(command.usage) for verb, command in commands().items()}
        said = read(f"/gateline {line}", "gateline", frozenset(), verbs)
        said = tuple(replace(each, break_glass=break_glass) if isinstance(each, Call) else each for each in said)
        (reply,) = obey(self.context, Asked((ACCOUNT,), self.world.person(who), said, "cli", f"cli:{self.world.next_id()}"))
        return reply

    def deliver(self, parsed: Parsed) -> None:
        """The forge's hook says this: kept, and done when somebody works."""
        self.store.keep_delivery(self.hooks.keep(parsed))

    def make_private(self, repository: Repository) -> None:
        """The repository's visibility changes, and the hook says so."""
        private = replace(repository, private=True)
        self.world.at(repository.id).about = private
        self.deliver(RepositoryChanged(private, "privatized"))

    # -- what Gateline does ------------------------------------------------------------------------------------------------

    def work(self) -> None:
        """Errand and run workers do everything that is due now."""
        leaving = Leaving(30, self.clock)
        while drain_errands(self.context, "errands", leaving) + drain_runs(self.context, ("default", ""), "runs", leaving):
            pass

    def deliveries(self) -> None:
        """Only the errand workers do what is due: runs stay queued."""
        drain_errands(self.context, "errands", Leaving(30, self.clock))

    def lose(self, job: str) -> None:
        """A worker claims a run of the job, and dies."""
        view = claim(self.context, ("default",), "a worker that dies")
        assert view is not None
        assert view.run.ref.job == job
        for _ in range(8):
            self.clock.forward(5)
            self._sweep.once()

    def tick(self, seconds: float) -> None:
        """Time passes: the clock sweeps, and everything that became due is done."""
        self.clock.forward(seconds)
        self._sweep.once()
        self.work()

    def settle(self, within: float = 60.0) -> None:
        """Everything is done and reported that comes due `within` seconds of the newest change, at least 11 of them."""
        self.work()
        self.tick(11)
        for _ in range(20):
            due = self._next_due()
            if due is None or due > self.clock() + within:
                return
            self.tick(max(due - self.clock(), 0.1))

    def _next_due(self) -> float | None:
        """When the next errand is due."""
        with self.store.database.read() as transaction:
            row = transaction.row(select(func.min(errands.c.due).label("due")).where(errands.c.state == "due"))
            return None if row is None else row.due

    # -- what is so --------------------------------------------------------------------------------------------------------

    def runs(self, job: str | None = None) -> list[Run]:
        """Oldest first."""
        return [view.run for view in reversed(self.store.runs(ACCOUNT, job, limit=1000))]

    def ran(self, lane: Lane = MAIN) -> list[str]:
        """`job#number status`, in the order in which they were made."""
        return [f"{run.ref} {run.status.value}" for run in self.runs() if run.lane == lane]

    def gate(self, job: str) -> Candidate | None:
        """The open candidate, if there is one."""
        return next((candidate for _, candidate in self.store.candidates(ACCOUNT, job)), None)

    def statuses(self, sha: str, repository: Repository | None = None) -> dict[str, tuple[str, str]]:
        """context -> (state, description)"""
        found = self.world.statuses((repository or self.app).id, sha)
        return {context: (state, description) for context, (state, description, _) in sorted(found.items())}

    def bodies(self, number: int | None = None, sha: str = "") -> list[str]:
        return self.world.bodies(Conversation(self.app.id, number, sha))

    def answers(self, number: int | None = None, sha: str = "") -> list[str]:
        """What the bot has said there, oldest first."""
        mine = self.world.forge.me().id
        where = Conversation(self.app.id, number, sha)
        return [each.body for each in self.world.comments.values() if each.conversation == where and each.author.id == mine]

    def written(self, sha: str) -> list[tuple[str, str, str]]:
        """(context, state, description) of every status written to a commit, in order."""
        return [(each.context, str(each.state), each.description) for each in self.world.set_statuses if each.sha == sha]

    def versions(self, name: str, lane: Lane | None = None) -> list[Version]:
        """Oldest first."""
        found = [version for _, version in reversed(self.store.versions(ACCOUNT, name))]
        return [version for version in found if lane is None or version.lane == lane]

    def lane(self, number: int) -> Lane:
        """A pull request's."""
        return Lane(f"pr/{number}@{self.app.id}")

    def plan(self, job: str) -> Plan:
        """What the newest run of a job executed."""
        return next(plan for plan in reversed(self.executor.plans) if plan.job == job)

    def audit(self) -> list[tuple[str, str, str, bool]]:
        """(who, action, subject, accepted), oldest first."""
        return [(each.by.login, each.action, each.subject, each.accepted) for each in reversed(self.store.audit(ACCOUNT))]

    def stuck(self) -> list[str]:
        return [f"{each.errand.kind}: {each.problem}" for each in self.store.stuck()]


def _bytes(files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: dedent(text).encode() for name, text in files.items()}
