"""Migrations: they make exactly the tables that the code knows, one process at a time, and keep what is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Column, DateTime, Float, Integer, LargeBinary, MetaData, func, inspect, select, text

from app.errors import Permanent
from app.store import Store
from app.store.engine import Transaction
from app.store.schema import configuration
from app.store.tables import metadata
from tests.fakes.postgres import PostgresServer
from tests.store.threads import together


def revisions() -> list[str]:
    """All of them, oldest first."""
    return [each.revision for each in ScriptDirectory.from_config(configuration()).walk_revisions()][::-1]


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store over a database without any tables."""
    if request.param == "sqlite":
        url, drop = f"sqlite:///{tmp_path / 'empty.db'}", None
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.database("template0")
        drop = server
    with closing(Store(url, tmp_path, ())) as store:
        yield store
    if drop:
        drop.drop(url)


def test_migrations_make_exactly_the_tables_the_code_knows(store: Store) -> None:
    """When this fails: `python -m app.store.revise NUMBER "MESSAGE"` (before the first release: `--initial`)."""
    with store.database.read() as transaction:
        assert compare_metadata(MigrationContext.configure(transaction.connection), metadata) == []


def test_migrating_says_what_it_did(empty: Store) -> None:
    with pytest.raises(Permanent, match=r"empty, .* run `gateline migrate`"):
        empty.check_schema()
    assert empty.migrate() == f"The database went from empty to revision {revisions()[-1]}."
    empty.check_schema()
    assert empty.migrate() == f"The database is up to date (revision {revisions()[-1]})."


def test_a_newer_schema_is_refused(empty: Store) -> None:
    empty.migrate()
    with empty.database.write() as transaction:
        transaction.run(text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (empty.migrate, empty.check_schema):
        with pytest.raises(Permanent, match=r"9999, which this version of Gateline does not know"):
            act()


def test_of_many_processes_that_migrate_at_once_one_does(empty: Store, tmp_path: Path) -> None:
    said: list[str] = []
    url = empty.database.engine.url.render_as_string(hide_password=False)

    def migrate(number: int) -> None:
        with closing(Store(url, tmp_path, ())) as store:
            said.append(store.migrate())

    assert together(4, migrate) == []
    assert sorted(sentence.split(" (")[0] for sentence in said)[:3] == ["The database is up to date"] * 3
    empty.check_schema()


def test_a_failing_migration_leaves_nothing_behind(empty: Store) -> None:
    def half() -> None:
        with empty.database.write() as transaction:
            command.upgrade(configuration(transaction.connection), "head")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with empty.database.read() as transaction:
        assert inspect(transaction.connection).get_table_names() == []


@pytest.mark.parametrize("revision", revisions())
def test_a_filled_database_of_every_revision_keeps_its_rows(empty: Store, revision: str) -> None:
    with empty.database.write() as transaction:
        command.upgrade(configuration(transaction.connection), revision)
        filled = fill(transaction)
    empty.migrate()
    empty.check_schema()
    with empty.database.read() as transaction:
        known = MetaData()
        known.reflect(transaction.connection)
        for name in filled & set(known.tables):
            assert transaction.connection.execute(select(func.count()).select_from(known.tables[name])).scalar_one() == 1, name


def fill(transaction: Transaction) -> set[str]:
    """One row in every table that there is; the tables' names."""
    there = MetaData()
    there.reflect(transaction.connection)
    for table in there.sorted_tables:
        if table.name != "alembic_version":
            transaction.run(table.insert().values({column.name: sample(column) for column in table.columns}))
    return {table.name for table in there.sorted_tables}


def sample(column: Column[Any]) -> object:
    """A value that the column can hold; text is JSON that most of our shapes refuse, as migrations must not read it with today's code."""
    match column.type:
        case Boolean():
            return True
        case Integer() | Float():
            return 1
        case LargeBinary():
            return b"x"
        case DateTime():
            return datetime(2026, 1, 1, tzinfo=UTC)
        case _:
            return "x"
