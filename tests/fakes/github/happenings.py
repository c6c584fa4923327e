"""What people do on the double behind Gateline's back; each method takes and returns plain JSON, so it works over HTTP too."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from tests.fakes.github import shapes
from tests.fakes.github.deliveries import Deliveries
from tests.fakes.github.git import BareRepository
from tests.fakes.github.shapes import Shape
from tests.fakes.github.world import App, Comment, Grant, Installation, Person, Pull, Repo, World

ZEROS = "0" * 40


class Happenings:
    """Verbs named by what people do. Repositories are told by `owner/name`, people by login; unknown people are made."""

    def __init__(self, world: World, deliveries: Deliveries) -> None:
        self.world = world
        self.deliveries = deliveries

    # -- places and people -------------------------------------------------------------------------------------------------

    def repository(self, full_name: str, private: bool = False, fork_of: str = "", clone_url: str = "") -> int:
        """Makes a repository with a bare git repository of its own; a fork starts with its parent's branches. Its id."""
        owner, _, name = full_name.partition("/")
        number = self.world.next_id()
        git = BareRepository.init(self.world.folder / f"{number}.git")
        repo = Repo(number, self.world.person(owner), name, git, self.world.clock(), private)
        repo.clone_url = clone_url or git.folder.resolve().as_uri()
        if fork_of:
            repo.fork_of = self.world.repository(fork_of)
            git.take(repo.fork_of.git, "refs/heads/*", "refs/heads/*")
        self.world.repositories[number] = repo
        repo.announced = git.refs()
        return number

    def person(self, login: str, kind: str = "User") -> int:
        return self.world.person(login, kind).id

    def token(self, token: str, login: str, writes: bool = True) -> None:
        """A personal access token."""
        self.world.tokens[token] = Grant(self.world.person(login), writes)

    def grant(self, full_name: str, login: str, role: str) -> None:
        """`role` is admin, maintain, write, triage, read, none, or `<custom>:<one of these>`."""
        self.world.repository(full_name).roles[self.world.person(login).id] = role

    def team(self, organisation: str, slug: str, members: Mapping[str, str]) -> None:
        """`members`: login -> active or pending."""
        self.world.person(organisation, "Organization")
        team = {self.world.person(login).id: state for login, state in members.items()}
        self.world.teams[f"{organisation}/{slug}".lower()] = team

    def labels(self, full_name: str, names: list[str]) -> None:
        self.world.repository(full_name).labels = names

    def archive(self, full_name: str, archived: bool = True) -> None:
        repo = self.world.repository(full_name)
        repo.archived = archived
        action = "archived" if archived else "unarchived"
        self.deliveries.emit("repository", {"action": action}, repo.owner, repo)

    def rename(self, full_name: str, name: str) -> None:
        """The old name keeps answering: GET by 301, everything else by 307 (trap 32)."""
        repo = self.world.repository(full_name)
        self.world.moved[repo.full_name.lower()] = repo.id
        old, repo.name = repo.name, name
        changes = {"repository": {"name": {"from": old}}}
        self.deliveries.emit("repository", {"action": "renamed", "changes": changes}, repo.owner, repo)

    def rename_person(self, login: str, new: str) -> None:
        self.world.person(login).login = new

    def app(self, app_id: int, public_key: str, slug: str = "gateline", hook_url: str = "", secret: str = "") -> int:
        """Registers the GitHub App: `public_key` in PEM, and its own webhook. The id of its bot user."""
        bot = self.world.person(f"{slug}[bot]", "Bot")
        self.world.app = App(app_id, slug, bot, public_key, hook_url, secret)
        return bot.id

    def install(self, account: str, suspended: bool = False) -> int:
        """Installs the App on an account. The installation's id."""
        made = Installation(self.world.next_id(), self.world.person(account))
        made.suspended_at = self.world.clock() if suspended else None
        self.world.installations[made.id] = made
        listed = [shapes.repository(repo) for repo in self.world.repositories.values() if repo.owner is made.account]
        payload = {"action": "created", "installation": shapes.installation(made), "repositories": listed}
        self.deliveries.emit("installation", payload, made.account)
        return made.id

    # -- commits -----------------------------------------------------------------------------------------------------------

    def commit(self, full_name: str, branch: str, files: Mapping[str, str | None], message: str = "A commit") -> str:
        """A commit that nobody is told of. `files`: path -> base64 of the content, null deletes. Its SHA."""
        repo = self.world.repository(full_name)
        contents = {path: b64decode(text) if text is not None else None for path, text in files.items()}
        sha = repo.git.commit(branch, contents, message, int(self.world.clock()))
        repo.announced = repo.git.refs()
        return sha

    def push(self, full_name: str, branch: str, files: Mapping[str, str | None], by: str, message: str = "A commit") -> str:
        """A commit, and the hooks of its push."""
        repo = self.world.repository(full_name)
        before = dict(repo.announced)
        sha = self.commit(full_name, branch, files, message)
        repo.announced = before
        self.announce(full_name, by)
        return sha

    def symlink(self, full_name: str, branch: str, path: str, target: str) -> str:
        repo = self.world.repository(full_name)
        return repo.git.commit(branch, {path: target.encode()}, "A link", int(self.world.clock()), mode="120000")

    def tag(self, full_name: str, name: str, sha: str) -> None:
        repo = self.world.repository(full_name)
        repo.git.tag(name, sha)
        repo.announced = repo.git.refs()

    def announce(self, full_name: str, by: str) -> list[str]:
        """Sends the hooks of whatever moved in the git repository since the last time (a real `git push`). The refs."""
        repo, pusher = self.world.repository(full_name), self.world.person(by)
        before, after = repo.announced, repo.git.refs()
        moved = sorted(ref for ref in before.keys() | after.keys() if before.get(ref) != after.get(ref))
        moved = [ref for ref in moved if ref.startswith(("refs/heads/", "refs/tags/"))]
        for ref in moved:
            self._pushed(repo, ref, before.get(ref, ZEROS), after.get(ref, ZEROS), pusher)
        repo.announced = repo.git.refs()
        return moved

    def _pushed(self, repo: Repo, ref: str, before: str, after: str, pusher: Person) -> None:
        head = shapes.pushed_commit(repo.git.read_commit(after), repo) if after != ZEROS else None
        known = {"created": before == ZEROS, "deleted": after == ZEROS, "forced": False, "base_ref": None}
        payload = {"ref": ref, "before": before, "after": after, "head_commit": head, "commits": [head] if head else []}
        payload |= known | {"compare": "", "pusher": {"name": pusher.login, "email": None}}
        self.deliveries.emit("push", payload, pusher, repo)
        for base in self.world.repositories.values():
            for pull in base.pulls:
                if pull.state == "open" and pull.head is repo and f"refs/heads/{pull.head_ref}" == ref and after != ZEROS:
                    self._take_head(base, pull)
                    self._tell(base, pull, "synchronize", pusher, {"before": before, "after": after})

    # -- pull requests -----------------------------------------------------------------------------------------------------

    def pull_request(self, full_name: str, head: str, author: str, title: str = "A change", base: str = "main", draft: bool = False) -> int:
        """`head` is a branch, or `owner/fork:branch`. Its number."""
        repo = self.world.repository(full_name)
        source, _, branch = head.rpartition(":")
        found = self.world.repository(source) if source else repo
        now = self.world.clock()
        number = len(repo.pulls) + 1
        sha = found.git.must_resolve(f"refs/heads/{branch}")
        pull = Pull(number, title, self.world.person(author), found, branch, base, sha, now, now, draft)
        repo.pulls.append(pull)
        self._take_head(repo, pull)
        self._tell(repo, pull, "opened", pull.author)
        return number

    def close(self, full_name: str, number: int, by: str) -> None:
        repo, pull = self._pull(full_name, number)
        self.world.head_of(pull)
        pull.state = "closed"
        self._tell(repo, pull, "closed", self.world.person(by))

    def merge(self, full_name: str, number: int, by: str) -> str:
        """By a merge commit, and the hooks of both. Its SHA."""
        repo, pull = self._pull(full_name, number)
        base = repo.git.must_resolve(f"refs/heads/{pull.base_ref}")
        message = f"Merge pull request #{number} from {pull.head_ref}\n\n{pull.title}"
        merged = repo.git.merge(base, self.world.head_of(pull), message)
        repo.git.set_ref(f"refs/heads/{pull.base_ref}", merged)
        pull.state, pull.merge_commit_sha, pull.merged_at = "closed", merged, self.world.clock()
        self._tell(repo, pull, "closed", self.world.person(by))
        self.announce(full_name, by)
        return merged

    def delete_fork(self, full_name: str) -> None:
        """Pull requests from it stay, with a head of no repository (trap 17)."""
        repo = self.world.repository(full_name)
        for base in self.world.repositories.values():
            for pull in base.pulls:
                if pull.head is repo:
                    self.world.head_of(pull)
                    pull.head = None
        del self.world.repositories[repo.id]

    def _pull(self, full_name: str, number: int) -> tuple[Repo, Pull]:
        repo = self.world.repository(full_name)
        return repo, repo.pulls[number - 1]

    def _take_head(self, repo: Repo, pull: Pull) -> None:
        """`refs/pull/N/head` is in the base repository, also for forks (spec/forges.md A8)."""
        assert pull.head is not None
        repo.git.take(pull.head.git, f"refs/heads/{pull.head_ref}", f"refs/pull/{pull.number}/head")

    def _tell(self, repo: Repo, pull: Pull, action: str, sender: Person, more: Shape | None = None) -> None:
        pull.updated_at = self.world.clock()
        payload = {"action": action, "number": pull.number, "pull_request": shapes.pull(self.world, repo, pull)}
        self.deliveries.emit("pull_request", payload | (more or {}), sender, repo)

    # -- talk --------------------------------------------------------------------------------------------------------------

    def comment(self, full_name: str, author: str, body: str, number: int | None = None, sha: str = "") -> int:
        """In a pull request's conversation or on a commit, told by hook. Its id."""
        repo, user = self.world.repository(full_name), self.world.person(author)
        kind = "conversation" if number is not None else "commit"
        made = Comment(self.world.next_id(), kind, user, body, self.world.clock(), number, sha)
        repo.comments.append(made)
        self.tell_comment(repo, made, "created", user)
        return made.id

    def edit_comment(self, full_name: str, comment: int, body: str, by: str) -> None:
        repo = self.world.repository(full_name)
        found = next(one for one in repo.comments if one.id == comment)
        old, found.body, found.updated_at = found.body, body, self.world.clock()
        self.tell_comment(repo, found, "edited", self.world.person(by), {"changes": {"body": {"from": old}}})

    def review(self, full_name: str, number: int, author: str, state: str, body: str = "", sha: str = "") -> int:
        """`state` is APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED. Its id."""
        repo, pull = self._pull(full_name, number)
        user = self.world.person(author)
        seen = sha or self.world.head_of(pull)
        made = Comment(self.world.next_id(), "review", user, body, self.world.clock(), number, seen, state)
        repo.comments.append(made)
        shape = shapes.comment(made) | {"state": state.lower()}
        payload = {"action": "submitted", "review": shape, "pull_request": shapes.pull(self.world, repo, pull)}
        self.deliveries.emit("pull_request_review", payload, user, repo)
        return made.id

    def diff_comment(self, full_name: str, number: int, author: str, body: str) -> int:
        repo, pull = self._pull(full_name, number)
        user = self.world.person(author)
        sha = self.world.head_of(pull)
        made = Comment(self.world.next_id(), "diff", user, body, self.world.clock(), number, sha)
        repo.comments.append(made)
        request = shapes.pull(self.world, repo, pull)
        payload = {"action": "created", "comment": shapes.comment(made), "pull_request": request}
        self.deliveries.emit("pull_request_review_comment", payload, user, repo)
        return made.id

    def tell_comment(self, repo: Repo, made: Comment, action: str, sender: Person, more: Shape | None = None) -> None:
        """The hook of a conversation's or a commit's comment; the bot's own come back as hooks as well."""
        payload: dict[str, Any] = {"action": action, "comment": shapes.comment(made)} | (more or {})
        if made.number is None:
            if action == "created":
                self.deliveries.emit("commit_comment", payload, sender, repo)
            return
        pull = repo.pulls[made.number - 1]
        issue = {"number": pull.number, "title": pull.title, "state": pull.state, "user": shapes.person(pull.author)}
        self.deliveries.emit("issue_comment", payload | {"issue": issue | {"pull_request": {"url": ""}}}, sender, repo)

    # -- what the double shows ---------------------------------------------------------------------------------------------

    def statuses(self, full_name: str, sha: str) -> list[Shape]:
        """All statuses ever written to a commit, oldest first."""
        return [shapes.status(one) for one in self.world.repository(full_name).statuses if one.sha == sha]

    def comments(self, full_name: str, number: int | None = None, sha: str = "") -> list[Shape]:
        """Comments of a conversation, oldest first, with the reactions to them."""
        found = [one for one in self.world.repository(full_name).comments if (one.number, one.sha) == (number, sha)]
        return [shapes.comment(one) | {"reactions": sorted(content for _, content in one.reactions)} for one in found]

    def sent(self) -> list[Shape]:
        """Every delivery of a webhook so far, when all were answered."""
        self.deliveries.settle()
        return [{"event": one.event, "action": one.action, "guid": one.guid, "status": one.status} for one in self.deliveries.log]


def encoded(files: Mapping[str, bytes | str | None]) -> dict[str, str | None]:
    """Contents as `commit` and `push` take them."""
    return {path: b64encode(_bytes(content)).decode() if content is not None else None for path, content in files.items()}


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content
