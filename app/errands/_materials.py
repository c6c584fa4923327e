"""What a run needs beside its plan's text: the versions it takes, integrations, secrets, clone sources and state files."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.context import Context
from app.errors import NotFound, Refused
from app.executors import Materials
from app.forges import CloneSource
from app.reach import may_clone, not_reached
from app.store import RunView
from app.workflow.definition import Job, Resource
from app.workflow.line import MAIN, Lane, Line, Version, VersionRef
from app.workflow.plan import Checkout, Held, Integration, Plan, PlanInputs, Sealed, Secret
from app.workflow.secure import pairs


def plan_inputs(context: Context, view: RunView, job: Job) -> PlanInputs:
    """All that a plan depends on, read at the moment the run starts (`state` INs and the job's previous state included)."""
    store, run = context.store, view.run
    taken = {each.name: each.version for each in run.inputs}
    inputs = {step.name: _held(context, view, step.name, taken.get(step.name)) for step in job.inputs}
    outputs = {step.name: _held(context, view, step.name, _newest(context, view, step.name)) for step in job.outputs}
    previous = _newest(context, view, job.name)
    held = [*inputs.values(), *outputs.values()]
    return PlanInputs(
        run=run,
        run_id=str(view.id),
        job_id=str(store.object_id(view.account, job.name)),
        account=view.account,
        lane=run.lane,
        inputs=inputs,
        outputs=outputs,
        previous=_version(context, view, previous)[1] if previous else None,
        integrations=_integrations(context, view, job, [each.resource for each in held if each.resource]),
        urls={"run": f"{context.settings.url}/runs/{view.key}", "www": context.settings.url},
        host_tasks=context.settings.of(view.account).host_tasks,
        default_timeout=context.settings.default_timeout,
        kinds=context.kinds.resources,
        architecture=platform.machine(),
        operating_system=platform.system(),
    )


def _held(context: Context, view: RunView, name: str, ref: VersionRef | None) -> Held:
    node = context.store.ask(view.account, lambda line: line.node(name))
    type = node.resource.type if node.resource else node.job.type if node.job else ""
    id, version = _version(context, view, ref) if ref else ("", None)
    return Held(name, type, str(context.store.object_id(view.account, name)), node.resource, version, id)


def _version(context: Context, view: RunView, ref: VersionRef) -> tuple[str, Version | None]:
    found = context.store.version(view.account, ref)
    return (str(found[0]), found[1]) if found else ("", None)


def _newest(context: Context, view: RunView, name: str) -> VersionRef | None:
    """The newest version in the run's lane, else main's."""

    def latest(line: Line, lane: Lane) -> Version | None:
        return line.past(name, lane).latest

    own = context.store.ask(view.account, lambda line: latest(line, view.run.lane))
    found = own or context.store.ask(view.account, lambda line: latest(line, MAIN))
    return found.ref if found else None


def _integrations(context: Context, view: RunView, job: Job, resources: Iterable[Resource]) -> dict[str, Integration]:
    """The integrations that the job or its resources name and its source may see; those of repositories are the forge's own affair."""
    wanted = {*job.integrations, *(each.integration for each in resources if each.integration and not each.watches)}
    gated = view.run.candidate is not None
    rows = {row.name: row for row in context.store.secret_rows(view.account)}
    return {
        name: Integration(name, rows[name].type, rows[name].fields)
        for name in sorted(wanted)
        if name in rows and job.source in rows[name].sources and (gated or not rows[name].gated)
    }


def materials_of(context: Context, view: RunView, plan: Plan) -> Materials:
    """What the plan names, fetched: values of its secrets, sources of its clones, its state files. Raises Refused, Temporary."""
    return materials_for(context, view, plan, context.store.definition_at(view.account, view.run.ref))


def materials_for(context: Context, view: RunView, plan: Plan, job: Job) -> Materials:
    """The same, of a run that the store need not know, as `job` defines it."""
    secrets = _secrets(context, view, plan, job)
    sealed = {each.text: _opened(context, view.account, job, each) for each in plan.hidden() if isinstance(each, Sealed)}
    clones = {each.repository: _clone(context, view.account, each) for each in plan.checkouts}
    values = (*secrets.values(), *sealed.values())
    mask = {value for each in values for value in each.values()} | {text for each in clones.values() for text in each.secrets}

    def keep(folder: Path) -> str | None:
        return context.store.keep_files(view.account, folder)

    found = Materials(secrets, clones, context.store.fetch_files, keep, tuple(sorted(text for text in mask if text)), sealed)
    if plan.cache is None:
        return found
    place = (view.account, plan.cache.repository)
    return replace(found, fetch_cache=partial(context.store.fetch_cache, *place), keep_cache=partial(context.store.keep_cache, *place))


def _secrets(context: Context, view: RunView, plan: Plan, job: Job) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name in sorted({each.integration for each in plan.hidden() if isinstance(each, Secret)}):
        try:
            found[name] = dict(context.store.reveal(view.account, name, job.source, view.run.candidate is not None))
        except NotFound:
            raise Refused(f"there is no integration called {name}: `gateline secret set {name} --account {view.account}`") from None
    return found


def _opened(context: Context, account: str, job: Job, sealed: Sealed) -> dict[str, str]:
    """By the key of the repository whose text it is, else the account's: another's text is of no use to a job. Raises Refused."""
    source = context.store.source(job.source)
    text = context.store.unseal(account, sealed.repository or (source.repository if source else ""), sealed.text)
    try:
        return pairs(text)
    except ValueError as problem:
        raise Refused(f"a `secure` text of {job.name} decrypts to what is no KEY=VALUE: {problem}") from None


def _clone(context: Context, account: str, checkout: Checkout) -> CloneSource:
    """With the service's credentials. Raises Refused."""
    require_reachable(context, account, checkout.name, checkout.repository)
    return context.forges[checkout.repository.partition(":")[0]].api.clone_source(checkout.repository)


def require_reachable(context: Context, account: str, name: str, repository: str) -> None:
    """Raises Refused unless the account watches the repository of the resource `name`, and reaches it now."""
    known = context.store.repository(repository)
    if known is None or not context.store.ask(account, lambda line: line.watching(repository)):
        raise Refused(f"{name} names a repository ({repository}) that no gitRepo of {account} watches: it is not cloned")
    if not may_clone(context, account, known):
        raise Refused(f"{name} cannot be cloned: {not_reached(known, account)}")
