"""The schema's revision: brought up to date by one process at a time, refused when it is newer than this program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from app.errors import Permanent
from app.store.engine import Transaction
from app.store.part import Part

_LOCK = 7_283_140_911
"""PostgreSQL's advisory lock for migrations: any number that nobody else on the database uses."""


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration; migrations run on `connection`, inside its transaction."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("app.store") / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


class Schema(Part):
    def migrate(self) -> str:
        """Brings the schema up to date, one process at a time; returns a sentence. Raises Permanent for a newer schema."""
        with self.database.write() as transaction, _alone(transaction):
            before, newest = _revision(transaction.connection), _newest()
            _refuse_newer(before)
            if before == newest:
                return f"The database is up to date (revision {newest})."
            command.upgrade(configuration(transaction.connection), "head")
        return f"The database went from {f'revision {before}' if before else 'empty'} to revision {newest}."

    def check_schema(self) -> None:
        """Raises Permanent, with what to type, unless the schema is the one this version knows."""
        with self.database.read() as transaction:
            found = _revision(transaction.connection)
        _refuse_newer(found)
        if found != _newest():
            state = f"at revision {found}" if found else "empty"
            raise Permanent(f"The database is {state}, this version of Gateline needs {_newest()}: run `gateline migrate`.")


@contextmanager
def _alone(transaction: Transaction) -> Iterator[None]:
    """A writer of SQLite is alone already; PostgreSQL's lock ends with the transaction."""
    if not transaction.sqlite:
        transaction.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    yield


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _newest() -> str:
    return ScriptDirectory.from_config(configuration()).get_current_head() or ""


def _refuse_newer(revision: str | None) -> None:
    try:
        ScriptDirectory.from_config(configuration()).get_revision(revision or "base")
    except CommandError:
        raise Permanent(
            f"The database is at revision {revision}, which this version of Gateline does not know: it was migrated by a newer "
            "one. Install that version, or restore the backup made before the migration."
        ) from None
