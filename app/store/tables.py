"""The tables of accounts: their events, definitions, and where their repositories stand. `happened.py` has runs and versions.

Each index is there for one query of `load`.

`account` is its key (`github:acme`), `lane` a lane's key, times are seconds since the epoch. Booleans such as `live` repeat what
`status` says so that an index can find a few rows among millions.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

from app.store.codec import Stored, Words
from app.workflow.definition import Fragment, Job, Resource
from app.workflow.line import Actor

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"})

BigKey = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only for a column that is exactly INTEGER."""


def identity() -> Column[int]:
    return Column("id", BigKey, primary_key=True, autoincrement=True)


def text(name: str, default: str | None = "", **options: Any) -> Column[str]:
    return Column(name, Words(), nullable=default is None, default=default, **options)


def flag(name: str) -> Column[bool]:
    return Column(name, Boolean(), nullable=False, default=False)


accounts = Table("accounts", metadata, Column("key", Text(), primary_key=True))

events = Table(
    "events",
    metadata,
    identity(),
    Column("account", Text(), nullable=False),
    Column("key", String(200), nullable=False),
    Column("kind", Text(), nullable=False),
    Column("at", Double(), nullable=False),
    Column("facts", Text(), nullable=False),
    UniqueConstraint("account", "key"),
)

definitions = Table(
    "definitions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("job", Stored(Job), nullable=False),
)
"""Jobs as they were defined, by the SHA-256 of their JSON: runs and candidates keep theirs when the job changes."""

nodes = Table(
    "nodes",
    metadata,
    identity(),
    Column("account", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    text("type"),
    text("source"),
    Column("definition", String(64)),
    Column("resource", Stored(Resource)),
    text("watches"),
    Column("defined", Double()),
    Column("inconsistent", Stored(tuple[str, ...]), nullable=False, default=()),
    flag("paused"),
    Column("next_run", Integer(), nullable=False, default=1),
    Column("next_version", Integer(), nullable=False, default=1),
    Column("next_candidate", Integer(), nullable=False, default=1),
    UniqueConstraint("account", "name"),
    Index(None, "watches"),
    Index(None, "type"),
)
"""Every name of an account, a job (`definition`), a resource, or neither any more. `id` is its RESOURCE_ID for ever."""

edges = Table(
    "edges",
    metadata,
    identity(),
    Column("account", Text(), nullable=False),
    Column("job", Text(), nullable=False),
    Column("direction", String(4), nullable=False),
    Column("name", Text(), nullable=False),
    Index(None, "account", "direction", "name"),
    Index(None, "account", "job"),
)
"""IN (`in`) and OUT (`out`) steps: `name` is the other end. Of a `lock` its name, which jobs share."""

fragments = Table(
    "fragments",
    metadata,
    Column("account", Text(), primary_key=True),
    Column("source", Text(), primary_key=True),
    Column("fragment", Stored(Fragment), nullable=False),
    Column("repositories", Stored(dict[str, str]), nullable=False),
)

pins = Table(
    "pins",
    metadata,
    Column("account", Text(), primary_key=True),
    Column("job", Text(), primary_key=True),
    Column("resource", Text(), primary_key=True),
    Column("version", Text(), nullable=False),
    Column("number", Integer(), nullable=False),
    Column("by", Stored(Actor), nullable=False),
)

ready = Table(
    "ready",
    metadata,
    Column("account", Text(), primary_key=True),
    Column("job", Text(), primary_key=True),
    Column("lane", Text(), primary_key=True),
    Column("input", Text(), primary_key=True),
)

lanes = Table(
    "lanes",
    metadata,
    Column("account", Text(), primary_key=True),
    Column("lane", Text(), primary_key=True),
    text("repository"),
    text("full_name"),
    text("head"),
    Column("number", Integer()),
    text("title"),
    text("head_ref"),
    flag("fork"),
    Column("closed", Double()),
    Index(None, "account", "repository", "head_ref"),
    Index(None, "account", "repository", "head"),
)

tips = Table(
    "tips",
    metadata,
    Column("account", Text(), primary_key=True),
    Column("repository", Text(), primary_key=True),
    Column("ref", Text(), primary_key=True),
    Column("sha", Text(), nullable=False),
)

allowed = Table(
    "allowed",
    metadata,
    Column("account", Text(), primary_key=True),
    Column("repository", Text(), primary_key=True),
    Column("sha", Text(), primary_key=True),
    Column("number", Integer(), nullable=False),
    Column("by", Stored(Actor), nullable=False),
)
