"""The port of the local forge to the database: people, repositories, pull requests, comments, statuses and reactions as rows.

Commits and branches are not here: git keeps them (`git.py`). `app/store/local.py` implements the port over SQLAlchemy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.forges import CommentKind, CommitState, Conversation, Level


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a login here. `level` holds for every repository of the instance. `id` 0 is the bot itself."""

    id: int
    login: str
    level: Level


@dataclass(frozen=True, slots=True)
class RepositoryRow:
    """A bare repository on disk, by number and `owner/name`."""

    id: int
    full_name: str
    default_branch: str
    private: bool


@dataclass(frozen=True, slots=True)
class PullRow:
    """A pull request. `head` and `base` are branches of the same repository; their commits are read from git.

    `base_sha` is where the base stood when the request was merged or closed, "" while it is open.
    """

    repository: int
    number: int
    title: str
    head: str
    base: str
    author: Person
    open: bool = True
    merge_commit: str = ""
    base_sha: str = ""


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment on a pull request or a commit; `created` in seconds since the epoch."""

    id: int
    conversation: Conversation
    body: str
    author: Person
    created: float

    @property
    def kind(self) -> CommentKind:
        return CommentKind.COMMIT if self.conversation.number is None else CommentKind.CONVERSATION


@dataclass(frozen=True, slots=True)
class StatusRow:
    """The newest status of one context on one commit."""

    sha: str
    context: str
    state: CommitState
    description: str
    url: str
    at: float


class Desk(Protocol):
    """Each method is a short transaction of its own. Names and logins are matched without regard to case."""

    def now(self) -> float:
        """Seconds since the epoch: the forge's clock."""
        ...

    def put_person(self, login: str, level: Level) -> Person:
        """Adds somebody, or changes the level of somebody there is."""
        ...

    def person(self, login: str) -> Person | None: ...
    def person_by_id(self, number: int) -> Person | None: ...
    def people(self) -> tuple[Person, ...]: ...

    def add_repository(self, full_name: str, default_branch: str, private: bool) -> RepositoryRow:
        """Raises Refused when there is one of that name."""
        ...

    def repository(self, full_name: str) -> RepositoryRow | None: ...
    def repository_by_id(self, number: int) -> RepositoryRow | None: ...
    def repositories(self) -> tuple[RepositoryRow, ...]: ...

    def open_pull(self, repository: int, title: str, head: str, base: str, author: Person) -> PullRow:
        """A new pull request with the repository's next number."""
        ...

    def close_pull(self, pull: PullRow, base_sha: str, merge_commit: str = "") -> bool:
        """False when it was not open any more."""
        ...

    def pull(self, repository: int, number: int) -> PullRow | None: ...
    def pulls(self, repository: int, open_only: bool = True) -> tuple[PullRow, ...]:
        """Newest first."""
        ...

    def add_comment(self, conversation: Conversation, body: str, author: Person) -> CommentRow: ...
    def edit_comment(self, number: int, body: str) -> bool:
        """False when there is none."""
        ...

    def comment(self, number: int) -> CommentRow | None: ...
    def comments(self, conversation: Conversation) -> tuple[CommentRow, ...]:
        """Oldest first."""
        ...

    def put_status(self, repository: int, status: StatusRow) -> None: ...
    def statuses(self, repository: int, sha: str) -> tuple[StatusRow, ...]:
        """One for each context, by context."""
        ...

    def put_reaction(self, comment: int, reaction: str) -> None: ...
    def reactions(self, comment: int) -> tuple[str, ...]: ...
