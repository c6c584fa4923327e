"""The world of the contract suite on the local forge, and a small HTTP server that keeps the webhooks it gets."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import TracebackType

from app.forges import Comment, Conversation, Level, Parsed
from app.forges.local import actions
from app.forges.local.api import LocalForge
from app.forges.local.hooks import LocalHooks
from app.workflow.events import Repository
from app.workflow.line import Actor

LEVEL_NAMES = {level: name for name, level in actions.LEVELS.items()}


class Listener:
    """Listens on a port of its own; `answer` is the status code that it gives to each webhook."""

    def __init__(self) -> None:
        self.got: list[tuple[Mapping[str, str], bytes]] = []
        self.answer = 202
        self._server = HTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks/local"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.got.append((dict(self.headers), body))
                self.send_response(listener.answer)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it that
                """Quiet."""

        return Handler

    def parsed(self, forge: LocalForge) -> list[Parsed]:
        """What the webhooks so far say, their signatures checked; forgets them."""
        hooks = LocalHooks(forge.endpoint.secret())
        found = [hooks.parse(hooks.verify(headers, body), 1.0) for headers, body in self.got]
        self.got.clear()
        return found

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass
class LocalWorld:
    """What people do with git and the command line. Clones live under `clones`."""

    forge: LocalForge
    clones: Path
    trees: dict[str, Path] = field(default_factory=dict)

    def repository(self, name: str = "app") -> Repository:
        return actions.create_repository(self.forge, f"acme/{name}")

    def person(self, login: str) -> Actor:
        return self.forge.person(login) or actions.add_user(self.forge, login, "write")

    def grant(self, repository: str, login: str, level: Level) -> None:
        actions.add_user(self.forge, login, LEVEL_NAMES[level])

    def clone(self, repository: str) -> Path:
        """A working tree of the repository, made once."""
        if repository not in self.trees:
            tree = self.clones / repository.replace(":", "-")
            git(self.clones.parent, "clone", "--quiet", self.forge.clone_source(repository).url, str(tree))
            git(tree, "config", "user.name", "A committer")
            git(tree, "config", "user.email", "committer@example.org")
            self.trees[repository] = tree
        return self.trees[repository]

    def push(self, repository: str, *refspecs: str, user: str = "") -> str:
        """Pushes as the hook sees it; returns what git said on standard error."""
        return git(self.clone(repository), "push", "origin", *refspecs, user=user)

    def commit(self, repository: str, branch: str, files: Mapping[str, bytes], message: str = "A commit") -> str:
        tree = self._at(repository, branch)
        for path, content in files.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_bytes(content)
        return self._commit(repository, branch, message)

    def symlink(self, repository: str, branch: str, path: str, target: str) -> str:
        (self._at(repository, branch) / path).symlink_to(target)
        return self._commit(repository, branch, "A link")

    def tag(self, repository: str, name: str, sha: str) -> None:
        git(self.clone(repository), "tag", "--annotate", "--message", "A tag", name, sha)
        self._past_the_hook(repository, f"refs/tags/{name}")

    def pull_request(self, repository: str, head: str, author: str, title: str) -> int:
        self.person(author)
        return actions.open_pull_request(self.forge, repository, head, "main", title, author).number

    def merge(self, repository: str, number: int) -> str:
        self.grant(repository, "merger", Level.WRITE)
        return actions.merge_pull_request(self.forge, repository, number, "merger").merge_commit

    def comment(self, conversation: Conversation, author: str, body: str) -> Comment:
        self.person(author)
        return actions.comment(self.forge, conversation, author, body)

    def statuses(self, repository: str, sha: str) -> Mapping[str, tuple[str, str, str]]:
        rows = self.forge.desk.statuses(self.forge.row(repository).id, sha)
        return {row.context: (row.state.value, row.description, row.url) for row in rows}

    def reactions(self, comment: Comment) -> frozenset[str]:
        return frozenset(self.forge.desk.reactions(int(comment.id)))

    def _at(self, repository: str, branch: str) -> Path:
        tree = self.clone(repository)
        known = git(tree, "for-each-ref", "--format=%(refname)", "refs/heads").split()
        if f"refs/heads/{branch}" in known:
            git(tree, "checkout", "--quiet", branch, "--")
        elif known:
            git(tree, "checkout", "--quiet", "-b", branch, "main")
        else:
            git(tree, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
        return tree

    def _commit(self, repository: str, branch: str, message: str) -> str:
        tree = self.clone(repository)
        git(tree, "add", "--all")
        git(tree, "commit", "--quiet", "--allow-empty", "--message", message)
        self._past_the_hook(repository, f"refs/heads/{branch}")
        return git(tree, "rev-parse", "HEAD").strip()

    def _past_the_hook(self, repository: str, ref: str) -> None:
        """Brings a ref into the bare repository by fetching from there: no hook runs."""
        bare = self.forge.bare(repository).path
        git(bare, "fetch", "--quiet", str(self.clone(repository)), f"+{ref}:{ref}")


def git(folder: Path, *arguments: str, user: str = "") -> str:
    """Both outputs of a git command, run without anybody's configuration."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GATELINE_USER": user,
    }
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
