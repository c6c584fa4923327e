"""Adoptions as runs of the source's rSync job, where there is one (spec/workflow-language.md section 1.2).

The adoption has happened when its run is recorded here; a run that somebody asks for adopts by the executor `sync`.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from app.context import Context
from app.executors import ChunkedLog
from app.react import react
from app.store import Chunk, Source
from app.workflow.automatic import SYNC_JOB, sync_job_name
from app.workflow.definition import Severity
from app.workflow.events import RunReported
from app.workflow.facts import RunStarted
from app.workflow.line import Actor, Cause, Node, Status
from app.workflow.synced import Synced

LONGEST = 60.0
"""Seconds that a record takes at most; one that is broken off counts as lost then."""


def paused(context: Context, source: Source) -> bool:
    """Whether people paused the job: then only they adopt, by running it."""
    job = _sync_job(context, source)
    return job is not None and job.paused


def record(context: Context, before: Source, by: Actor, said: str) -> None:
    """Makes a finished run of the rSync job, with every problem in its log, if the source changed since it was as `before`."""
    after, job = context.store.source(before.key), _sync_job(context, before)
    if after is None or job is None or not _news(before, after):
        return
    synced = Synced(said, after.problems, after.sha_seen)
    begun = _begun(context, after, job.name, by)
    token = next((fact.token for fact in react(context, after.account, begun).facts if isinstance(fact, RunStarted)), "")
    if not token:
        return
    _write(context, after.account, token, job, synced)
    ended = replace(begun, key=f"{begun.key}:ended", at=context.store.now(), status=synced.status, own=synced.own, reason=synced.reason)
    react(context, after.account, ended)


def _sync_job(context: Context, source: Source) -> Node | None:
    node: Node = context.store.ask(source.account, lambda line: line.node(sync_job_name(source.key)))
    mine = node.job is not None and node.job.type == SYNC_JOB and node.job.source == source.key
    return node if mine else None


def _news(before: Source, after: Source) -> bool:
    """Whether files or problems are others now, or the same problems are in a newer commit."""
    wrong = any(problem.severity is Severity.ERROR for problem in after.problems)
    again = wrong and after.sha_seen != before.sha_seen
    return again or dict(after.blobs) != dict(before.blobs) or after.problems != before.problems


def _begun(context: Context, source: Source, job: str, by: Actor) -> RunReported:
    at, build = context.store.now(), f"{source.sha_seen}:{secrets.token_hex(8)}"
    cause = Cause(
        kind="adoption",
        event=f"sync:{source.key}:{build}",
        repository=source.repository,
        full_name=source.full_name,
        sha=source.sha_seen,
        ref=f"refs/heads/{source.branch}",
        actors=(by,),
        title=f"workflow files of {source.full_name}",
    )
    return RunReported(key=cause.event, at=at, job=job, build=build, status=Status.RUNNING, cause=cause, lease=at + LONGEST)


def _write(context: Context, account: str, token: str, job: Node, synced: Synced) -> None:
    """The run's log."""
    store, numbers = context.store, iter(range(1, 1_000_000))
    (run,) = (each.run.ref for each in store.runs(account, job.name, live=True) if each.run.token == token)

    def append(section: str, text: str, at: float) -> None:
        store.append_log(account, run, token, [Chunk(next(numbers), at, section, text)])

    log = ChunkedLog(append, (), store.now, context.settings.max_log)
    log.section("Sync")
    log.write("".join(f"{line}\n" for line in synced.lines).encode())
    log.close()
