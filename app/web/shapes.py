"""Our values as the JSON that the API answers. Times are seconds since the epoch, secret fields and fencing tokens are left out."""

from __future__ import annotations

from collections.abc import Iterable

from app.store import AuditEntry, RunView, Source, Stuck, WorkerRow
from app.workflow.ci.outcome import CellRun
from app.workflow.ci.reports import Report
from app.workflow.definition import Job, Json
from app.workflow.line import Actor, Candidate, Cause, Node, Taken, Version

Shape = dict[str, Json]


def person(actor: Actor | None) -> Json:
    return {"id": actor.id, "login": actor.login} if actor else None


def run(view: RunView, base_url: str) -> Shape:
    it = view.run
    return {
        "id": view.id,
        "key": view.key,
        "url": f"{base_url}/runs/{view.key}",
        "job": it.ref.job,
        "number": it.ref.number,
        "lane": it.lane.label,
        "status": it.status.value,
        "final": it.status.final,
        "reason": it.reason,
        "code": it.code,
        "pool": it.pool,
        "trigger": it.trigger,
        "by": person(it.by),
        "created": it.created,
        "started": it.started,
        "ended": it.ended,
        "inputs": inputs(it.inputs),
        "causes": [cause(each) for each in it.causes],
    }


def cell(it: CellRun) -> Shape:
    return {
        "index": it.index,
        "title": it.title,
        "pool": it.pool,
        "status": it.status.value,
        "reason": it.reason,
        "code": it.code,
        "allowFailure": it.allow_failure,
        "copied": it.copied,
        "started": it.started,
        "ended": it.ended,
        "tests": report(it.report) if it.report else None,
    }


def report(it: Report) -> Shape:
    counts: Shape = {"passed": it.passed, "failed": it.failed, "skipped": it.skipped}
    return {**counts, "failures": list(it.failures), "coverage": it.coverage}


def inputs(taken: Iterable[Taken]) -> Json:
    return {each.name: each.version.number if each.version else None for each in taken}


def cause(it: Cause) -> Shape:
    return {"kind": it.kind, "repository": it.full_name, "sha": it.sha, "ref": it.ref, "number": it.number, "title": it.title}


def candidate(it: Candidate) -> Shape:
    return {
        "job": it.job,
        "number": it.number,
        "lane": it.lane.label,
        "state": it.state.value,
        "digest": it.digest,
        "inputs": inputs(it.inputs),
        "values": dict(it.values),
        "changes": list(it.changes),
        "approvals": [{"by": person(each.by), "at": each.at, "reason": each.reason} for each in it.approvals],
        "created": it.created,
        "expires": it.expires,
    }


def listed_job(it: Job) -> Shape:
    return {"name": it.name, "type": it.type, "source": it.source, "gated": it.gate is not None}


def job(node: Node, it: Job) -> Shape:
    return {
        **listed_job(it),
        "paused": node.paused,
        "problems": list(node.inconsistent),
        "inputs": [step.name for step in it.inputs],
        "outputs": [step.name for step in it.outputs],
        "consumers": list(node.consumers),
        "pins": {name: version.number for name, version in node.pins.items()},
        "candidates": [candidate(each) for each in node.open],
        "runs": [{"number": each.ref.number, "status": each.status.value, "lane": each.lane.label} for each in node.active],
    }


def version(number: int, it: Version) -> Shape:
    return {
        "id": number,
        "number": it.ref.number,
        "label": it.label,
        "lane": it.lane.label,
        "created": it.created,
        "bag": dict(it.bag),
        "run": str(it.run) if it.run else None,
    }


def audit_entry(it: AuditEntry) -> Shape:
    told: Shape = {"at": it.at, "account": it.account, "by": person(it.by), "action": it.action, "subject": it.subject}
    return {**told, "accepted": it.accepted, "detail": it.detail, "via": it.via}


def source(it: Source) -> Shape:
    problems: list[Json] = [str(problem) for problem in it.problems]
    told: Shape = {"key": it.key, "account": it.account, "repository": it.full_name, "branch": it.branch, "private": it.private}
    return {**told, "commit": it.commit, "problems": problems}


def stuck(it: Stuck) -> Shape:
    told: Shape = {"id": it.id, "account": it.account, "kind": it.errand.kind, "state": it.state, "attempts": it.attempts}
    return {**told, "due": it.due, "problem": it.problem}


def worker(it: WorkerRow) -> Shape:
    told: Shape = {"name": it.name, "host": it.host, "pools": list(it.pools)}
    return {**told, "started": it.started, "seen": it.seen, "run": it.run}
