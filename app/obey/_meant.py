"""Which jobs a call is about: the one it names, over all accounts that may be meant, or those found on the commit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.commands import Found, Spot
from app.context import Context
from app.store import Source, Standing
from app.workflow import say
from app.workflow.comment import Call, alike, named
from app.workflow.definition import Job
from app.workflow.line import Line


@dataclass(frozen=True, slots=True)
class Meant:
    """Jobs of one account, each with the source that defines it; `found` is what there is of them."""

    account: str
    jobs: tuple[tuple[Job, Source], ...]
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """No job is meant: why, and the name that probably was."""

    reason: str
    nearest: str = ""


def by_name(context: Context, accounts: Iterable[str], call: Call, shown: Spot | None, in_conversation: bool) -> Meant | Unknown:
    """The job that `call` names, in the first of `accounts` that has it; whatever its case, where that is unique."""
    suggestions: list[str] = []
    for account in accounts:
        job = context.store.ask(account, lambda line: line.node(call.job).job)
        if job is None:
            names = _job_names(context, account)
            spelt = named(call.job, names)
            if len(spelt) > 1:
                return Unknown(say.ambiguous_job(call.job, sorted(spelt)), spelt[0])
            suggestions += [] if spelt else _visible_of(context, account, alike(call.job, names), shown, in_conversation)
            job = _job(context, account, spelt[0]) if spelt else None
        source = context.store.source(job.source) if job else None
        if job and source:
            return Meant(account, ((job, source),), (_found(context, account, job.name, shown),))
    return Unknown(say.unknown_job(call.job, suggestions[:3]), suggestions[0] if suggestions else "")


def on_commit(context: Context, accounts: Iterable[str], spot: Spot | None) -> tuple[Meant, ...]:
    """All jobs that have something on the commit, by account; at least one (empty) answer when there is an account."""
    standing = context.store.standing(spot.repository, spot.sha) if spot else ()
    known = tuple(accounts)
    meant = []
    for account in known:
        found = tuple(_as_found(each) for each in standing if each.account == account)
        pairs = tuple(pair for each in found if (pair := _defined(context, account, each.job)))
        meant.append(Meant(account, pairs, found))
    return tuple(each for each in meant if each.found) or tuple(meant[:1])


def visible(context: Context, source: Source, repository: str) -> bool:
    """Whether readers of `repository` may see what `source` defines (product.md section 6, Privacy)."""
    if source.repository == repository or not source.private:
        return True
    here = context.store.repository(repository)
    return here is not None and here.private


def _job(context: Context, account: str, name: str) -> Job | None:
    return context.store.ask(account, lambda line: line.node(name).job)


def _defined(context: Context, account: str, name: str) -> tuple[Job, Source] | None:
    job = _job(context, account, name)
    source = context.store.source(job.source) if job else None
    return (job, source) if job and source else None


def _job_names(context: Context, account: str) -> tuple[str, ...]:
    def names(line: Line) -> tuple[str, ...]:
        return tuple(job.name for fragment in line.fragments().of.values() for job in fragment.jobs)

    return context.store.ask(account, names)


def _visible_of(context: Context, account: str, names: Iterable[str], spot: Spot | None, in_conversation: bool) -> list[str]:
    """Those of `names` that may be spoken of: where no conversation shows to whom, public ones only."""
    pairs = [pair for name in names if (pair := _defined(context, account, name))]
    repository = spot.repository if spot and in_conversation else ""
    return [job.name for job, source in pairs if visible(context, source, repository)]


def _found(context: Context, account: str, job: str, spot: Spot | None) -> Found:
    if spot:
        standing = context.store.standing(spot.repository, spot.sha, job)
        return next((_as_found(each) for each in standing if each.account == account), Found(job))
    node = context.store.ask(account, lambda line: line.node(job))
    runs = {run.ref: run for run in node.active}
    runs.update((view.run.ref, view.run) for view in context.store.runs(account, job, limit=20))
    return Found(job, tuple(sorted(runs.values(), key=lambda run: run.ref, reverse=True)), node.open)


def _as_found(standing: Standing) -> Found:
    return Found(
        standing.job,
        tuple(view.run for view in standing.runs),
        standing.candidates,
        tuple(omission for omission, _ in standing.not_run),
    )
