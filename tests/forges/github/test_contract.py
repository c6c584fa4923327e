"""The GitHub forge passes the contract of all forges, against the double, with every request valid by GitHub's description."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.forges import Comment, Conversation, Level
from app.forges.github.api import GithubApi
from app.workflow.events import Repository
from app.workflow.line import Actor
from tests.contract.forges import ForgeContract
from tests.fakes.github.happenings import encoded
from tests.fakes.github.server import GithubDouble


class GithubWorld:
    """`ForgeWorld` by the double."""

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

    def pull_request(self, repository: str, head: str, author: str, title: str) -> int:
        return self.github.happen.pull_request(self._name(repository), head, author, title)

    def merge(self, repository: str, number: int) -> str:
        return self.github.happen.merge(self._name(repository), number, "alice")

    def comment(self, conversation: Conversation, author: str, body: str) -> Comment:
        name = self._name(conversation.repository)
        number = self.github.happen.comment(name, author, body, conversation.number, conversation.sha)
        kind = "commit" if conversation.number is None else "conversation"
        found = next(one for one in self.github.world.repository(name).comments if one.id == number)
        return Comment(f"github:{number}", conversation, kind, body, self.person(author), found.created_at)  # type: ignore[arg-type]

    def statuses(self, repository: str, sha: str) -> Mapping[str, tuple[str, str, str]]:
        written = self.github.happen.statuses(self._name(repository), sha)
        return {one["context"]: (one["state"], one["description"], one["target_url"] or "") for one in written}

    def reactions(self, comment: Comment) -> frozenset[str]:
        name = self._name(comment.conversation.repository)
        found = self.github.happen.comments(name, comment.conversation.number, comment.conversation.sha)
        return frozenset(next(one["reactions"] for one in found if f"github:{one['id']}" == comment.id))

    def _name(self, repository: str) -> str:
        return self.github.world.repositories[int(repository.removeprefix("github:"))].full_name


class TestGithub(ForgeContract):
    @pytest.fixture
    def world(self, github: GithubDouble, forge: GithubApi) -> GithubWorld:
        return GithubWorld(github, forge)
