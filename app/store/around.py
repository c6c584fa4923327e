"""The tables around the line: sources, deliveries, the outbox, what was written outside, logs, secrets, keys, people and workers."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from app.store.codec import Stored
from app.store.tables import BigKey, flag, identity, metadata, text
from app.workflow.definition import JsonMap, Problem
from app.workflow.events import Repository
from app.workflow.line import Actor

sources = Table(
    "sources",
    metadata,
    Column("key", Text(), primary_key=True),
    Column("account", Text(), nullable=False),
    Column("forge", Text(), nullable=False),
    Column("repository", Text(), nullable=False),
    Column("full_name", Text(), nullable=False),
    Column("branch", Text(), nullable=False),
    Column("private", Boolean(), nullable=False),
    text("commit"),
    Column("blobs", Stored(dict[str, str]), nullable=False),
    Column("problems", Stored(tuple[Problem, ...]), nullable=False),
    text("sha_seen"),
    Index(None, "account"),
    Index(None, "repository"),
)

repositories = Table(
    "repositories",
    metadata,
    Column("id", Text(), primary_key=True),
    Column("name_key", Text(), nullable=False),
    Column("body", Stored(Repository), nullable=False),
    Index(None, "name_key"),
)
"""`name_key` is `<forge>:<owner>/<name>` in lower case; a name belongs to whoever had it last."""

baselines = Table(
    "baselines",
    metadata,
    Column("repository", Text(), primary_key=True),
    Column("tips", Stored(dict[str, str]), nullable=False),
)

imports = Table(
    "imports",
    metadata,
    Column("source", Text(), primary_key=True),
    Column("commit", Text(), primary_key=True),
    Column("url", Text(), primary_key=True),
    text("text"),
)
"""What a source's files at a commit import, as it was when it was fetched."""

deliveries = Table(
    "deliveries",
    metadata,
    identity(),
    Column("forge", String(64), nullable=False),
    Column("hook", String(200), nullable=False),
    Column("delivery", String(200), nullable=False),
    Column("body_hash", String(64), nullable=False),
    text("event"),
    Column("headers", Stored(dict[str, str]), nullable=False),
    Column("body", LargeBinary(), nullable=False),
    Column("received", Double(), nullable=False),
    text("outcome"),
    UniqueConstraint("forge", "hook", "delivery", "body_hash"),
)

errands = Table(
    "errands",
    metadata,
    identity(),
    Column("account", Text(), nullable=False),
    Column("kind", Text(), nullable=False),
    Column("args", Stored(JsonMap), nullable=False),
    Column("key", Text()),
    flag("replaces"),
    Column("due", Double(), nullable=False),
    Column("state", String(8), nullable=False),
    text("token"),
    text("worker"),
    Column("lease", Double()),
    Column("attempts", Integer(), nullable=False, default=0),
    Column("created", Double(), nullable=False),
    Column("ended", Double()),
    text("note"),
    Index(None, "state", "due", "id"),
    Index(None, "account", "key", "state", "id"),
    Index(None, "state", "lease"),
)
"""The outbox. `state` is due, held (in hand until `lease`), done, void (a newer one replaced it) or failed; `note` what came of it."""

locks = Table("locks", metadata, Column("name", Text(), primary_key=True))
"""Rows to lock for what must happen one at a time, whatever the database."""

statuses = Table(
    "statuses",
    metadata,
    Column("repository", Text(), primary_key=True),
    Column("sha", Text(), primary_key=True),
    Column("context", Text(), primary_key=True),
    Column("job", Text(), nullable=False),
    Column("state", String(16), nullable=False),
    text("description"),
    text("url"),
    Column("at", Double(), nullable=False),
    Index(None, "repository", "job"),
)
"""Commit statuses as last written. `job` is what stands behind the bot's name in `context`."""

posted = Table(
    "posted",
    metadata,
    Column("purpose", Text(), primary_key=True),
    Column("subject", Text(), primary_key=True),
    Column("place", Text(), nullable=False),
    Column("id", Text(), nullable=False),
    text("digest"),
    Column("at", Double(), nullable=False),
    Column("edits", Integer(), nullable=False, default=0),
    Index(None, "place", "id"),
)

logs = Table(
    "logs",
    metadata,
    Column("run", BigKey, primary_key=True, autoincrement=False),
    Column("last", Integer(), nullable=False),
)
"""The number of the last chunk kept of each run; the chunks themselves are files."""

secrets = Table(
    "secrets",
    metadata,
    Column("account", Text(), primary_key=True),
    Column("name", Text(), primary_key=True),
    Column("type", Text(), nullable=False),
    Column("fields", Stored(tuple[str, ...]), nullable=False),
    Column("sources", Stored(tuple[str, ...]), nullable=False),
    flag("gated"),
    Column("sealed", LargeBinary(), nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("account", Text(), primary_key=True),
    Column("repository", Text(), primary_key=True),
    Column("public", Text(), nullable=False),
    Column("sealed", LargeBinary(), nullable=False),
    Column("made", Double(), nullable=False),
)
"""RSA key pairs of `secure:` texts; `repository` is "" for the account's own. `sealed` is the private key."""

tokens = Table(
    "tokens",
    metadata,
    identity(),
    Column("digest", String(64), nullable=False, unique=True),
    Column("account", Text(), nullable=False),
    Column("actor", Stored(Actor), nullable=False),
    Column("scopes", Stored(tuple[str, ...]), nullable=False),
    Column("expires", Double(), nullable=False),
    flag("admin"),
    Index(None, "account"),
)
"""API tokens by the SHA-256 of their text, which is never stored."""

audit = Table(
    "audit",
    metadata,
    identity(),
    Column("at", Double(), nullable=False),
    Column("account", Text(), nullable=False),
    Column("by", Stored(Actor), nullable=False),
    Column("action", Text(), nullable=False),
    text("subject"),
    Column("accepted", Boolean(), nullable=False),
    text("detail"),
    text("via"),
    Index(None, "account", "id"),
    Index(None, "subject", "id"),
)

workers = Table(
    "workers",
    metadata,
    Column("name", Text(), primary_key=True),
    Column("host", Text(), nullable=False),
    Column("pools", Stored(tuple[str, ...]), nullable=False),
    Column("started", Double(), nullable=False),
    Column("seen", Double(), nullable=False),
)

leaders = Table(
    "leaders",
    metadata,
    Column("name", Text(), primary_key=True),
    Column("holder", Text(), nullable=False),
    Column("until", Double(), nullable=False),
)
