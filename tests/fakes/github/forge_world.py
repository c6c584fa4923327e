"""The double as suites over several forges see it: the contract's (`tests.contract.forges.ForgeWorld`) and the scenarios' (`TownWorld`)."""

from __future__ import annotations

from collections.abc import Mapping

from app.forges import Comment, Commented, CommentKind, CommitState, Conversation, Level, PullRequest
from app.forges.github.api import GithubApi
from app.workflow.events import Repository
from app.workflow.line import Actor
from tests.fakes.forge_world import Snapshot, StatusSet
from tests.fakes.github import world as double
from tests.fakes.github.happenings import encoded
from tests.fakes.github.server import GithubDouble


class GithubWorld:
    """What people do on the double and what it shows, in Gateline's terms; ids are forge-qualified."""

    def __init__(self, github: GithubDouble, forge: GithubApi) -> None:
        self.github = github
        self.forge = forge

    def repository(self, name: str = "app") -> Repository:
        if self.github.world.find_repository(f"acme/{name}") is None:
            self.github.happen.repository(f"acme/{name}")
            self.github.happen.grant(f"acme/{name}", "gateline-bot", "admin")
        return self.forge.repository(f"acme/{name}")

    def person(self, login: str) -> Actor:
        return Actor(f"github:{self.github.happen.person(login)}", login)

    def grant(self, repository: str, login: str, level: Level) -> None:
        self.github.happen.grant(self._name(repository), login, level.name.lower())

    def commit(self, repository: str, branch: str, files: Mapping[str, bytes], message: str = "A commit") -> str:
        return self.github.happen.commit(self._name(repository), branch, encoded(files), message)

    def symlink(self, repository: str, branch: str, path: str, target: str) -> str:
        return self.github.happen.symlink(self._name(repository), branch, path, target)

    def tag(self, repository: str, name: str, sha: str) -> None:
        self.github.happen.tag(self._name(repository), name, sha)

    def pull_request(self, repository: str, head: str, author: str, title: str, fork: str = "") -> int:
        branch = f"{self._name(fork)}:{head}" if fork else head
        return self.github.happen.pull_request(self._name(repository), branch, author, title)

    def merge(self, repository: str, number: int) -> str:
        return self.github.happen.merge(self._name(repository), number, "alice")

    def comment(self, conversation: Conversation, author: str, body: str) -> Comment:
        name = self._name(conversation.repository)
        number = self.github.happen.comment(name, author, body, conversation.number, conversation.sha)
        return self._comment(next(one for one in self._repo(conversation.repository).comments if one.id == number), conversation.repository)

    def statuses(self, repository: str, sha: str) -> Mapping[str, tuple[str, str, str]]:
        written = self.github.happen.statuses(self._name(repository), sha)
        return {one["context"]: (one["state"], one["description"], one["target_url"] or "") for one in written}

    def reactions(self, comment: Comment) -> frozenset[str]:
        name = self._name(comment.conversation.repository)
        found = self.github.happen.comments(name, comment.conversation.number, comment.conversation.sha)
        return frozenset(next(one["reactions"] for one in found if f"github:{one['id']}" == comment.id))

    def _comment(self, found: double.Comment, repository: str) -> Comment:
        conversation = Conversation(repository, found.number, found.sha)
        author = Actor(f"github:{found.user.id}", found.user.login)
        return Comment(f"github:{found.id}", conversation, CommentKind(found.kind), found.body, author, found.created_at)

    def _repo(self, repository: str) -> double.Repo:
        return self.github.world.repositories[int(repository.removeprefix("github:"))]

    def _name(self, repository: str) -> str:
        return self._repo(repository).full_name


class GithubTownWorld(GithubWorld):
    """The rest of what `tests.scenarios.town.Town` asks of its world, read from the double whenever it is asked."""

    def repository(self, name: str = "app", private: bool = False, owner: str = "acme") -> Repository:
        full_name = f"{owner}/{name}"
        self.github.happen.repository(full_name, private, "" if owner == "acme" else f"acme/{name}")
        self.github.happen.grant(full_name, "gateline-bot", "admin")
        return self.forge.repository(full_name)

    def at(self, repository: str) -> GithubHosted:
        return GithubHosted(self.forge, self._repo(repository))

    def close(self, repository: str, number: int) -> None:
        self.github.happen.close(self._name(repository), number, "carol")

    def say(self, conversation: Conversation, author: str, body: str) -> Commented:
        comment = self.comment(conversation, author, body)
        return Commented(self.at(conversation.repository).about, comment, comment.author, sha=conversation.sha)

    def next_id(self) -> str:
        return f"github:{self.github.world.next_id()}"

    @property
    def comments(self) -> dict[str, Comment]:
        every = [(f"github:{repo.id}", one) for repo in self.github.world.repositories.values() for one in repo.comments]
        return {f"github:{one.id}": self._comment(one, repository) for repository, one in every}

    def bodies(self, conversation: Conversation) -> list[str]:
        return [each.body for each in self.comments.values() if each.conversation == conversation]

    @property
    def set_statuses(self) -> list[StatusSet]:
        """Everything ever written, as GitHub shows it: `error` is also what was cancelled, `pending` what runs."""
        return [
            StatusSet(f"github:{repo.id}", one.sha, one.context, CommitState(one.state), one.description, one.target_url, 0.0)
            for repo in self.github.world.repositories.values()
            for one in repo.statuses
        ]


class GithubHosted:
    """A repository of the double, read as `tests.fakes.forge_world.Hosted` is."""

    def __init__(self, forge: GithubApi, repo: double.Repo) -> None:
        self._forge = forge
        self._repo = repo

    @property
    def about(self) -> Repository:
        return self._forge.repository(f"github:{self._repo.id}")

    @property
    def branches(self) -> dict[str, str]:
        return {ref.removeprefix("refs/heads/"): sha for ref, sha in self._repo.git.refs("refs/heads/").items()}

    @property
    def commits(self) -> Commits:
        return Commits(self._forge, self._repo)

    @property
    def requests(self) -> dict[int, PullRequest]:
        return {pull.number: self._forge.pull_request(f"github:{self._repo.id}", pull.number) for pull in self._repo.pulls}


class Commits:
    """A repository's commits by SHA, without their files."""

    def __init__(self, forge: GithubApi, repo: double.Repo) -> None:
        self._forge = forge
        self._repo = repo

    def __getitem__(self, sha: str) -> Snapshot:
        return Snapshot(self._forge.commit(f"github:{self._repo.id}", sha), self._repo.git.read_commit(sha).parents, {})
