"""The tables of what happens on a line: runs, versions, candidates, and what they come from."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, String, Table, Text, UniqueConstraint

from app.store.codec import Stored, Words
from app.store.tables import BigKey, flag, identity, metadata, text
from app.workflow.ci.reports import Report
from app.workflow.definition import JsonMap
from app.workflow.events import Left
from app.workflow.line import Actor, Candidate, Cause, Taken

runs = Table(
    "runs",
    metadata,
    identity(),
    Column("key", String(32), nullable=False, unique=True),
    Column("account", Text(), nullable=False),
    Column("job", Text(), nullable=False),
    Column("number", Integer(), nullable=False),
    Column("lane", Text(), nullable=False),
    Column("status", String(16), nullable=False),
    flag("live"),
    flag("executed"),
    Column("causes", Stored(tuple[Cause, ...]), nullable=False),
    Column("created", Double(), nullable=False),
    text("pool"),
    Column("priority", Integer(), nullable=False, default=9999),
    text("trigger"),
    Column("by", Stored(Actor)),
    flag("strict"),
    flag("immediate"),
    flag("manual"),
    Column("values", Stored(tuple[tuple[str, str], ...]), nullable=False, default=()),
    Column("inputs", Stored(tuple[Taken, ...]), nullable=False, default=()),
    flag("frozen"),
    Column("candidate", Integer()),
    text("token"),
    text("worker"),
    Column("lease", Double()),
    Column("started", Double()),
    Column("ended", Double()),
    text("reason"),
    Column("code", Integer()),
    text("held"),
    flag("cancelling"),
    Column("retry_of", Integer()),
    Column("attempt", Integer(), nullable=False, default=1, server_default="1"),
    Column("due", Double()),
    Column("definition", String(64)),
    UniqueConstraint("account", "job", "number"),
    Index(None, "account", "job", "live"),
    Index(None, "account", "live", "lane", "job"),
    Index(None, "account", "job", "lane", "executed", "number"),
    Index(None, "account", "job", "lane", "number"),
    Index(None, "status", "pool", "account"),
    Index(None, "status", "lease"),
    Index(None, "account", "id"),
    Index(None, "live", "id"),
    Index(None, "due"),
)

matrices = Table(
    "matrices",
    metadata,
    Column("run", BigKey, primary_key=True, autoincrement=False),
    Column("token", Text(), nullable=False),
    Column("files", Stored(dict[str, str]), nullable=False),
)
"""CI runs that have their cells: the token of the run as it made them, and the texts of the files that they follow from."""

cells = Table(
    "cells",
    metadata,
    Column("run", BigKey, primary_key=True, autoincrement=False),
    Column("number", Integer(), primary_key=True, autoincrement=False),
    text("title"),
    text("pool"),
    flag("allow_failure"),
    Column("status", String(16), nullable=False),
    text("reason"),
    Column("code", Integer()),
    text("token"),
    text("worker"),
    Column("lease", Double()),
    Column("started", Double()),
    Column("ended", Double()),
    flag("copied"),
    Column("own", Stored(Left), nullable=False),
    Column("outputs", Stored(dict[str, Left]), nullable=False),
    Column("report", Stored(Report)),
    Column("last", Integer(), nullable=False, default=0),
    Index(None, "status", "pool"),
)
"""Cells of CI runs. `status` is that of a run: queued, running, or how it ended. `last` is the number of the last chunk of its log."""

caused = Table(
    "caused",
    metadata,
    identity(),
    Column("repository", Text(), nullable=False),
    Column("sha", Text(), nullable=False),
    Column("kind", String(9), nullable=False),
    Column("subject", BigKey, nullable=False),
    UniqueConstraint("repository", "sha", "kind", "subject"),
)
"""Which runs, candidates and not-runs (`kind`: run, candidate, not_run; `subject`: its id) a commit caused."""

summaries = Table(
    "summaries",
    metadata,
    Column("run", BigKey, primary_key=True, autoincrement=False),
    Column("text", Words(), nullable=False),
)
"""What runs wrote about themselves, by the run's `id`."""

versions = Table(
    "versions",
    metadata,
    identity(),
    Column("account", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("number", Integer(), nullable=False),
    Column("lane", Text(), nullable=False),
    Column("created", Double(), nullable=False),
    text("label"),
    Column("label_key", String(200), nullable=False),
    Column("bag", Stored(JsonMap), nullable=False),
    Column("files", Text()),
    Column("run_job", Text()),
    Column("run_number", Integer()),
    Column("status", String(16)),
    flag("good"),
    Column("actors", Stored(tuple[Actor, ...]), nullable=False, default=()),
    Column("causes", Stored(tuple[Cause, ...]), nullable=False, default=()),
    UniqueConstraint("account", "name", "number"),
    Index(None, "account", "name", "lane", "number"),
    Index(None, "account", "name", "lane", "good", "number"),
    Index(None, "account", "name", "lane", "label_key", "number"),
)
"""`label_key` is the start of the label: PostgreSQL's index rows are bounded, labels are not."""

lineage = Table(
    "lineage",
    metadata,
    Column("account", Text(), primary_key=True),
    Column("name", Text(), primary_key=True),
    Column("number", Integer(), primary_key=True),
    Column("parent", Text(), primary_key=True),
    Column("parent_number", Integer(), primary_key=True),
)
"""Direct parents of each version."""

candidates = Table(
    "candidates",
    metadata,
    identity(),
    Column("account", Text(), nullable=False),
    Column("job", Text(), nullable=False),
    Column("number", Integer(), nullable=False),
    Column("lane", Text(), nullable=False),
    Column("state", String(12), nullable=False),
    Column("expires", Double()),
    text("reason"),
    Column("ended", Double()),
    Column("run", Integer()),
    Column("definition", String(64), nullable=False),
    Column("body", Stored(Candidate), nullable=False),
    UniqueConstraint("account", "job", "number"),
    Index(None, "account", "job", "state"),
    Index(None, "account", "job", "lane", "state", "number"),
    Index(None, "account", "job", "lane", "number"),
    Index(None, "account", "state", "lane", "job"),
    Index(None, "state", "expires"),
)
"""`body` is the candidate as proposed; what changes afterwards is in columns and in `approvals`."""

approvals = Table(
    "approvals",
    metadata,
    identity(),
    Column("account", Text(), nullable=False),
    Column("job", Text(), nullable=False),
    Column("number", Integer(), nullable=False),
    Column("by", Stored(Actor), nullable=False),
    Column("digest", Text(), nullable=False),
    Column("at", Double(), nullable=False),
    text("via"),
    text("reason"),
    Index(None, "account", "job", "number"),
)

not_run = Table(
    "not_run",
    metadata,
    identity(),
    Column("account", Text(), nullable=False),
    Column("job", Text(), nullable=False),
    Column("lane", Text(), nullable=False),
    Column("causes", Stored(tuple[Cause, ...]), nullable=False),
    Column("state", String(12), nullable=False),
    text("because"),
    text("reason"),
    Column("at", Double(), nullable=False),
)
