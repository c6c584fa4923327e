"""The contract of a forge: where repositories, people and conversations live.

A forge is a package with a `plugin` in its `__init__` (a `ForgeKind`). It has two halves: `hooks` turns the raw bytes of a
request into our few types without any I/O; `api` talks to the forge. Every repository and person is addressed by numeric id,
forge-qualified (`github:123`), because names change hands. Nobody else in Gateline knows which forge it speaks to.

Rules that every forge keeps, and that `tests/contract/test_forges.py` checks on each:

* **Errors.** What may pass by itself raises `Temporary` (with `after` when the forge says so: rate limits, locks, 5xx, time-outs,
  a commit not replicated yet); what will not raises `Permanent`, saying what an administrator has to do. A thing that does
  not exist is `NotFound`. An expected "no" (not a member, no such file) is a value.
* **Idempotence.** `set_status` may be repeated. `create_comment` is given a `marker` (an HTML comment that the body contains); after a
  doubtful answer the caller looks for it with `find_comment` before writing again. Reactions may be repeated.
* **At a commit.** Files and trees are always read at a full SHA, never at a branch.
* **Rights are asked live** (`permission`, `in_team`), by id, and no answer means no.
* **Lengths.** The forge cuts what it is given to what it takes (`Limits`), on character boundaries.
* **No sleeping.** A method never waits for a limit to pass: it raises `Temporary(after)` and the errand is put off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Protocol, TypeAlias

from app.workflow.events import Commit, MergeGroupChanged, PullRequestChanged, Pushed, Released, Repository
from app.workflow.line import Actor


class Level(IntEnum):
    """What somebody may do in a repository, weakest first. Custom roles count as what they are based on."""

    NONE = 0
    READ = 10
    TRIAGE = 20
    WRITE = 30
    MAINTAIN = 40
    ADMIN = 50


class CommitState(StrEnum):
    """A commit status: what every forge can show."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"
    CANCELLED = "cancelled"


class CommentKind(StrEnum):
    """Where a comment stands: different id spaces on most forges."""

    CONVERSATION = "conversation"
    COMMIT = "commit"
    REVIEW = "review"
    DIFF = "diff"


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where one can speak: a pull/merge request (`number`) or a commit (`sha`) of a repository."""

    repository: str
    number: int | None = None
    sha: str = ""

    @property
    def place(self) -> str:
        """As a string, unique over forges: `github:123#45` or `github:123@<sha>`; what the store knows it by."""
        return f"{self.repository}#{self.number}" if self.number else f"{self.repository}@{self.sha}"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that exists. `created` in seconds since the epoch by the forge's clock."""

    id: str
    conversation: Conversation
    kind: CommentKind
    body: str
    author: Actor
    created: float


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull or merge request as it is now. `authors`: who opened it and, as far as known, who pushed to it."""

    repository: Repository
    number: int
    title: str
    open: bool
    draft: bool
    head: str
    head_ref: str
    head_repository: str
    base: str
    base_ref: str
    author: Actor
    merged: bool = False
    merge_commit: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """A person's standing review of a pull request. `state` is approved or changes_requested; `sha` is what they saw."""

    by: Actor
    state: str
    sha: str
    at: float


@dataclass(frozen=True, slots=True)
class CloneSource:
    """How to fetch a repository: a URL without credentials, and git configuration (`key`, `value`) that carries them.

    `secrets` are the strings in it that must never be shown.
    """

    url: str
    config: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """A commit's files. `blobs`: path -> blob id, regular files only, at most `complete` of them."""

    blobs: Mapping[str, str]
    complete: bool = True


# -- what a hook can say -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Commented:
    """Somebody wrote or edited a comment. `edited_from` is the old text of an edited one, None for a new one.

    `sha` is the commit that a review, a diff thread or a commit comment belongs to, "" otherwise. `reviewed` is a review's
    state (approved, changes_requested, commented), "" when this is no review.
    """

    repository: Repository
    comment: Comment
    sender: Actor
    edited_from: str | None = None
    sha: str = ""
    reviewed: str = ""


@dataclass(frozen=True, slots=True)
class RepositoryChanged:
    """A repository was renamed, transferred, archived, deleted, changed its visibility or default branch."""

    repository: Repository
    action: str


@dataclass(frozen=True, slots=True)
class InstallationChanged:
    """An App's installation came, went, was suspended, or got or lost repositories."""

    action: str
    installation: int
    account: str
    added: tuple[Repository, ...] = ()
    removed: tuple[Repository, ...] = ()


@dataclass(frozen=True, slots=True)
class RunAsked:
    """Somebody pressed a button on a check: `action` is rerequested, rerequested_suite or the button's identifier."""

    repository: Repository
    action: str
    sha: str
    external_id: str
    by: Actor


@dataclass(frozen=True, slots=True)
class Nothing:
    """The delivery is authentic and means nothing to us, because `reason`."""

    reason: str


Parsed: TypeAlias = (
    Pushed | PullRequestChanged | Released | MergeGroupChanged | Commented | RepositoryChanged | InstallationChanged | RunAsked | Nothing
)


class BadSignature(Exception):
    """The request is not authentic: answer 401 and keep nothing."""


class BadPayload(Exception):
    """The request is authentic and cannot be read: answer 400; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One authentic hook request. `hook` names the hook (or its target), `id` the delivery, whichever hook brought it."""

    forge: str
    hook: str
    id: str
    event: str
    headers: Mapping[str, str]
    body: bytes


class ForgeHooks(Protocol):
    """The half without I/O."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """The delivery that a request is. Checks the signature over the raw bytes in constant time, and that the body is an
        object of JSON. Raises BadSignature, BadPayload. Header names are matched whatever their case."""
        ...

    def parse(self, delivery: Delivery, at: float) -> Parsed:
        """What the delivery says. Never raises for an unknown event or action: that is `Nothing`. The `key` of an event in it is
        the semantic one, so that two hooks for one thing count once. Raises BadPayload when a known event lacks what it must have."""
        ...


class Forge(Protocol):
    """The half that talks. All ids are forge-qualified strings."""

    @property
    def name(self) -> str: ...
    @property
    def bare_commands(self) -> frozenset[str]:
        """Verbs that people may type without a prefix here; empty where none are safe."""
        ...

    def repository(self, id_or_name: str) -> Repository:
        """By `github:123` or `owner/name`. Raises NotFound."""
        ...

    def tip(self, repository: str, branch: str) -> Commit | None:
        """The newest commit of a branch, None when there is no such branch (an empty repository has none)."""
        ...

    def tips(self, repository: str) -> Mapping[str, str]:
        """Full ref -> SHA of every branch and tag (tags peeled)."""
        ...

    def tree(self, repository: str, sha: str) -> Tree: ...

    def read(self, repository: str, sha: str, path: str, most: int) -> bytes | None:
        """A file's content at a commit; None when there is none. Raises Permanent when it is larger than `most` bytes or no file."""
        ...

    def commit(self, repository: str, sha: str) -> Commit:
        """Raises NotFound."""
        ...

    def is_ancestor(self, repository: str, older: str, newer: str) -> bool:
        """Whether `older` is `newer` or in its history. False when either is unknown."""
        ...

    def merge_base(self, repository: str, one: str, other: str) -> str:
        """The newest commit that is in the history of both, "" when there is none or either is unknown."""
        ...

    def changed(self, repository: str, base: str, head: str) -> frozenset[str] | None:
        """Paths of the files that `head` has otherwise than `base`, or one of them has not (of a renamed file both paths).

        None when they are not known: `base` is not in the history of `head`, one of the two is unknown, or they are too many to be told.
        """
        ...

    def commits_between(self, repository: str, older: str, newer: str) -> tuple[Commit, ...]:
        """The commits of `older..newer`, oldest first, at most 250."""
        ...

    def permission(self, repository: str, person: Actor) -> Level:
        """What `person` (by id) may do there now."""
        ...

    def in_team(self, team: str, person: Actor) -> bool:
        """`team` as written in an approvers list, `@org/slug`. An unknown or invisible team has no members."""
        ...

    def person(self, login: str) -> Actor | None:
        """Who has this login now, None for nobody."""
        ...

    def me(self) -> Actor:
        """Whom the credentials belong to."""
        ...

    def set_status(self, repository: str, sha: str, context: str, state: CommitState, description: str, url: str) -> bool:
        """False when there is no such commit. A repository that cannot be seen (any more) is NotFound: somebody has to look."""
        ...

    def create_comment(self, conversation: Conversation, body: str) -> Comment: ...

    def edit_comment(self, conversation: Conversation, comment: str, body: str) -> bool:
        """False when the comment is gone."""
        ...

    def find_comment(self, conversation: Conversation, marker: str) -> Comment | None:
        """The oldest comment of ours that contains `marker`."""
        ...

    def comment(self, conversation: Conversation, kind: CommentKind, comment: str) -> Comment | None:
        """A comment as it is now, None when it is gone."""
        ...

    def react(self, conversation: Conversation, kind: CommentKind, comment: str, reaction: str) -> None:
        """`reaction` is eyes, rocket or -1. Best effort by contract: raises like the others, callers let it pass."""
        ...

    def pull_request(self, repository: str, number: int) -> PullRequest: ...

    def open_pull_requests(self, repository: str) -> tuple[PullRequest, ...]: ...

    def pull_requests_of(self, repository: str, sha: str) -> tuple[PullRequest, ...]:
        """Requests whose head, or merge or squash commit, is `sha`, forks' included; at most three, open ones first."""
        ...

    def reviews(self, repository: str, number: int) -> tuple[Review, ...]:
        """The newest deciding review of each person."""
        ...

    def clone_source(self, repository: str) -> CloneSource: ...

    def labels(self, repository: str) -> frozenset[str]:
        """Names of the repository's labels (for telling whether another bot owns bare commands)."""
        ...

    def ensure_hook(self, repository: str, url: str, secret: str) -> str:
        """Makes or repairs the webhook. Returns a sentence that says what was done, or what somebody has to do by hand."""
        ...

    def clock_skew(self) -> float:
        """Seconds by which our clock is ahead of the forge's, from its last answer."""
        ...

    def budget(self) -> float:
        """The share of the hour's API requests that is left, 0..1, as this process heard last; 1.0 when unknown or not limited."""
        ...

    def budget_reset(self) -> float:
        """Seconds until the budget is whole again; 0.0 when it is, or when that is unknown."""
        ...


@dataclass(frozen=True, slots=True)
class ForgePort:
    """One configured forge: both halves."""

    name: str
    hooks: ForgeHooks
    api: Forge
    notes: tuple[str, ...] = field(default_factory=tuple)
