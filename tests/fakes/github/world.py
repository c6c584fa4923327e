"""What the double of GitHub consists of: people, repositories, pull requests, comments, installations. No HTTP here."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from tests.fakes.github.git import BareRepository

PUBLIC_ROLES = {"admin": "admin", "maintain": "write", "write": "write", "triage": "read", "read": "read", "none": "none"}
"""role_name -> permission, as GitHub's permission endpoint shows them (spec/forges.md A5)."""


@dataclass
class Person:
    """An account. `kind` is User, Bot or Organization."""

    id: int
    login: str
    kind: str = "User"


@dataclass
class Comment:
    """Of any kind: conversation (`number`), commit (`sha`), review and diff (both)."""

    id: int
    kind: str
    user: Person
    body: str
    created_at: float
    number: int | None = None
    sha: str = ""
    state: str = ""
    reactions: set[tuple[int, str]] = field(default_factory=set)
    updated_at: float = 0.0


@dataclass
class Status:
    """A commit status; the newest of a context counts."""

    id: int
    sha: str
    context: str
    state: str
    description: str
    target_url: str
    creator: Person


@dataclass
class Hook:
    """A webhook of a repository."""

    id: int
    config: dict[str, str]
    events: list[str]
    active: bool = True


@dataclass
class Pull:
    """A pull request; `head` None once the fork was deleted. `head_sha` is kept up by `World.head_of`."""

    number: int
    title: str
    author: Person
    head: Repo | None
    head_ref: str
    base_ref: str
    head_sha: str
    created_at: float
    updated_at: float
    draft: bool = False
    state: str = "open"
    merge_commit_sha: str | None = None
    merged_at: float | None = None


@dataclass
class Repo:
    """A repository. `roles`: person id -> role name; strangers read what is public.

    `announced`: the refs that hooks have told of. `most_entries`: of a recursive tree, before GitHub truncates it.
    """

    id: int
    owner: Person
    name: str
    git: BareRepository
    created_at: float
    private: bool = False
    archived: bool = False
    fork_of: Repo | None = None
    default_branch: str = "main"
    clone_url: str = ""
    roles: dict[int, str] = field(default_factory=dict)
    labels: list[str] = field(default_factory=lambda: ["bug"])
    hooks: list[Hook] = field(default_factory=list)
    pulls: list[Pull] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    announced: dict[str, str] = field(default_factory=dict)
    most_entries: int = 100_000

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def role_of(self, person: Person) -> str:
        return self.roles.get(person.id, "none" if self.private else "read")


@dataclass
class Grant:
    """What a token may do: as `person`, writing or not, in all repositories of theirs or those of an installation."""

    person: Person
    writes: bool = True
    installation: Installation | None = None
    usable_from: float = 0.0
    content_writes: list[float] = field(default_factory=list)


@dataclass
class Installation:
    """The App on an account."""

    id: int
    account: Person
    suspended_at: float | None = None


@dataclass
class App:
    """A GitHub App. `public_key` is PEM; `hook_url` and `secret` are its webhook."""

    id: int
    slug: str
    bot: Person
    public_key: str
    hook_url: str = ""
    secret: str = ""


@dataclass
class World:
    """Everything. `clock` is GitHub's: seconds since the epoch. `routes`: a public address -> where the tests' Internet leads it."""

    folder: Path
    clock: Callable[[], float] = time.time
    people: dict[int, Person] = field(default_factory=dict)
    repositories: dict[int, Repo] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    routes: dict[str, str] = field(default_factory=dict)
    teams: dict[str, dict[int, str]] = field(default_factory=dict)
    tokens: dict[str, Grant] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    app: App | None = None
    ids: count[int] = field(default_factory=lambda: count(1001))

    def next_id(self) -> int:
        return next(self.ids)

    def find_person(self, login: str) -> Person | None:
        """Logins are one whatever their case."""
        return next((person for person in self.people.values() if person.login.lower() == login.lower()), None)

    def person(self, login: str, kind: str = "User") -> Person:
        """Somebody with this login, made on first use."""
        found = self.find_person(login)
        if found is None:
            found = Person(self.next_id(), login, kind)
            self.people[found.id] = found
        return found

    def find_repository(self, full_name: str) -> Repo | None:
        wanted = full_name.lower()
        return next((repo for repo in self.repositories.values() if repo.full_name.lower() == wanted), None)

    def repository(self, full_name: str) -> Repo:
        """An existing one. Raises KeyError."""
        found = self.find_repository(full_name)
        if found is None:
            raise KeyError(f"no repository {full_name}")
        return found

    def head_of(self, pull: Pull) -> str:
        """The head's SHA now: a closed request and one whose fork is gone keep the last one."""
        if pull.state == "open" and pull.head is not None:
            pull.head_sha = pull.head.git.resolve(f"refs/heads/{pull.head_ref}") or pull.head_sha
        return pull.head_sha

    def time(self, moment: float | None = None) -> str:
        """A moment (default: now) as GitHub writes it: whole seconds, Z."""
        return stamp(self.clock() if moment is None else moment)


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
