"""One SQLAlchemy engine a process, and its two kinds of transaction: readers, and writers that wait for their turn at the start.

SQLite: writers `BEGIN IMMEDIATE`, readers deferred, WAL with `synchronous=FULL`. PostgreSQL: writers read committed (they lock rows
first), readers one snapshot. An unreachable or busy database is `Temporary`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Engine,
    Executable,
    Row,
    Select,
    Table,
    create_engine,
    event,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.exc import DBAPIError, OperationalError

from app.errors import Permanent, Temporary
from app.store.around import locks

BUSY = 30.0
"""Seconds that a writer waits for another before it gives up with `Temporary`."""

_SQLITE_TIME = "SELECT (julianday('now') - 2440587.5) * 86400.0"
_POSTGRES_TIME = "SELECT extract(epoch FROM clock_timestamp())::float8"


class Transaction:
    """One transaction. Its time is read once, when first asked for (by writers: behind the locks they hold by then)."""

    def __init__(self, connection: Connection, clock: Callable[[], float] | None) -> None:
        self.connection = connection
        self._clock = clock
        self._now: float | None = None

    @property
    def now(self) -> float:
        if self._now is None:
            self._now = self._clock() if self._clock else self._database_time()
        return self._now

    def _database_time(self) -> float:
        sql = _SQLITE_TIME if self.sqlite else _POSTGRES_TIME
        return float(self.connection.execute(text(sql)).scalar_one())

    @property
    def sqlite(self) -> bool:
        return self.connection.dialect.name == "sqlite"

    def rows(self, query: Select[Any] | CompoundSelect[Any]) -> list[Row[Any]]:
        return list(self.connection.execute(query).all())

    def row(self, query: Select[Any] | CompoundSelect[Any]) -> Row[Any] | None:
        return self.connection.execute(query).first()

    def run(self, statement: Executable, rows: list[dict[str, Any]] | None = None) -> int:
        """Executes a statement (many times, with `rows`); returns how many rows it touched, which only counts without `rows`."""
        if rows is None:
            return int(self.connection.execute(statement).rowcount)
        if rows:
            self.connection.execute(statement, rows)
        return len(rows)

    def insert(self, table: Table) -> SqliteInsert | PostgresInsert:
        """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`, in the database's own dialect."""
        return SqliteInsert(table) if self.sqlite else PostgresInsert(table)

    def upsert(self, table: Table, rows: list[dict[str, Any]], key: tuple[str, ...] = ()) -> None:
        """Inserts rows, or updates those whose `key` (default: the primary key) is there already."""
        if not rows:
            return
        columns = key or tuple(column.name for column in table.primary_key)
        statement = self.insert(table)
        changes = {name: statement.excluded[name] for name in rows[0] if name not in columns}
        self.connection.execute(statement.on_conflict_do_update(index_elements=columns, set_=changes), rows)

    def add_missing(self, table: Table, rows: list[dict[str, Any]]) -> None:
        """Inserts those rows that no unique key forbids."""
        if rows:
            self.connection.execute(self.insert(table).on_conflict_do_nothing(), rows)

    def insert_returning_ids(self, table: Table, rows: list[dict[str, Any]]) -> list[int]:
        """Inserts rows; the ids are in their order."""
        if not rows:
            return []
        statement = table.insert().returning(table.c.id, sort_by_parameter_order=True)
        return [int(id) for id in self.connection.execute(statement, rows).scalars()]

    def lock(self, name: str) -> None:
        """Waits until nobody else is between this and the end of their transaction. A writer of SQLite is alone already."""
        if not self.sqlite:
            self.run(self.insert(locks).values(name=name).on_conflict_do_nothing())
            self.rows(select(locks.c.name).where(locks.c.name == name).with_for_update())


class Database:
    """The engine. `url` is SQLAlchemy's; `clock` replaces the database's own time."""

    def __init__(self, url: str, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock
        self.engine = _engine(url)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A short look at one state of the database."""
        with _reachable(), self.engine.connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            yield Transaction(connection, self._clock)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Commits at the end of the block, rolls back on an exception. On SQLite there is one writer at a time."""
        with _reachable(), self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield Transaction(connection, self._clock)


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except OperationalError as problem:
        raise Temporary(f"The database does not answer: {problem.orig}") from problem
    except DBAPIError as problem:
        if problem.connection_invalidated:
            raise Temporary(f"The connection to the database broke: {problem.orig}") from problem
        raise


def _engine(url: str) -> Engine:
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    if address.get_backend_name() not in ("postgresql", "postgres"):
        raise Permanent(f"GATELINE_DATABASE_URL: {address.get_backend_name()} is not supported; use sqlite or postgresql.")
    options = f"-c lock_timeout={int(BUSY * 1000)} -c idle_in_transaction_session_timeout={int(BUSY * 2000)}"
    try:
        return create_engine(
            address.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10, "options": options},
        )
    except ModuleNotFoundError as problem:
        raise Permanent("PostgreSQL needs a driver: pip install 'gateline[postgres]'.") from problem


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY})

    @event.listens_for(engine, "connect")
    def settings(connection: Any, record: Any) -> None:  # noqa: ARG001 - SQLAlchemy's signature
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")

    return engine
