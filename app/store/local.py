"""What people write on the local forge, as rows: the forge's `Desk` over SQLAlchemy, in tables of its own (`local_*`)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    Text,
    func,
    select,
    update,
)

from app.errors import Refused
from app.forges import CommitState, Conversation, Level
from app.forges.local.desk import CommentRow, Person, PullRow, RepositoryRow, StatusRow
from app.store.engine import Database
from app.store.tables import BigKey, identity, metadata

people = Table(
    "local_people",
    metadata,
    identity(),
    Column("login", Text(), nullable=False),
    Column("login_key", String(200), nullable=False, unique=True),
    Column("level", Integer(), nullable=False),
)

repositories = Table(
    "local_repositories",
    metadata,
    identity(),
    Column("full_name", Text(), nullable=False),
    Column("name_key", String(250), nullable=False, unique=True),
    Column("default_branch", Text(), nullable=False),
    Column("private", Boolean(), nullable=False),
)

pulls = Table(
    "local_pulls",
    metadata,
    Column("repository", BigKey, ForeignKey("local_repositories.id"), primary_key=True),
    Column("number", Integer(), primary_key=True),
    Column("title", Text(), nullable=False),
    Column("head", Text(), nullable=False),
    Column("base", Text(), nullable=False),
    Column("author", BigKey, ForeignKey("local_people.id"), nullable=False),
    Column("open", Boolean(), nullable=False),
    Column("merge_commit", Text(), nullable=False, default=""),
    Column("base_sha", Text(), nullable=False, default=""),
)

comments = Table(
    "local_comments",
    metadata,
    identity(),
    Column("repository", Text(), nullable=False),
    Column("number", Integer()),
    Column("sha", Text(), nullable=False),
    Column("body", Text(), nullable=False),
    Column("author", BigKey, nullable=False),
    Column("created", Double(), nullable=False),
    Index(None, "repository", "sha", "number"),
)
"""`author` 0 is the bot, which is no row of `local_people`."""

statuses = Table(
    "local_statuses",
    metadata,
    Column("repository", BigKey, ForeignKey("local_repositories.id"), primary_key=True),
    Column("sha", String(64), primary_key=True),
    Column("context", String(255), primary_key=True),
    Column("state", Text(), nullable=False),
    Column("description", Text(), nullable=False),
    Column("url", Text(), nullable=False),
    Column("at", Double(), nullable=False),
)

reactions = Table(
    "local_reactions",
    metadata,
    Column("comment", BigKey, ForeignKey("local_comments.id"), primary_key=True),
    Column("reaction", String(32), primary_key=True),
)

_pulls_and_authors = select(pulls, people.c.login, people.c.level).join(people, people.c.id == pulls.c.author)
_comments_and_authors = select(comments, people.c.login, people.c.level).outerjoin(people, people.c.id == comments.c.author)


class LocalDesk:
    """The `Desk` (`app/forges/local/desk.py`) over the store's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> float:
        with self._database.read() as transaction:
            return transaction.now

    # -- people ----------------------------------------------------------------------------------------------------------

    def put_person(self, login: str, level: Level) -> Person:
        values = {"login": login, "login_key": login.lower(), "level": int(level)}
        with self._database.write() as transaction:
            insert = transaction.insert(people).values(**values)
            transaction.run(insert.on_conflict_do_update(index_elements=["login_key"], set_={"level": int(level)}))
            row = transaction.rows(select(people).where(people.c.login_key == login.lower()))[0]
        return _person(row)

    def person(self, login: str) -> Person | None:
        row = self._row(select(people).where(people.c.login_key == login.lower()))
        return _person(row) if row else None

    def person_by_id(self, number: int) -> Person | None:
        row = self._row(select(people).where(people.c.id == number))
        return _person(row) if row else None

    def people(self) -> tuple[Person, ...]:
        return tuple(_person(row) for row in self._rows(select(people).order_by(people.c.login_key)))

    # -- repositories ----------------------------------------------------------------------------------------------------

    def add_repository(self, full_name: str, default_branch: str, private: bool) -> RepositoryRow:
        values = {
            "full_name": full_name,
            "name_key": full_name.lower(),
            "default_branch": default_branch,
            "private": private,
        }
        with self._database.write() as transaction:
            insert = transaction.insert(repositories).values(**values).on_conflict_do_nothing()
            number = transaction.connection.execute(insert.returning(repositories.c.id)).scalar()
            if number is None:
                raise Refused(f"there is a repository {full_name} already")
        return RepositoryRow(number, full_name, default_branch, private)

    def repository(self, full_name: str) -> RepositoryRow | None:
        row = self._row(select(repositories).where(repositories.c.name_key == full_name.lower()))
        return _repository(row) if row else None

    def repository_by_id(self, number: int) -> RepositoryRow | None:
        row = self._row(select(repositories).where(repositories.c.id == number))
        return _repository(row) if row else None

    def repositories(self) -> tuple[RepositoryRow, ...]:
        return tuple(_repository(row) for row in self._rows(select(repositories).order_by(repositories.c.name_key)))

    # -- pull requests -----------------------------------------------------------------------------------------------------

    def open_pull(self, repository: int, title: str, head: str, base: str, author: Person) -> PullRow:
        with self._database.write() as transaction:
            transaction.lock(f"local-pulls:{repository}")
            newest = transaction.rows(select(func.max(pulls.c.number)).where(pulls.c.repository == repository))[0][0]
            made = PullRow(repository, (newest or 0) + 1, title, head, base, author)
            values = {"number": made.number, "title": title, "head": head, "base": base, "author": author.id}
            transaction.run(transaction.insert(pulls).values(repository=repository, open=True, **values))
        return made

    def close_pull(self, pull: PullRow, base_sha: str, merge_commit: str = "") -> bool:
        this = (pulls.c.repository == pull.repository) & (pulls.c.number == pull.number) & pulls.c.open
        with self._database.write() as transaction:
            closed = update(pulls).where(this).values(open=False, base_sha=base_sha, merge_commit=merge_commit)
            return transaction.run(closed) == 1

    def pull(self, repository: int, number: int) -> PullRow | None:
        row = self._row(_pulls_and_authors.where(pulls.c.repository == repository, pulls.c.number == number))
        return _pull(row) if row else None

    def pulls(self, repository: int, open_only: bool = True) -> tuple[PullRow, ...]:
        query = _pulls_and_authors.where(pulls.c.repository == repository).order_by(pulls.c.number.desc())
        return tuple(_pull(row) for row in self._rows(query.where(pulls.c.open) if open_only else query))

    # -- comments, statuses, reactions ---------------------------------------------------------------------------------------

    def add_comment(self, conversation: Conversation, body: str, author: Person) -> CommentRow:
        place = {"repository": conversation.repository, "number": conversation.number, "sha": conversation.sha}
        with self._database.write() as transaction:
            created = transaction.now
            insert = transaction.insert(comments).values(body=body, author=author.id, created=created, **place)
            number = int(transaction.connection.execute(insert.returning(comments.c.id)).scalar_one())
        return CommentRow(number, conversation, body, author, created)

    def edit_comment(self, number: int, body: str) -> bool:
        with self._database.write() as transaction:
            return transaction.run(update(comments).where(comments.c.id == number).values(body=body)) == 1

    def comment(self, number: int) -> CommentRow | None:
        row = self._row(_comments_and_authors.where(comments.c.id == number))
        return _comment(row) if row else None

    def comments(self, conversation: Conversation) -> tuple[CommentRow, ...]:
        here = (
            (comments.c.repository == conversation.repository)
            & (comments.c.sha == conversation.sha)
            & comments.c.number.is_not_distinct_from(conversation.number)
        )
        return tuple(_comment(row) for row in self._rows(_comments_and_authors.where(here).order_by(comments.c.id)))

    def put_status(self, repository: int, status: StatusRow) -> None:
        values = {"state": status.state.value, "description": status.description, "url": status.url, "at": status.at}
        with self._database.write() as transaction:
            insert = transaction.insert(statuses).values(repository=repository, sha=status.sha, context=status.context, **values)
            transaction.run(insert.on_conflict_do_update(index_elements=["repository", "sha", "context"], set_=values))

    def statuses(self, repository: int, sha: str) -> tuple[StatusRow, ...]:
        here = (statuses.c.repository == repository) & (statuses.c.sha == sha)
        rows = self._rows(select(statuses).where(here).order_by(statuses.c.context))
        return tuple(StatusRow(row.sha, row.context, CommitState(row.state), row.description, row.url, row.at) for row in rows)

    def put_reaction(self, comment: int, reaction: str) -> None:
        with self._database.write() as transaction:
            insert = transaction.insert(reactions).values(comment=comment, reaction=reaction)
            transaction.run(insert.on_conflict_do_nothing())

    def reactions(self, comment: int) -> tuple[str, ...]:
        query = select(reactions.c.reaction).where(reactions.c.comment == comment).order_by(reactions.c.reaction)
        return tuple(row.reaction for row in self._rows(query))

    def _rows(self, query: Select[Any]) -> list[Row[Any]]:
        with self._database.read() as transaction:
            return transaction.rows(query)

    def _row(self, query: Select[Any]) -> Row[Any] | None:
        with self._database.read() as transaction:
            return transaction.row(query)


def _person(row: Row[Any]) -> Person:
    return Person(row.id, row.login, Level(row.level))


def _repository(row: Row[Any]) -> RepositoryRow:
    return RepositoryRow(row.id, row.full_name, row.default_branch, row.private)


def _pull(row: Row[Any]) -> PullRow:
    author = Person(row.author, row.login, Level(row.level))
    return PullRow(row.repository, row.number, row.title, row.head, row.base, author, row.open, row.merge_commit, row.base_sha)


def _comment(row: Row[Any]) -> CommentRow:
    author = Person(row.author, row.login or "", Level(row.level or 0))
    return CommentRow(row.id, Conversation(row.repository, row.number, row.sha), row.body, author, row.created)
