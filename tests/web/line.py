"""A filled account over the real store and the local forge: two private sources, a gated job, a webhook, runs and versions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask.testing import FlaskClient

from app import create_app
from app.bell import InlineBell
from app.context import Context
from app.forges import ForgePort
from app.forges.local import actions
from app.forges.local.api import LocalForge, actor
from app.forges.local.disk import Disk, Endpoint, secret_at
from app.forges.local.hooks import LocalHooks
from app.registry import load
from app.store import Source, Store
from app.store.local import LocalDesk
from app.workflow.definition import Fragment, Gate, Input, Job, Output, Resource, Task
from app.workflow.events import Adopted, Event
from app.workflow.facts import Fact, FragmentAdopted, JobDefined, ResourceDefined, RunAdded, VersionAdded
from app.workflow.kinds import Kinds
from app.workflow.line import MAIN, Actor, Cause, Run, RunRef, Status, Version, VersionRef
from config.settings import Settings

ACCOUNT = "local:acme"
APP, SECRET_APP = "local:acme/app@main", "local:acme/vault@main"
TASK = Task("run", ("true",))
BUILD = Job("build", "runSh", APP, (TASK, Output("release")))
DEPLOY = Job("deploy", "runSh", APP, (Input("release", switch=False), TASK), gate=Gate())
HIDDEN = Job("hidden", "runSh", SECRET_APP, (TASK,))
RELEASE = Resource("release", "params", APP, content={"webhookKey": "s3cret"})
CALL = Resource("call", "webhook", APP, content={"webhookKey": "s3cret"})
CAUSE = Cause("push", "e1", "local:1", "acme/app", "a" * 40, "refs/heads/main", title="Faster")


@dataclass
class Account:
    """`token` makes one for a user; `client` asks the application."""

    context: Context
    store: Store
    forge: LocalForge
    client: FlaskClient

    def user(self, login: str, level: str) -> Actor:
        return actor(self.forge.desk.put_person(login, actions.LEVELS[level]))

    def token(self, *scopes: str, login: str = "alice", level: str = "write", seconds: float = 3600, admin: bool = False) -> str:
        actor = self.user(login, level)
        return self.store.issue_token(ACCOUNT, actor, scopes, self.store.now() + seconds, admin)

    def headers(self, *scopes: str, **who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(*scopes, **who)}"}

    def write(self, event: Event, *facts: Fact) -> None:
        with self.store.decision(ACCOUNT) as transaction:
            transaction.write(event, facts, ())


def an_account(store: Store, folder: Path) -> Account:
    endpoint = Endpoint("http://127.0.0.1:9/hooks/local", secret_at(folder / "secret"))
    forge = LocalForge(LocalDesk(store.database), Disk(folder / "repositories"), endpoint, "gateline")
    kinds = Kinds(load("app.resources"), load("app.jobs"))
    port = ForgePort("local", LocalHooks(endpoint.secret()), forge)
    settings = Settings(data_dir=folder, min_free=0, base_url="https://gate.example")
    context = Context(settings, store, {"local": port}, {}, {}, InlineBell(), kinds)
    account = Account(context, store, forge, create_app(context).test_client())
    _fill(account)
    return account


def _fill(account: Account) -> None:
    for key, name in ((APP, "acme/app"), (SECRET_APP, "acme/vault")):
        row = account.forge.desk.add_repository(name, "main", private=True)
        account.store.put_repository(account.forge.repository(name))
        account.store.add_source(Source(key, ACCOUNT, "local", f"local:{row.id}", name, "main"))
    now = account.store.now()
    fragments = (Fragment(APP, "a" * 40, (BUILD, DEPLOY), (RELEASE, CALL)), Fragment(SECRET_APP, "b" * 40, (HIDDEN,)))
    for number, fragment in enumerate(fragments):
        adopted = Adopted(key=f"adopted {number}", at=now, fragment=fragment, by=Actor("", "unknown"))
        jobs = (JobDefined(job) for job in fragment.jobs)
        resources = (ResourceDefined(resource) for resource in fragment.resources)
        account.write(adopted, *jobs, *resources, FragmentAdopted(fragment))
    runs = (
        Run(RunRef("build", 1), MAIN, Status.SUCCEEDED, (CAUSE,), now, started=now, ended=now),
        Run(RunRef("build", 2), MAIN, Status.QUEUED, (CAUSE,), now, pool="default"),
        Run(RunRef("hidden", 1), MAIN, Status.QUEUED, (CAUSE,), now, pool="default"),
    )
    version = Version(VersionRef("release", 1), MAIN, now, label="1.0", bag={"params": {"A": "b"}}, run=RunRef("build", 1))
    added = Event(key="filled", at=now)
    account.write(added, *(RunAdded(run) for run in runs), VersionAdded(version))
