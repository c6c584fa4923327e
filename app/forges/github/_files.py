"""The part of the GitHub forge about files at a commit: read from git's objects, so links and submodules are seen as such.

The contents API would follow a symbolic link, list a submodule as a file, and cut a folder at 1,000 entries (spec/forges.md A8).
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.errors import NotFound, Permanent, Temporary
from app.forges import Tree
from app.forges.github._client import Client, Part
from app.forges.github._json import Node
from app.forges.github._repositories import of_repository

REGULAR = frozenset({"100644", "100755"})
KINDS = {"120000": "a symbolic link", "160000": "a submodule", "040000": "a folder"}
REPLICATION = 2.0
"""Seconds after which a commit that was just told of should be there (trap 41)."""
KEPT_LISTINGS = 8
"""Commits whose files are remembered: a look at one commit reads several files of it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a git tree. `size` in bytes, 0 for what is no file."""

    mode: str
    sha: str
    size: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A commit's entries by path; GitHub leaves some out beyond 100,000 entries or 7 MB."""

    entries: Mapping[str, Entry]
    complete: bool


class Files(Part):
    """See `Forge`."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._listing = lru_cache(KEPT_LISTINGS)(self._fetched)

    def tree(self, repository: str, sha: str) -> Tree:
        """Where GitHub leaves entries out, those of the root folder and of its dot folders are there nevertheless."""
        listing = self._listing(repository, sha)
        entries = dict(listing.entries)
        if not listing.complete:
            root = self._level(repository, sha)
            entries |= root
            for path, entry in root.items():
                if path.startswith(".") and entry.mode == "040000":
                    entries |= self._level(repository, entry.sha, f"{path}/")
        return Tree({path: entry.sha for path, entry in entries.items() if entry.mode in REGULAR}, listing.complete)

    def read(self, repository: str, sha: str, path: str, most: int) -> bytes | None:
        """Size and kind are known before anything is fetched (trap 53)."""
        entry = self._entry(repository, sha, path)
        if entry is None:
            return None
        if entry.mode not in REGULAR:
            raise Permanent(f"{path} is {KINDS.get(entry.mode, 'no file')} at {sha[:12]}: only regular files are read.")
        if entry.size > most:
            raise Permanent(f"{path} has {entry.size} bytes at {sha[:12]}; at most {most} are read.")
        return b64decode(self._client.get(of_repository(repository, "git", "blobs", entry.sha)).text("content", ""))

    def _entry(self, repository: str, sha: str, path: str) -> Entry | None:
        listing = self._listing(repository, sha)
        if path in listing.entries or listing.complete:
            return listing.entries.get(path)
        *folders, name = path.split("/")
        level = self._level(repository, sha)
        for folder in folders:
            if folder not in level:
                return None
            level = self._level(repository, level[folder].sha)
        return level.get(name)

    def _fetched(self, repository: str, sha: str) -> Listing:
        found = self._tree(repository, sha, {"recursive": 1})
        return Listing(_entries(found), not found.flag("truncated"))

    def _level(self, repository: str, sha: str, prefix: str = "") -> Mapping[str, Entry]:
        """The entries of one folder, by name behind `prefix`."""
        return {f"{prefix}{name}": entry for name, entry in _entries(self._tree(repository, sha, {})).items()}

    def _tree(self, repository: str, sha: str, parameters: Mapping[str, int]) -> Node:
        """A repository that is there but not the commit: hooks are faster than replication (trap 41)."""
        try:
            return self._client.get(of_repository(repository, "git", "trees", sha), parameters)
        except NotFound:
            self._client.get(of_repository(repository))
            raise Temporary(f"GitHub does not know the commit {sha[:12]} (yet).", REPLICATION) from None


def _entries(tree: Node) -> Mapping[str, Entry]:
    return {
        found.text("path"): Entry(found.text("mode"), found.text("sha"), found.number("size") if found.has("size") else 0)
        for found in tree.nodes("tree")
    }
