"""A forge's state in memory, and what people do to it behind Gateline's back. `tests.fakes.forge.FakeForge` is how Gateline sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha1
from typing import TYPE_CHECKING

from app.errors import GatelineError, NotFound
from app.forges import Comment, Commented, CommentKind, CommitState, Conversation, Level, PullRequest, Review
from app.workflow.events import Commit, Repository
from app.workflow.line import Actor

if TYPE_CHECKING:
    from tests.fakes.forge import FakeForge


@dataclass(frozen=True)
class Snapshot:
    """A commit with what it leads back to and its files. `links` are symbolic links among them."""

    commit: Commit
    parents: tuple[str, ...]
    files: Mapping[str, bytes]
    links: frozenset[str] = frozenset()


@dataclass(frozen=True)
class StatusSet:
    """One commit status as it was written, in order of writing."""

    repository: str
    sha: str
    context: str
    state: CommitState
    description: str
    url: str
    at: float


@dataclass
class Hosted:
    """One repository."""

    about: Repository
    commits: dict[str, Snapshot] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    levels: dict[str, Level] = field(default_factory=dict)
    requests: dict[int, PullRequest] = field(default_factory=dict)
    reviews: dict[int, dict[str, Review]] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    hooks: set[str] = field(default_factory=set)


@dataclass
class FakeWorld:
    """`clock` is the forge's. `broken`: method of the forge -> the error that it raises for now. `budget`: the share left of an
    hour that ends at `budget_until`, in seconds since the epoch."""

    clock: Callable[[], float]
    name: str = "github"
    hosted: dict[str, Hosted] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)
    teams: dict[str, set[str]] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    reacted: list[tuple[str, str]] = field(default_factory=list)
    set_statuses: list[StatusSet] = field(default_factory=list)
    broken: dict[str, GatelineError] = field(default_factory=dict)
    budget: float = 1.0
    budget_until: float = 0.0
    _last: int = 0

    @property
    def forge(self) -> FakeForge:
        from tests.fakes.forge import FakeForge  # the two know each other

        return FakeForge(self)

    def next_id(self) -> str:
        self._last += 1
        return f"{self.name}:{self._last}"

    def at(self, repository: str) -> Hosted:
        if repository not in self.hosted:
            raise NotFound(f"there is no repository {repository}")
        return self.hosted[repository]

    # -- repositories and people -----------------------------------------------------------------------------------------

    def repository(self, name: str = "app", private: bool = False, owner: str = "acme") -> Repository:
        made = Repository(self.next_id(), f"{owner}/{name}", "main", private, f"https://forge.example/{owner}/{name}.git")
        self.hosted[made.id] = Hosted(made)
        return made

    def person(self, login: str, bot: bool = False) -> Actor:
        return self.people.setdefault(login.casefold(), Actor(self.next_id(), login, bot))

    def grant(self, repository: str, login: str, level: Level) -> None:
        self.at(repository).levels[self.person(login).id] = level

    def team(self, name: str, *logins: str) -> None:
        """Makes or replaces `@org/team`."""
        self.teams[name] = {self.person(login).id for login in logins}

    # -- commits -----------------------------------------------------------------------------------------------------------

    def commit(self, repository: str, branch: str, files: Mapping[str, bytes], message: str = "A commit") -> str:
        return self._add(repository, branch, files, message, ())

    def symlink(self, repository: str, branch: str, path: str, target: str) -> str:
        return self._add(repository, branch, {path: target.encode()}, "A link", (path,))

    def _add(self, repository: str, branch: str, files: Mapping[str, bytes], message: str, links: tuple[str, ...]) -> str:
        host = self.at(repository)
        parent = host.branches.get(branch) or host.branches.get(host.about.default_branch, "")
        older = host.commits.get(parent, Snapshot(Commit(""), (), {}))
        snapshot = Snapshot(
            Commit(self._sha(), message), (parent,) if parent else (), {**older.files, **files}, (older.links - set(files)) | set(links)
        )
        return self._point(host, branch, snapshot)

    def _sha(self) -> str:
        return sha1(self.next_id().encode()).hexdigest()

    def _point(self, host: Hosted, branch: str, snapshot: Snapshot) -> str:
        sha = snapshot.commit.sha
        host.commits[sha] = snapshot
        host.branches[branch] = sha
        for number, request in host.requests.items():
            if request.open and request.head_ref == branch and request.head_repository == host.about.id:
                host.requests[number] = replace(request, head=sha)
        return sha

    def tag(self, repository: str, name: str, sha: str) -> None:
        self.at(repository).tags[name] = sha

    # -- pull requests -----------------------------------------------------------------------------------------------------

    def pull_request(self, repository: str, head: str, author: str, title: str = "A change", fork: str = "") -> int:
        """Opens a request of branch `head` (of repository `fork`, if given) against main."""
        host, origin = self.at(repository), self.at(fork or repository)
        sha, base = origin.branches[head], host.about.default_branch
        host.commits.setdefault(sha, origin.commits[sha])
        number = max(host.requests, default=0) + 1
        host.requests[number] = PullRequest(
            repository=host.about,
            number=number,
            title=title,
            open=True,
            draft=False,
            head=sha,
            head_ref=head,
            head_repository=origin.about.id,
            base=host.branches[base],
            base_ref=base,
            author=self.person(author),
        )
        return number

    def merge(self, repository: str, number: int) -> str:
        host = self.at(repository)
        request = host.requests[number]
        ours, theirs = host.branches[request.base_ref], request.head
        files = {**host.commits[ours].files, **host.commits[theirs].files}
        sha = self._point(host, request.base_ref, Snapshot(Commit(self._sha(), f"Merge #{number}"), (ours, theirs), files))
        host.requests[number] = replace(request, open=False, merged=True, merge_commit=sha)
        return sha

    def close(self, repository: str, number: int) -> None:
        host = self.at(repository)
        host.requests[number] = replace(host.requests[number], open=False)

    def reopen(self, repository: str, number: int) -> None:
        host = self.at(repository)
        host.requests[number] = replace(host.requests[number], open=True)

    def review(self, repository: str, number: int, author: str, state: str = "approved", body: str = "") -> Commented:
        """A review of the head as it is; the hook it would send."""
        host, by = self.at(repository), self.person(author)
        sha = host.requests[number].head
        host.reviews.setdefault(number, {})[by.id] = Review(by, state, sha, self.clock())
        comment = self._write(Conversation(repository, number=number), by, body, CommentKind.REVIEW)
        return Commented(host.about, comment, by, sha=sha, reviewed=state)

    # -- conversations -----------------------------------------------------------------------------------------------------

    def comment(self, conversation: Conversation, author: str, body: str) -> Comment:
        return self._write(conversation, self.person(author), body)

    def say(self, conversation: Conversation, author: str, body: str) -> Commented:
        """A comment, and the hook it would send."""
        comment = self.comment(conversation, author, body)
        return Commented(self.at(conversation.repository).about, comment, comment.author, sha=conversation.sha)

    def edit(self, comment: Comment, body: str, by: str = "") -> Commented:
        """Changes a comment; the hook it would send."""
        edited = self.comments[comment.id] = replace(comment, body=body)
        sender = self.person(by) if by else comment.author
        return Commented(self.at(comment.conversation.repository).about, edited, sender, comment.body, comment.conversation.sha)

    def _write(self, conversation: Conversation, by: Actor, body: str, kind: CommentKind | None = None) -> Comment:
        usual = CommentKind.CONVERSATION if conversation.number else CommentKind.COMMIT
        id = self.next_id().rpartition(":")[2]
        self.comments[id] = Comment(id, conversation, kind or usual, body, by, self.clock())
        return self.comments[id]

    def bodies(self, conversation: Conversation) -> list[str]:
        """All comments of a conversation, oldest first."""
        return [each.body for each in self.comments.values() if each.conversation == conversation]

    def reactions(self, comment: Comment) -> frozenset[str]:
        return frozenset(reaction for id, reaction in self.reacted if id == comment.id)

    def statuses(self, repository: str, sha: str) -> Mapping[str, tuple[str, str, str]]:
        of_commit = [each for each in self.set_statuses if (each.repository, each.sha) == (repository, sha)]
        return {each.context: (str(each.state), each.description, each.url) for each in of_commit}
