"""One job of workflow files run on this machine without a service: a scratch installation in a temporary folder, gone afterwards.

All of it is real: adoption, claim, plan, checkout, sandbox. Only the job itself is adopted, with stand-ins for the jobs that it takes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

import structlog

from app.bell import InlineBell
from app.cli.shown import HERE, Shown
from app.context import Context
from app.errands._run import claim, execute
from app.errors import NotFound, Refused
from app.forges.local import actions
from app.forges.local.api import LocalForge
from app.forges.local.git import BareRepository, GitFailed
from app.react import react
from app.store import RunView, SecretRow
from app.wire import build
from app.workflow.definition import Fragment, Job, Task, Workflow
from app.workflow.events import Adopted, Commit, Event, Left, PauseChanged, Repository, RunEnded, Triggered, VersionPosted
from app.workflow.facts import Denied
from app.workflow.line import MAIN, Actor, Status
from app.workflow.plan import Result
from config.settings import Settings

ACCOUNT = "local:here"
ME = Actor("local:me", "me")


@dataclass(frozen=True, slots=True)
class Given:
    """What a run takes that the files do not say. `versions`: resource or job -> its keys, `versionName` among them; `integrations`:
    name -> its fields, `type` among them; `repositories`: `owner/name`, lower-cased -> a working tree on this machine."""

    versions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    integrations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    repositories: Mapping[str, Path] = field(default_factory=dict)
    values: tuple[tuple[str, str], ...] = ()


@contextmanager
def scratch(confined: bool) -> Iterator[Context]:
    """A context over nothing, whatever the environment and `gateline.toml` say."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with TemporaryDirectory(prefix="gateline-run-") as folder:
        told = {"data_dir": folder, "base_url": "http://localhost", "unsafe_local": True, "min_free": 0}
        settings = Settings.model_validate({**told, "sandbox": "auto" if confined else "off"})
        context = build(settings, InlineBell())
        context.store.migrate()
        yield context
        context.store.close()


def run_from_files(workflow: Workflow, name: str, given: Given, confined: bool, out: TextIO) -> Result:
    """Its log goes to `out`. Raises NotFound, Refused with what is missing."""
    with scratch(confined) as context:
        return _run(context, workflow, name, given, out)


def _run(context: Context, workflow: Workflow, name: str, given: Given, out: TextIO) -> Result:
    job = workflow.jobs.get(name)
    if job is None:
        known = ", ".join(workflow.jobs) or "none"
        raise NotFound(f"these files define no job called {name}; they define {known}")
    if job.name in workflow.inconsistent:
        raise Refused(f"{name} cannot run: {workflow.inconsistent[name][0]}")
    _adopt(context, workflow, job, given)
    _stand_in(context, workflow, job, given)
    shown = Shown(context.executors["local"], context.settings.max_log, out)
    context = replace(context, executors={each: replace(shown, executor=context.executors[each]) for each in HERE})
    _happen(context, _asked(context, job, given.values))
    execute(context, _claimed(context, job), lambda: "")
    if shown.results:
        return shown.results[-1]
    ended = context.store.runs(ACCOUNT, name, limit=1)[0].run
    return Result(ended.status, ended.reason, ended.code)


def _adopt(context: Context, workflow: Workflow, job: Job, given: Given) -> None:
    stand_ins = tuple(
        Job(step.name, "runSh", job.source, (Task("stand-in", ("true",)),)) for step in job.inputs if step.name in workflow.jobs
    )
    names = {step.name for step in job.inputs} | {step.name for step in job.outputs}
    resources = tuple(replace(each, source=job.source) for each in workflow.resources.values() if each.name in names)
    repositories = {path: _repository(context, path, tree) for path, tree in given.repositories.items()}
    tips = {}
    for each in resources:
        watched = str(each.content.get("sourceName", "")).lower()
        if watched in repositories:
            tips[each.name] = _tip(context, repositories[watched])
    fragment = Fragment(job.source, "here", (*stand_ins, job), resources)
    for integration, fields in given.integrations.items():
        values = {key: str(value) for key, value in fields.items() if key != "type"}
        row = SecretRow(ACCOUNT, integration, str(fields.get("type", "keyValuePair")), tuple(values), (job.source,), False)
        context.store.put_secret(row, values)
    _happen(context, Adopted(key="adopt", at=context.store.now(), fragment=fragment, by=ME, repositories=repositories, tips=tips))
    _happen(context, PauseChanged(key="pause", at=context.store.now(), by=ME, via="cli", job=job.name, paused=True))


def _stand_in(context: Context, workflow: Workflow, job: Job, given: Given) -> None:
    """The versions that are given, and a successful run of each stand-in."""
    for step in job.inputs:
        keys = {key: str(value) for key, value in given.versions.get(step.name, {}).items()}
        if step.name in workflow.jobs:
            _succeed(context, workflow.jobs[step.name], keys)
        elif keys:
            _post(context, step.name, keys)


def _succeed(context: Context, job: Job, keys: Mapping[str, str]) -> None:
    _happen(context, _asked(context, job, ()))
    run = _claimed(context, job).run
    own = Left(tuple(keys.items()))
    ended = RunEnded(
        key=f"end {job.name}",
        at=context.store.now(),
        job=job.name,
        number=run.ref.number,
        token=run.token,
        status=Status.SUCCEEDED,
        own=own,
    )
    _happen(context, ended)


def _post(context: Context, name: str, keys: dict[str, str]) -> None:
    node, past = context.store.ask(ACCOUNT, lambda line: (line.node(name), line.past(name)))
    kind = context.kinds.resources[node.resource.type] if node.resource else None
    if kind is None:
        raise Refused(f"these files define no resource called {name}")
    label = keys.pop("versionName", past.latest.label if past.latest else "")
    bag = kind.merge(past.latest.bag if past.latest else {}, keys)
    _happen(context, VersionPosted(key=f"post {name}", at=context.store.now(), resource=name, label=label, bag=bag, by=ME))


def _asked(context: Context, job: Job, values: tuple[tuple[str, str], ...]) -> Triggered:
    at = context.store.now()
    return Triggered(key=f"run {job.name}", at=at, by=ME, via="cli", job=job.name, lane=MAIN, values=values, break_glass="run by hand")


def _claimed(context: Context, job: Job) -> RunView:
    """Raises Refused when the run may not start: something that it takes is not given."""
    view = claim(context, (job.runtime.pool or "default", "default"), "this machine")
    if view is None or view.run.ref.job != job.name:
        ended = context.store.runs(ACCOUNT, job.name, limit=1)
        reason = ended[0].run.reason if ended else "it may not start"
        raise Refused(f"{job.name} has nothing to run with: {reason}. Say what it takes in the file of --inputs")
    return view


def _happen(context: Context, event: Event) -> None:
    for fact in react(context, ACCOUNT, event).facts:
        if isinstance(fact, Denied):
            raise Refused(fact.reason)


# -- repositories ----------------------------------------------------------------------------------------------------------------


def _repository(context: Context, name: str, tree: Path) -> Repository:
    """A repository of that name with what lies in the working tree `tree`: its commit, and over it what is changed and not committed."""
    forge = context.forges["local"].api
    assert isinstance(forge, LocalForge)  # noqa: S101 - for the type checker: `build` made it
    made = actions.create_repository(forge, name)
    context.store.put_repository(made)
    bare = forge.bare(made.id)
    (bare.path / "hooks" / "post-receive").unlink()
    git = BareRepository(tree)
    try:
        who = ("-c", "user.name=gateline", "-c", "user.email=gateline@localhost")
        changed = git.run(*who, "stash", "create").decode().strip()
        commit = changed or git.run("rev-parse", "--verify", "HEAD").decode().strip()
        git.run("push", "--quiet", "--no-verify", "--", str(bare.path), f"{commit}:refs/heads/main")
    except GitFailed as problem:
        raise Refused(f"{tree} cannot be taken for {name}: {problem}") from None
    return made


def _tip(context: Context, repository: Repository) -> Commit:
    found = context.forges["local"].api.tip(repository.id, "main")
    assert found is not None  # noqa: S101 - it was pushed just now
    return found
