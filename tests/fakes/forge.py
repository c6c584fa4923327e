"""A whole forge in memory: `app.forges.Forge` over a `FakeWorld`. Passes the contract suite that the real ones pass."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha1

from app.errors import NotFound, Permanent
from app.forges import CloneSource, Comment, CommentKind, CommitState, Conversation, Level, PullRequest, Review, Tree
from app.workflow.events import Commit, Repository
from app.workflow.line import Actor
from app.workflow.markdown import cut
from tests.fakes.forge_world import FakeWorld, Snapshot, StatusSet

VERBS = frozenset(["approve", "reject", "trigger", "retry", "cancel", "pause", "resume", "pin", "unpin", "allow", "status", "why", "help"])


class FakeForge:
    """See `app.forges.Forge`. A method named in `world.broken` raises what is planted there."""

    def __init__(self, world: FakeWorld, bare_commands: frozenset[str] = VERBS) -> None:
        self.world = world
        self.name = world.name
        self.bare_commands = bare_commands

    def _may_break(self, method: str) -> None:
        if method in self.world.broken:
            raise self.world.broken[method]

    # -- repositories --------------------------------------------------------------------------------------------------------

    def repository(self, id_or_name: str) -> Repository:
        self._may_break("repository")
        for host in self.world.hosted.values():
            if id_or_name in (host.about.id, host.about.full_name):
                return host.about
        raise NotFound(f"there is no repository {id_or_name}")

    def tip(self, repository: str, branch: str) -> Commit | None:
        host = self.world.at(repository)
        return host.commits[host.branches[branch]].commit if branch in host.branches else None

    def tips(self, repository: str) -> Mapping[str, str]:
        host = self.world.at(repository)
        tags = {f"refs/tags/{name}": sha for name, sha in host.tags.items()}
        return {f"refs/heads/{name}": sha for name, sha in host.branches.items()} | tags

    def _snapshot(self, repository: str, sha: str) -> Snapshot:
        snapshot = self.world.at(repository).commits.get(sha)
        if snapshot is None:
            raise NotFound(f"there is no commit {sha}")
        return snapshot

    def tree(self, repository: str, sha: str) -> Tree:
        snapshot = self._snapshot(repository, sha)
        plain = {path: content for path, content in snapshot.files.items() if path not in snapshot.links}
        return Tree({path: sha1(b"blob %d\0" % len(content) + content).hexdigest() for path, content in plain.items()})

    def read(self, repository: str, sha: str, path: str, most: int) -> bytes | None:
        self._may_break("read")
        snapshot = self._snapshot(repository, sha)
        if path in snapshot.links or any(each.startswith(f"{path}/") for each in snapshot.files):
            raise Permanent(f"{path} is no file")
        content = snapshot.files.get(path)
        if content is not None and len(content) > most:
            raise Permanent(f"{path} is larger than {most} bytes")
        return content

    # -- history ---------------------------------------------------------------------------------------------------------------

    def commit(self, repository: str, sha: str) -> Commit:
        return self._snapshot(repository, sha).commit

    def _history(self, repository: str, sha: str) -> list[str]:
        """`sha` and all that it leads back to, newest first."""
        commits, found, next_up = self.world.at(repository).commits, dict[str, None](), [sha]
        while next_up:
            each = next_up.pop()
            if each in commits and each not in found:
                found[each] = None
                next_up += commits[each].parents
        return list(found)

    def is_ancestor(self, repository: str, older: str, newer: str) -> bool:
        return older in self._history(repository, newer)

    def merge_base(self, repository: str, one: str, other: str) -> str:
        known = set(self._history(repository, one))
        return next((sha for sha in self._history(repository, other) if sha in known), "")

    def changed(self, repository: str, base: str, head: str) -> frozenset[str] | None:
        self._may_break("changed")
        if not self.is_ancestor(repository, base, head):
            return None
        old, new = self._snapshot(repository, base).files, self._snapshot(repository, head).files
        return frozenset(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))

    def commits_between(self, repository: str, older: str, newer: str) -> tuple[Commit, ...]:
        known = set(self._history(repository, older))
        shas = [sha for sha in reversed(self._history(repository, newer)) if sha not in known]
        return tuple(self._snapshot(repository, sha).commit for sha in shas[-250:])

    # -- people ----------------------------------------------------------------------------------------------------------------

    def permission(self, repository: str, person: Actor) -> Level:
        self._may_break("permission")
        host = self.world.at(repository)
        known = person.id in {each.id for each in self.world.people.values()}
        public = Level.READ if known and not host.about.private else Level.NONE
        return host.levels.get(person.id, public)

    def in_team(self, team: str, person: Actor) -> bool:
        self._may_break("in_team")
        return person.id in self.world.teams.get(team, set())

    def person(self, login: str) -> Actor | None:
        return self.world.people.get(login.casefold())

    def me(self) -> Actor:
        return self.world.person("gateline-bot")

    # -- what the forge shows ----------------------------------------------------------------------------------------------------

    def set_status(self, repository: str, sha: str, context: str, state: CommitState, description: str, url: str) -> bool:
        self._may_break("set_status")
        if sha not in self.world.at(repository).commits:
            return False
        self.world.set_statuses.append(StatusSet(repository, sha, context, state, description[:140], url, self.world.clock()))
        return True

    def create_comment(self, conversation: Conversation, body: str) -> Comment:
        self._may_break("create_comment")
        return self.world.comment(conversation, self.me().login, cut(body, 65_536))

    def edit_comment(self, conversation: Conversation, comment: str, body: str) -> bool:
        self._may_break("edit_comment")
        known = self.world.comments.get(comment)
        if known is None:
            return False
        self.world.edit(known, cut(body, 65_536))
        return True

    def find_comment(self, conversation: Conversation, marker: str) -> Comment | None:
        mine = (each for each in self.world.comments.values() if each.author == self.me() and each.conversation == conversation)
        return next((each for each in mine if marker in each.body), None)

    def comment(self, conversation: Conversation, kind: CommentKind, comment: str) -> Comment | None:
        self._may_break("comment")
        found = self.world.comments.get(comment)
        here = (conversation.repository, kind)
        return found if found and (found.conversation.repository, found.kind) == here else None

    def react(self, conversation: Conversation, kind: CommentKind, comment: str, reaction: str) -> None:
        self._may_break("react")
        if (comment, reaction) not in self.world.reacted:
            self.world.reacted.append((comment, reaction))

    # -- pull requests -----------------------------------------------------------------------------------------------------------

    def pull_request(self, repository: str, number: int) -> PullRequest:
        self._may_break("pull_request")
        found = self.world.at(repository).requests.get(number)
        if found is None:
            raise NotFound(f"there is no pull request {number}")
        return found

    def open_pull_requests(self, repository: str) -> tuple[PullRequest, ...]:
        return tuple(each for each in self.world.at(repository).requests.values() if each.open)

    def pull_requests_of(self, repository: str, sha: str) -> tuple[PullRequest, ...]:
        found = [each for each in self.world.at(repository).requests.values() if sha in (each.head, each.merge_commit)]
        return tuple(sorted(found, key=lambda each: not each.open)[:3])

    def reviews(self, repository: str, number: int) -> tuple[Review, ...]:
        return tuple(self.world.at(repository).reviews.get(number, {}).values())

    # -- the rest ------------------------------------------------------------------------------------------------------------------

    def clone_source(self, repository: str) -> CloneSource:
        return CloneSource(self.world.at(repository).about.clone_url)

    def labels(self, repository: str) -> frozenset[str]:
        return frozenset(self.world.at(repository).labels)

    def ensure_hook(self, repository: str, url: str, secret: str) -> str:
        self.world.at(repository).hooks.add(url)
        return f"The hook to {url} is there."

    def clock_skew(self) -> float:
        return 0.0

    def budget(self) -> float:
        return self.world.budget if self.budget_reset() else 1.0

    def budget_reset(self) -> float:
        return max(self.world.budget_until - self.world.clock(), 0.0)
