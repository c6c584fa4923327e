"""The part of the GitHub forge about repositories: commits, refs, labels, and where to clone from."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from itertools import islice
from urllib.parse import urlsplit

from app.errors import NotFound
from app.forges import CloneSource
from app.forges.github._client import Part
from app.forges.github._shapes import NAME, git_commit, listed_commit, repository
from app.forges.github._wire import route
from app.workflow.events import Commit, Repository

FULL_SHA = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
FULL_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
MOST_COMMITS = 250
MOST_FILES = 300
"""A comparison names no more files than this."""
AHEAD = frozenset({"ahead", "identical"})
"""How GitHub calls the head of a comparison that has all the base has."""


def number_of(qualified: str) -> int:
    """The number that GitHub knows a thing by. Raises NotFound for an id that is not GitHub's."""
    forge, _, number = qualified.rpartition(":")
    if forge not in ("", NAME) or not number.isdecimal():
        raise NotFound(f"{qualified!r} is no id of GitHub's: those look like github:123.")
    return int(number)


def of_repository(qualified: str, *parts: object) -> str:
    """The path of something in a repository, always by the repository's id (spec/forges.md trap 32)."""
    return route("repositories", number_of(qualified), *parts)


class Repositories(Part):
    """See `Forge`."""

    def repository(self, id_or_name: str) -> Repository:
        if FULL_NAME.fullmatch(id_or_name):
            return repository(self._client.get(route("repos", *id_or_name.split("/"))))
        return repository(self._client.get(of_repository(id_or_name)))

    def tip(self, repository: str, branch: str) -> Commit | None:
        """A renamed branch is answered by its new one: that is another branch, so None."""
        found = self._client.find(of_repository(repository, "branches", branch))
        return listed_commit(found.node("commit")) if found is not None and found.text("name") == branch else None

    def tips(self, repository: str) -> Mapping[str, str]:
        """Both lists name commits: GitHub has peeled the tags (trap 24)."""
        return {
            f"refs/{kind}/{found.text('name')}": found.node("commit").text("sha")
            for kind, path in (("heads", "branches"), ("tags", "tags"))
            for found in self._client.pages(of_repository(repository, path))
        }

    def commit(self, repository: str, sha: str) -> Commit:
        if not FULL_SHA.fullmatch(sha):
            raise NotFound(f"{sha!r} is no full SHA, so it names no commit.")
        return git_commit(self._client.get(of_repository(repository, "git", "commits", sha)))

    def is_ancestor(self, repository: str, older: str, newer: str) -> bool:
        path = of_repository(repository, "compare", f"{older}...{newer}")
        found = self._client.find(path, {"per_page": 1})
        return found is not None and found.text("status") in AHEAD

    def merge_base(self, repository: str, one: str, other: str) -> str:
        found = self._client.find(of_repository(repository, "compare", f"{one}...{other}"), {"per_page": 1})
        return found.node("merge_base_commit").text("sha") if found is not None else ""

    def changed(self, repository: str, base: str, head: str) -> frozenset[str] | None:
        found = self._client.find(of_repository(repository, "compare", f"{base}...{head}"), {"per_page": 1})
        if found is None or found.text("status") not in AHEAD or "files" not in found.members:
            return None
        files = list(found.nodes("files"))
        names = {file.text(key, "") for file in files for key in ("filename", "previous_filename")}
        return frozenset(names - {""}) if len(files) < MOST_FILES else None

    def commits_between(self, repository: str, older: str, newer: str) -> tuple[Commit, ...]:
        path = of_repository(repository, "compare", f"{older}...{newer}")
        return tuple(listed_commit(found) for found in islice(self._client.pages(path, member="commits"), MOST_COMMITS))

    def labels(self, repository: str) -> frozenset[str]:
        return frozenset(found.text("name") for found in self._client.pages(of_repository(repository, "labels")))

    def clone_source(self, repository: str) -> CloneSource:
        """Credentials as a header for this host only, never in the URL (spec/forges.md A4). Their time: an App's hour."""
        url = self.repository(repository).clone_url
        address = urlsplit(url)
        if address.scheme not in ("http", "https"):
            return CloneSource(url)
        token = self._client.token_for(of_repository(repository))
        basic = b64encode(f"x-access-token:{token}".encode()).decode()
        header = f"http.{address.scheme}://{address.netloc}/.extraHeader"
        return CloneSource(url, ((header, f"Authorization: Basic {basic}"),), (token, basic))
