"""A small world for commands: one account with two sources on a fake forge, a real store, and what happened in it so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from app.bell import InlineBell
from app.context import Context
from app.errands.acknowledge import plugin as acknowledge
from app.errands.reply import plugin as reply
from app.forges import Comment, Conversation, ForgeHooks, ForgePort, Level
from app.obey import hear
from app.registry import load
from app.store import Posted, Source, Store
from app.workflow.definition import Fragment, Gate, Input, Job
from app.workflow.events import Event, Repository
from app.workflow.facts import CandidateProposed, Fact, FragmentAdopted, JobDefined, RunAdded
from app.workflow.kinds import JobKind, Kinds, ResourceKind
from app.workflow.line import MAIN, Actor, Candidate, Cause, Lane, Run, RunRef, Status
from config.settings import AccountSettings, Settings
from tests.fakes.clock import MovableClock
from tests.fakes.forge_world import FakeWorld

ACCOUNT = "github:acme"
KINDS = Kinds(cast(Mapping[str, ResourceKind], load("app.resources")), cast(Mapping[str, JobKind], load("app.jobs")))


@dataclass
class Town:
    """alice approves, wendy writes, rita only reads, tom triages; acme/app is public, acme/vault private."""

    store: Store
    clock: MovableClock
    bare: object = "auto"
    world: FakeWorld = field(init=False)
    context: Context = field(init=False)
    app: Repository = field(init=False)
    vault: Repository = field(init=False)
    head: str = ""
    number: int = 0
    _events: int = 0

    def __post_init__(self) -> None:
        self.world = FakeWorld(self.clock)
        settings = Settings(account={ACCOUNT: AccountSettings.model_validate({"commands": {"bare": self.bare}})})
        port = ForgePort("github", cast(ForgeHooks, None), self.world.forge)
        self.context = Context(settings, self.store, {"github": port}, {}, {}, InlineBell(), KINDS)
        self.app, self.vault = self.world.repository("app"), self.world.repository("vault", private=True)
        self._people()
        self._pull_request()
        for repository in (self.app, self.vault):
            self.store.put_repository(repository)
            self.store.add_source(self._source(repository))

    def _people(self) -> None:
        levels = {"alice": Level.TRIAGE, "wendy": Level.WRITE, "rita": Level.READ, "tom": Level.TRIAGE, "adam": Level.ADMIN}
        for login, level in levels.items():
            self.world.grant(self.app.id, login, level)
        self.world.grant(self.vault.id, "adam", Level.ADMIN)
        self.world.team("@acme/ops", "tom")

    def _pull_request(self) -> None:
        self.world.commit(self.app.id, "main", {"a": b"1"})
        self.head = self.world.commit(self.app.id, "topic", {"a": b"2"})
        self.number = self.world.pull_request(self.app.id, "topic", "paul")

    def _source(self, repository: Repository) -> Source:
        key = f"github:{repository.full_name}@main"
        return Source(key, ACCOUNT, "github", repository.id, repository.full_name, "main", private=repository.private)

    # -- what happened ---------------------------------------------------------------------------------------------------------

    def happened(self, *facts: Fact) -> None:
        self._events += 1
        with self.store.decision(ACCOUNT) as transaction:
            transaction.write(Event(key=f"seed {self._events}", at=self.clock()), facts, ())

    def job(self, name: str, *inputs: str, gate: Gate | None = None, repository: str = "app") -> Job:
        return Job(name, "runSh", f"github:acme/{repository}@main", tuple(Input(each) for each in inputs), gate=gate)

    def adopt(self, *jobs: Job) -> None:
        """The sources define these jobs."""
        by_source: dict[str, list[Job]] = {}
        for job in jobs:
            by_source.setdefault(job.source, []).append(job)
        for source, own in by_source.items():
            self.happened(*(JobDefined(job) for job in own), FragmentAdopted(Fragment(source, "c0ffee", tuple(own))))

    @property
    def cause(self) -> Cause:
        return Cause("pull_request", "e1", self.app.id, "acme/app", self.head, number=self.number, actors=(self.person("paul"),))

    @property
    def lane(self) -> Lane:
        return Lane(f"pr/{self.number}@{self.app.id}")

    def propose(self, job: Job, digest: str = "abcdef12", lane: Lane = MAIN, number: int = 1, supersedes: int | None = None) -> Candidate:
        made = Candidate(job.name, number, lane, digest * 8, (), job, (self.cause,), self.clock(), authors=(self.person("paul"),))
        self.happened(CandidateProposed(made, supersedes))
        return made

    def announce(self, candidate: Candidate, where: Conversation | None = None) -> Comment:
        """Announced as the errand `announce` does it."""
        place = where or self.here
        comment = self.world.forge.create_comment(place, f"<!-- gateline:gate {candidate.number} -->")
        subject = f"{ACCOUNT} {candidate.job} {candidate.number}"
        self.store.set_posted(Posted("announcement", subject, place.place, comment.id, "", self.clock()))
        return comment

    def ran(self, job: str, status: Status, number: int = 1) -> None:
        self.happened(RunAdded(Run(RunRef(job, number), MAIN, status, (self.cause,), self.clock(), pool="default")))

    # -- who says what ---------------------------------------------------------------------------------------------------------

    @property
    def here(self) -> Conversation:
        return Conversation(self.app.id, number=self.number)

    def person(self, login: str) -> Actor:
        return self.world.person(login)

    def say(self, login: str, body: str, where: Conversation | None = None) -> Comment:
        """Somebody comments, and it is heard and answered."""
        commented = self.world.say(where or self.here, login, body)
        self.note = hear(self.context, commented)
        self.work()
        return commented.comment

    def edit(self, comment: Comment, body: str, by: str = "") -> None:
        self.note = hear(self.context, self.world.edit(comment, body, by))
        self.work()

    note: str = ""

    def work(self) -> None:
        """Does the errands that answer; others are left."""
        while claimed := self.store.claim_errand("w", 60):
            known = {"acknowledge": acknowledge, "reply": reply}.get(claimed.errand.kind)
            self.store.errand_done(claimed, known.do(self.context, claimed) if known else "left alone")

    @property
    def answer(self) -> str:
        """The newest reply of the bot, "" when there is none."""
        replies = [body for body in self.world.bodies(self.here) if body.startswith("<!-- gateline:reply")]
        return replies[-1] if replies else ""

    def told(self, comment: Comment) -> frozenset[str]:
        return self.world.reactions(comment)

    def audit(self) -> list[tuple[str, str, str, bool]]:
        """(who, action, subject, accepted), oldest first."""
        return [(each.by.login, each.action, each.subject, each.accepted) for each in reversed(self.store.audit(ACCOUNT))]

    def candidate(self, job: str = "deploy", number: int = 1) -> Candidate:
        found = self.store.candidate(ACCOUNT, job, number)
        assert found is not None
        return found


def town(url: str, folder: Path, clock: MovableClock, bare: object = "auto") -> Town:
    return Town(Store(url, folder / "files", ("a key for tests only",), clock), clock, bare)
