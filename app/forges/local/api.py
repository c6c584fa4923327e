"""The local forge as a `Forge`: git for commits and files, the desk for everything that people write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import NotFound
from app.forges import (
    CloneSource,
    Comment,
    CommentKind,
    CommitState,
    Conversation,
    Level,
    PullRequest,
    Review,
    Tree,
)
from app.forges.local.desk import CommentRow, Desk, Person, PullRow, RepositoryRow, StatusRow
from app.forges.local.disk import Disk, Endpoint
from app.forges.local.git import BareRepository
from app.workflow.events import Commit, Repository
from app.workflow.line import Actor

LONGEST_COMMENT = 65_536
LONGEST_DESCRIPTION = 140
MOST_OF_ONE_SHA = 3

BARE_COMMANDS = frozenset(
    [
        "approve",
        "reject",
        "trigger",
        "retry",
        "cancel",
        "pause",
        "resume",
        "pin",
        "unpin",
        "allow",
        "status",
        "why",
        "plan",
        "help",
    ]
)
"""Nobody else reads comments here, so every verb of product.md section 3 is safe without a prefix."""


def actor(person: Person) -> Actor:
    return Actor(f"local:{person.id}", person.login, bot=person.id == 0)


@dataclass(frozen=True, slots=True)
class LocalForge:
    """`bot` is the login that our own comments are written under; `endpoint` is where the webhooks of this forge go."""

    desk: Desk
    disk: Disk
    endpoint: Endpoint
    bot: str
    name: str = "local"

    @property
    def bare_commands(self) -> frozenset[str]:
        return BARE_COMMANDS

    # -- repositories ----------------------------------------------------------------------------------------------------

    def row(self, id_or_name: str) -> RepositoryRow:
        """Raises NotFound."""
        forge, _, number = id_or_name.partition(":")
        if number and forge == self.name and number.isdecimal():
            found = self.desk.repository_by_id(int(number))
        else:
            found = self.desk.repository(id_or_name)
        if found is None:
            raise NotFound(f"there is no repository {id_or_name} on this instance")
        return found

    def bare(self, id_or_name: str) -> BareRepository:
        return self.disk.repository(self.row(id_or_name).full_name)

    def repository(self, id_or_name: str) -> Repository:
        row = self.row(id_or_name)
        url = self.disk.repository(row.full_name).path.absolute().as_uri()
        return Repository(f"local:{row.id}", row.full_name, row.default_branch, row.private, clone_url=url)

    def tip(self, repository: str, branch: str) -> Commit | None:
        bare = self.bare(repository)
        sha = bare.sha_of(f"refs/heads/{branch}")
        return bare.commit(sha) if sha else None

    def tips(self, repository: str) -> Mapping[str, str]:
        return self.bare(repository).tips()

    def tree(self, repository: str, sha: str) -> Tree:
        return Tree(self.bare(repository).blobs(sha))

    def read(self, repository: str, sha: str, path: str, most: int) -> bytes | None:
        return self.bare(repository).read(sha, path, most)

    def commit(self, repository: str, sha: str) -> Commit:
        return self.bare(repository).commit(sha)

    def is_ancestor(self, repository: str, older: str, newer: str) -> bool:
        return self.bare(repository).is_ancestor(older, newer)

    def merge_base(self, repository: str, one: str, other: str) -> str:
        return self.bare(repository).merge_base(one, other)

    def changed(self, repository: str, base: str, head: str) -> frozenset[str] | None:
        return self.bare(repository).changed(base, head)

    def commits_between(self, repository: str, older: str, newer: str) -> tuple[Commit, ...]:
        return self.bare(repository).commits_between(older, newer)

    def clone_source(self, repository: str) -> CloneSource:
        return CloneSource(self.repository(repository).clone_url)

    def labels(self, repository: str) -> frozenset[str]:
        self.row(repository)
        return frozenset()

    def ensure_hook(self, repository: str, url: str, secret: str) -> str:  # noqa: ARG002 - this forge signs with its own secret
        """Installs the post-receive hook and points it at this instance; `url` and `secret` are known here already."""
        row = self.row(repository)
        self.disk.install_hook(row.full_name)
        self.tell_hook(row)
        return f"The post-receive hook of {row.full_name} is installed and posts to {self.endpoint.url}."

    def tell_hook(self, row: RepositoryRow) -> None:
        """Writes anew what the hook of a repository must know."""
        people = {person.login.lower(): actor(person).id for person in self.desk.people()}
        pulls = [
            {
                "number": pull.number,
                "title": pull.title,
                "head_ref": pull.head,
                "base_ref": pull.base,
                "authors": [{"id": actor(pull.author).id, "login": pull.author.login}],
            }
            for pull in self.desk.pulls(row.id)
        ]
        self.disk.tell_hook(self.endpoint, self.repository(row.full_name), people, pulls)

    # -- people ----------------------------------------------------------------------------------------------------------

    def permission(self, repository: str, person: Actor) -> Level:
        self.row(repository)
        found = self.desk.person_by_id(_number(person.id))
        return found.level if found else Level.NONE

    def in_team(self, team: str, person: Actor) -> bool:  # noqa: ARG002 - there are no teams here, so nobody is in one
        return False

    def person(self, login: str) -> Actor | None:
        found = self.desk.person(login)
        return actor(found) if found else None

    def me(self) -> Actor:
        return actor(self._bot())

    def _bot(self) -> Person:
        return Person(0, self.bot, Level.WRITE)

    # -- what is written ---------------------------------------------------------------------------------------------------

    def set_status(self, repository: str, sha: str, context: str, state: CommitState, description: str, url: str) -> bool:
        row = self.row(repository)
        if self.disk.repository(row.full_name).sha_of(sha) != sha:
            return False
        cut = description if len(description) <= LONGEST_DESCRIPTION else description[: LONGEST_DESCRIPTION - 1] + "…"
        self.desk.put_status(row.id, StatusRow(sha, context, state, cut, url, self.desk.now()))
        return True

    def create_comment(self, conversation: Conversation, body: str) -> Comment:
        return self.add_comment(conversation, body, self._bot())

    def add_comment(self, conversation: Conversation, body: str, author: Person) -> Comment:
        """Keeps somebody's comment. Raises NotFound when there is no such pull request or commit."""
        row = self.row(conversation.repository)
        if conversation.number is not None:
            self._pull(row, conversation.number)
        else:
            self.disk.repository(row.full_name).known(conversation.sha)
        place = Conversation(f"local:{row.id}", conversation.number, "" if conversation.number is not None else conversation.sha)
        return _shown(self.desk.add_comment(place, _cut(body), author), self.bot)

    def edit_comment(self, conversation: Conversation, comment: str, body: str) -> bool:
        known = self._comment(conversation, comment)
        return known is not None and self.desk.edit_comment(known.id, _cut(body))

    def find_comment(self, conversation: Conversation, marker: str) -> Comment | None:
        ours = (row for row in self.desk.comments(conversation) if row.author.id == 0 and marker in row.body)
        return next((_shown(row, self.bot) for row in ours), None)

    def comment(self, conversation: Conversation, kind: CommentKind, comment: str) -> Comment | None:
        known = self._comment(conversation, comment)
        return _shown(known, self.bot) if known and known.kind is kind else None

    def react(self, conversation: Conversation, kind: CommentKind, comment: str, reaction: str) -> None:
        if self.comment(conversation, kind, comment) is None:
            raise NotFound(f"there is no comment {comment} to react to")
        self.desk.put_reaction(_number(comment), reaction)

    def _comment(self, conversation: Conversation, comment: str) -> CommentRow | None:
        known = self.desk.comment(_number(comment))
        return known if known and known.conversation.repository == conversation.repository else None

    # -- pull requests -------------------------------------------------------------------------------------------------------

    def pull_request(self, repository: str, number: int) -> PullRequest:
        row = self.row(repository)
        return self._request(row, self._pull(row, number))

    def open_pull_requests(self, repository: str) -> tuple[PullRequest, ...]:
        row = self.row(repository)
        return tuple(self._request(row, pull) for pull in self.desk.pulls(row.id))

    def pull_requests_of(self, repository: str, sha: str) -> tuple[PullRequest, ...]:
        row = self.row(repository)
        requests = (self._request(row, pull) for pull in self.desk.pulls(row.id, open_only=False))
        found = [request for request in requests if sha and sha in (request.head, request.merge_commit)]
        return tuple(sorted(found, key=lambda request: not request.open)[:MOST_OF_ONE_SHA])

    def reviews(self, repository: str, number: int) -> tuple[Review, ...]:
        """None: people approve here by comment."""
        self._pull(self.row(repository), number)
        return ()

    def clock_skew(self) -> float:
        return 0.0

    def budget(self) -> float:
        return 1.0

    def budget_reset(self) -> float:
        return 0.0

    def _pull(self, row: RepositoryRow, number: int) -> PullRow:
        pull = self.desk.pull(row.id, number)
        if pull is None:
            raise NotFound(f"there is no pull request {number} in {row.full_name}")
        return pull

    def _request(self, row: RepositoryRow, pull: PullRow) -> PullRequest:
        bare = self.disk.repository(row.full_name)
        return PullRequest(
            repository=self.repository(row.full_name),
            number=pull.number,
            title=pull.title,
            open=pull.open,
            draft=False,
            head=(bare.sha_of(f"refs/heads/{pull.head}") if pull.open else None) or bare.sha_of(f"refs/pull/{pull.number}/head") or "",
            head_ref=pull.head,
            head_repository=f"local:{row.id}",
            base=pull.base_sha or bare.sha_of(f"refs/heads/{pull.base}") or "",
            base_ref=pull.base,
            author=actor(pull.author),
            merged=bool(pull.merge_commit),
            merge_commit=pull.merge_commit,
        )


def _number(qualified: str) -> int:
    """The number in an id of ours; -1, which nobody has, for anything else (and for a commenter without an id)."""
    number = qualified.rpartition(":")[2]
    return int(number) if number.isdecimal() else -1


def _cut(body: str) -> str:
    """`body` in the length that a comment may have; a code fence that the cut left open is closed."""
    if len(body) <= LONGEST_COMMENT:
        return body
    kept = body[: LONGEST_COMMENT - 20].rsplit("\n", 1)[0]
    fences = sum(line.startswith("```") for line in kept.splitlines())
    return kept + ("\n```\n…" if fences % 2 else "\n…")


def _shown(row: CommentRow, bot: str) -> Comment:
    author = Actor("local:0", bot, bot=True) if row.author.id == 0 else actor(row.author)
    return Comment(str(row.id), row.conversation, row.kind, row.body, author, row.created)
