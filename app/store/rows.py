"""Rows of the line as its frozen values, and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Row

from app.store.codec import clean, dumped
from app.store.values import RunView
from app.workflow.definition import Job
from app.workflow.line import Approval, Candidate, CandidateState, Lane, Run, RunRef, Status, Version, VersionRef

_PLAIN = tuple(each.name for each in fields(Run) if each.name not in ("ref", "lane", "status"))
"""Fields of a run that are columns of the same name."""

LABEL_KEY = 200


def run_of(row: Row[Any]) -> Run:
    plain = {name: row._mapping[name] for name in _PLAIN}
    return Run(ref=RunRef(row.job, row.number), lane=Lane(row.lane), status=Status(row.status), **plain)


def view_of(row: Row[Any]) -> RunView:
    return RunView(row.account, row.id, row.key, run_of(row))


def row_of_run(account: str, key: str, run: Run) -> dict[str, Any]:
    plain = {name: getattr(run, name) for name in _PLAIN}
    place = {"account": account, "key": key, "job": run.ref.job, "number": run.ref.number, "lane": run.lane.key}
    return plain | place | standing_of(run.status)


def standing_of(status: Status) -> dict[str, Any]:
    """A run's status, and the columns that repeat it for indexes."""
    return {"status": status.value, "live": not status.final, "executed": status.executed}


def version_of(row: Row[Any]) -> Version:
    return Version(
        ref=VersionRef(row.name, row.number),
        lane=Lane(row.lane),
        created=row.created,
        label=row.label,
        bag=row.bag,
        files=row.files,
        run=None if row.run_job is None else RunRef(row.run_job, row.run_number),
        status=None if row.status is None else Status(row.status),
        actors=row.actors,
    )


def label_key(label: str) -> str:
    return clean(label)[:LABEL_KEY]


def row_of_version(account: str, version: Version) -> dict[str, Any]:
    return {
        "account": account,
        "name": version.ref.name,
        "number": version.ref.number,
        "lane": version.lane.key,
        "created": version.created,
        "label": version.label,
        "label_key": label_key(version.label),
        "bag": version.bag,
        "files": version.files,
        "run_job": version.run.job if version.run else None,
        "run_number": version.run.number if version.run else None,
        "status": version.status.value if version.status else None,
        "good": version.status is not None and version.status.passed,
        "actors": version.actors,
    }


def candidate_of(row: Row[Any], approvals: Iterable[Row[Any]]) -> Candidate:
    body: Candidate = row.body
    given = tuple(Approval(each.by, each.digest, each.at, each.via, each.reason) for each in approvals)
    return replace(body, approvals=body.approvals + given, state=CandidateState(row.state), reason=row.reason)


def digest_of(job: Job) -> str:
    """The key of a job's definition in `definitions`."""
    return sha256(dumped(Job, job).encode()).hexdigest()
