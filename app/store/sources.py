"""Sources, the repositories that anybody mentioned, and what was last seen of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, select, union, update

from app.store.around import baselines, imports, repositories, sources
from app.store.part import Part
from app.store.tables import nodes
from app.store.values import Source
from app.workflow.definition import Problem
from app.workflow.events import Repository


def source_of(row: Row[Any]) -> Source:
    return Source(**row._mapping)


def _name_key(repository: Repository) -> str:
    return f"{repository.id.partition(':')[0]}:{repository.full_name}".lower()


class Sources(Part):
    def watchers(self, repository: str) -> tuple[str, ...]:
        """Accounts that have a source in this repository or a gitRepo resource of it."""
        having = select(sources.c.account).where(sources.c.repository == repository)
        watching = select(nodes.c.account).where(nodes.c.watches == repository)
        with self.database.read() as transaction:
            return tuple(sorted(row.account for row in transaction.rows(union(having, watching))))

    def add_source(self, source: Source) -> None:
        """Adds it, or puts it in the place of the one with the same key."""
        with self.database.write() as transaction:
            row = {column.name: getattr(source, column.name) for column in sources.c}
            transaction.upsert(sources, [row])

    def source(self, key: str) -> Source | None:
        with self.database.read() as transaction:
            row = transaction.row(select(sources).where(sources.c.key == key))
            return source_of(row) if row else None

    def sources(self, account: str | None = None, repository: str | None = None) -> tuple[Source, ...]:
        query = select(sources).order_by(sources.c.key)
        if account is not None:
            query = query.where(sources.c.account == account)
        if repository is not None:
            query = query.where(sources.c.repository == repository)
        with self.database.read() as transaction:
            return tuple(source_of(row) for row in transaction.rows(query))

    def update_source(
        self,
        key: str,
        *,
        commit: str | None = None,
        blobs: Mapping[str, str] | None = None,
        problems: Sequence[Problem] | None = None,
        sha_seen: str | None = None,
    ) -> None:
        """Changes what is given (None: leaves it). A source that is gone stays gone."""
        given = {
            "commit": commit,
            "blobs": blobs,
            "problems": None if problems is None else tuple(problems),
            "sha_seen": sha_seen,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        if changes:
            with self.database.write() as transaction:
                transaction.run(update(sources).where(sources.c.key == key).values(changes))

    def remove_source(self, key: str) -> None:
        with self.database.write() as transaction:
            transaction.run(delete(sources).where(sources.c.key == key))
            transaction.run(delete(imports).where(imports.c.source == key))

    def put_repository(self, repository: Repository) -> None:
        """Remembers it by id and by name. Whoever had the name before loses it."""
        key = _name_key(repository)
        with self.database.write() as transaction:
            others = (repositories.c.name_key == key, repositories.c.id != repository.id)
            transaction.run(update(repositories).where(*others).values(name_key=""))
            transaction.upsert(repositories, [{"id": repository.id, "name_key": key, "body": repository}])

    def repository(self, id_or_name: str) -> Repository | None:
        """By `github:123` or `github:owner/name` (names without regard to case)."""
        this = repositories.c.name_key == id_or_name.lower() if "/" in id_or_name else repositories.c.id == id_or_name
        with self.database.read() as transaction:
            row = transaction.row(select(repositories.c.body).where(this))
            return row.body if row else None

    def baseline(self, repository: str) -> Mapping[str, str] | None:
        """ref or `pr/<number>` -> SHA as last compared; None before the first comparison."""
        with self.database.read() as transaction:
            row = transaction.row(select(baselines.c.tips).where(baselines.c.repository == repository))
            return row.tips if row else None

    def set_baseline(self, repository: str, tips: Mapping[str, str]) -> None:
        with self.database.write() as transaction:
            transaction.upsert(baselines, [{"repository": repository, "tips": dict(tips)}])
