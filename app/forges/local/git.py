"""Git commands in one bare repository: argument lists, full refs and full SHAs only, an environment built from nothing.

No shell ever sees a name (spec/forges.md section D, traps 20 and 21).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import NotFound, Permanent, Refused, Temporary
from app.workflow.events import Commit

FULL_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
REGULAR = ("100644", "100755")
MOST_COMMITS = 250
TIMEOUT = 60.0
"""Seconds that one git command may take."""

_FIELDS = "--format=%H%x00%an%x00%cn%x00%B"


class GitFailed(Exception):
    """Git said no: the text is what it wrote on standard error."""


@dataclass(frozen=True, slots=True)
class BareRepository:
    """What the forge asks of one repository on disk."""

    path: Path

    def run(self, *arguments: str, at: Path | None = None) -> bytes:
        """Standard output of a git command. Raises GitFailed, or Temporary when it takes too long."""
        return run_git("-C", str(at or self.path), *arguments)

    def sha_of(self, ref: str) -> str | None:
        """The commit that a full ref (or a full SHA) names, tags peeled; None when there is none."""
        try:
            return self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").decode().strip()
        except GitFailed:
            return None

    def known(self, sha: str) -> str:
        """`sha` itself, once it is sure to be a full SHA of a commit here. Raises NotFound."""
        if not FULL_SHA.fullmatch(sha) or self.sha_of(sha) != sha:
            raise NotFound(f"there is no commit {sha!r} in {self.path.name}")
        return sha

    def commit(self, sha: str) -> Commit:
        return self._log("--max-count=1", self.known(sha))[0]

    def commits_between(self, older: str, newer: str) -> tuple[Commit, ...]:
        """The newest 250 commits of `older..newer`, oldest first."""
        span = f"{self.known(older)}..{self.known(newer)}"
        return self._log(f"--max-count={MOST_COMMITS}", "--reverse", "--topo-order", span)

    def _log(self, *arguments: str) -> tuple[Commit, ...]:
        said = self.run("log", "-z", "--no-show-signature", "--no-mailmap", _FIELDS, *arguments, "--")
        words = said.decode(errors="replace").split("\0")[:-1]
        entries = zip(*[iter(words)] * 4, strict=True)
        return tuple(Commit(sha, message.rstrip("\n"), author, committer) for sha, author, committer, message in entries)

    def is_ancestor(self, older: str, newer: str) -> bool:
        try:
            self.run("merge-base", "--is-ancestor", self.known(older), self.known(newer))
        except (GitFailed, NotFound):
            return False
        return True

    def merge_base(self, one: str, other: str) -> str:
        """The newest commit that both have in their history, "" when there is none."""
        try:
            return self.run("merge-base", self.known(one), self.known(other)).decode().strip()
        except (GitFailed, NotFound):
            return ""

    def changed(self, base: str, head: str) -> frozenset[str] | None:
        """Paths that differ, None when `base` is not in the history of `head`."""
        if not self.is_ancestor(base, head):
            return None
        listed = self.run("diff-tree", "-r", "-z", "--no-renames", "--name-only", base, head).split(b"\0")[:-1]
        return frozenset(os.fsdecode(path) for path in listed)

    def tips(self) -> dict[str, str]:
        """Full ref -> SHA of branches and tags; tags peeled, whatever their depth."""
        try:
            lines = self.run("show-ref", "--heads", "--tags", "--dereference").decode().splitlines()
        except GitFailed:  # an empty repository: there is no ref to show
            return {}
        return {ref.removesuffix("^{}"): sha for sha, ref in (line.split(" ", 1) for line in lines)}

    def blobs(self, sha: str) -> dict[str, str]:
        """Path -> blob id of the commit's regular files (no links, no submodules: trap 53)."""
        entries = self.run("ls-tree", "-r", "-z", "--full-tree", self.known(sha)).split(b"\0")[:-1]
        found = {}
        for entry in entries:
            about, path = entry.split(b"\t", 1)
            mode, _, blob = about.decode().split()
            if mode in REGULAR:
                found[os.fsdecode(path)] = blob
        return found

    def read(self, sha: str, path: str, most: int) -> bytes | None:
        """A file at a commit, None when there is none. Raises Permanent when it is no regular file or larger than `most`."""
        self.known(sha)
        if not path or path != path.strip("/") or ".." in path.split("/"):
            return None
        entry = self.run("--literal-pathspecs", "ls-tree", "-l", "-z", "--full-tree", sha, "--", path)
        if not entry:
            return None
        mode, _, blob, size = entry.split(b"\t", 1)[0].decode().split()
        if mode not in REGULAR:
            raise Permanent(f"{path} is no file at {sha[:12]}: links, folders and submodules are not read")
        if int(size) > most:
            raise Permanent(f"{path} has {size} bytes at {sha[:12]}, {most} at most are read")
        return self.run("cat-file", "blob", blob)

    def set_ref(self, ref: str, new: str, old: str | None = None) -> None:
        """Points `ref` at `new`; with `old` only if it stands there still. Raises Temporary when it moved."""
        try:
            self.run("update-ref", "--", ref, new, *([] if old is None else [old]))
        except GitFailed as problem:
            raise Temporary(f"{ref} of {self.path.name} moved meanwhile: {problem}", after=1.0) from None

    def merge(self, base: str, head: str, message: str, author: str) -> str:
        """Merges commit `head` into commit `base` in a temporary working tree; returns the merge's SHA, moves no ref.

        Raises Refused when the two do not merge by themselves.
        """
        with tempfile.TemporaryDirectory(prefix="gateline-merge-") as folder:
            tree = Path(folder) / "tree"
            self.run("worktree", "add", "--detach", "--quiet", "--", str(tree), self.known(base))
            try:
                who = ("-c", f"user.name={author}", "-c", f"user.email={author}@localhost", "-c", f"core.hooksPath={os.devnull}")
                self.run(*who, "merge", "--no-ff", "--no-edit", "-m", message, self.known(head), at=tree)
                return self.run("rev-parse", "--verify", "HEAD", at=tree).decode().strip()
            except GitFailed as problem:
                raise Refused(f"{head[:12]} does not merge into {base[:12]} by itself: {problem}") from None
            finally:
                self.run("worktree", "remove", "--force", "--", str(tree))


def run_git(*arguments: str) -> bytes:
    """Standard output of git, run with nothing of our own environment. Raises GitFailed, Temporary, Permanent (no git)."""
    git = shutil.which("git")
    if git is None:
        raise Permanent("there is no git on the PATH: install git")
    try:
        done = subprocess.run([git, *arguments], env=_environment(git), capture_output=True, check=False, timeout=TIMEOUT)  # noqa: S603 - a list, no shell
    except subprocess.TimeoutExpired:
        raise Temporary(f"git {arguments[2] if len(arguments) > 2 else ''} took more than {TIMEOUT:.0f} s") from None
    if done.returncode:
        raise GitFailed((done.stderr or done.stdout).decode(errors="replace").strip())
    return done.stdout


def _environment(git: str) -> Mapping[str, str]:
    return {
        "PATH": os.pathsep.join([str(Path(git).parent), os.defpath]),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
    }
