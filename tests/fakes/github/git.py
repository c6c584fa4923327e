"""A bare git repository on disk: what the double knows of commits, files and refs, it asks git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "HOME": os.devnull,
    "LC_ALL": "C.UTF-8",
}
FORMAT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"


class GitFailed(Exception):
    """A git command ended with an error; the text is what git said."""


@dataclass(frozen=True)
class GitCommit:
    """A commit as `git show` tells it; times are ISO 8601."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: tuple[str, str, str]
    committer: tuple[str, str, str]
    message: str


@dataclass(frozen=True)
class TreeLine:
    """A line of `git ls-tree`."""

    mode: str
    kind: str
    sha: str
    size: int | None
    path: str


@dataclass(frozen=True)
class BareRepository:
    """A bare repository in `folder`."""

    folder: Path

    @classmethod
    def init(cls, folder: Path, branch: str = "main") -> BareRepository:
        folder.mkdir(parents=True)
        made = cls(folder)
        made.git("init", "--quiet", "--bare", f"--initial-branch={branch}", ".")
        return made

    def git(self, *arguments: str, stdin: bytes | None = None) -> str:
        """The output of a git command. Raises GitFailed."""
        return self.git_bytes(*arguments, stdin=stdin).decode(errors="surrogateescape")

    def git_bytes(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        done = subprocess.run(["git", *arguments], cwd=self.folder, env=ENVIRONMENT, input=stdin, capture_output=True, check=False)
        if done.returncode:
            raise GitFailed(done.stderr.decode(errors="replace"))
        return done.stdout

    # -- writing -------------------------------------------------------------------------------------------------------

    def commit(self, branch: str, files: Mapping[str, bytes | None], message: str, at: int, mode: str = "100644") -> str:
        """A commit on top of a branch (a new one starts at main's tip); None deletes a file. Returns its SHA."""
        ref = f"refs/heads/{branch}"
        parent = self.resolve(ref) or self.resolve("refs/heads/main")
        lines = [f"commit {ref}\n".encode(), f"committer Git Author <author@example.com> {at} +0000\n".encode()]
        lines.append(_counted(message.encode()))
        if parent:
            lines.append(f"from {parent}\n".encode())
        for path, content in files.items():
            if content is None:
                lines.append(f"D {path}\n".encode())
            else:
                lines += [f"M {mode} inline {path}\n".encode(), _counted(content)]
        self.git("fast-import", "--quiet", "--force", stdin=b"".join(lines))
        return self.must_resolve(ref)

    def tag(self, name: str, sha: str) -> None:
        """An annotated tag."""
        identity = ("-c", "user.name=Git Author", "-c", "user.email=author@example.com")
        self.git(*identity, "tag", "--annotate", "--message", f"Tag {name}", name, sha)

    def merge(self, base: str, head: str, message: str) -> str:
        """A merge commit of two SHAs, not on any branch yet. Raises GitFailed for conflicts."""
        identity = ("-c", "user.name=Git Author", "-c", "user.email=author@example.com")
        tree = self.git("merge-tree", "--write-tree", base, head).split()[0]
        return self.git(*identity, "commit-tree", tree, "-p", base, "-p", head, "-m", message).strip()

    def set_ref(self, ref: str, sha: str) -> None:
        """Moves a ref; "" deletes it."""
        self.git(*(("update-ref", ref, sha) if sha else ("update-ref", "-d", ref)))

    def take(self, other: BareRepository, source: str, target: str) -> None:
        """Copies a commit of another repository to a ref here."""
        self.git("fetch", "--quiet", str(other.folder), f"+{source}:{target}")

    # -- reading -------------------------------------------------------------------------------------------------------

    def resolve(self, name: str) -> str | None:
        """The commit that a full ref or SHA names, None for none."""
        try:
            return self.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").strip()
        except GitFailed:
            return None

    def must_resolve(self, name: str) -> str:
        found = self.resolve(name)
        if found is None:
            raise GitFailed(f"{name} names no commit")
        return found

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Full ref -> commit (tags peeled)."""
        listed = self.git("for-each-ref", "--format=%(refname) %(objectname) %(*objectname)", prefix).splitlines()
        return {line.split(" ")[0]: line.split(" ")[2] or line.split(" ")[1] for line in listed}

    def read_commit(self, sha: str) -> GitCommit:
        parts = self.git("show", "--no-patch", f"--format={FORMAT}", sha).removesuffix("\n").split("\0", 9)
        names = (tuple(parts[3:6]), tuple(parts[6:9]))
        return GitCommit(parts[0], parts[1], tuple(parts[2].split()), names[0], names[1], parts[9].rstrip("\n"))  # type: ignore[arg-type]  # three each

    def tree(self, sha: str, recursive: bool) -> tuple[TreeLine, ...]:
        flags = ("-r", "-t") if recursive else ()
        listed = self.git("ls-tree", "-z", "-l", *flags, sha).split("\0")
        return tuple(_tree_line(line) for line in listed if line)

    def between(self, older: str, newer: str) -> tuple[str, ...]:
        return tuple(self.git("rev-list", "--reverse", "--topo-order", f"{older}..{newer}").split())

    def changed(self, older: str, newer: str) -> tuple[tuple[str, ...], ...]:
        """Letter, path, and the path before for what was renamed."""
        words = self.git("diff", "--name-status", "-z", "--find-renames", older, newer).split("\0")[:-1]
        found = []
        while words:
            letter, path = words.pop(0)[0], words.pop(0)
            found.append((letter, words.pop(0), path) if letter == "R" else (letter, path, ""))
        return tuple(found)

    def merge_base(self, one: str, other: str) -> str:
        """ "" when the two have nothing in common."""
        try:
            return self.git("merge-base", one, other).strip()
        except GitFailed:
            return ""


def _counted(content: bytes) -> bytes:
    return f"data {len(content)}\n".encode() + content + b"\n"


def _tree_line(line: str) -> TreeLine:
    head, path = line.split("\t", 1)
    mode, kind, sha, size = head.split()
    return TreeLine(mode, kind, sha, int(size) if size.isdecimal() else None, path)
