"""The double's routes about code: repositories, branches, git objects, comparisons, pull requests."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from flask import Blueprint, request

from tests.fakes.github import shapes
from tests.fakes.github.asking import commit_of, listed, pull_of, routes, world
from tests.fakes.github.git import GitFailed
from tests.fakes.github.refusals import not_found
from tests.fakes.github.world import Repo

code = Blueprint("code", __name__)
MOST_FILES = 300
"""A comparison tells no more of them."""


@routes(code, "GET", "")
def the_repository(repo: Repo) -> Any:
    return shapes.repository(repo)


@routes(code, "GET", "/branches")
def branches(repo: Repo) -> Any:
    refs = repo.git.refs("refs/heads/")
    return listed([{"name": ref.removeprefix("refs/heads/"), "commit": {"sha": sha}} for ref, sha in refs.items()])


@routes(code, "GET", "/branches/<path:branch>")
def branch(repo: Repo, branch: str) -> Any:
    sha = repo.git.resolve(f"refs/heads/{branch}")
    if sha is None:
        raise not_found()
    return {"name": branch, "commit": shapes.listed_commit(repo.git.read_commit(sha), repo), "protected": False}


@routes(code, "GET", "/tags")
def tags(repo: Repo) -> Any:
    refs = repo.git.refs("refs/tags/")
    return listed([{"name": ref.removeprefix("refs/tags/"), "commit": {"sha": sha}} for ref, sha in refs.items()])


@routes(code, "GET", "/labels")
def labels(repo: Repo) -> Any:
    return listed([{"id": index, "name": name} for index, name in enumerate(repo.labels)])


@routes(code, "GET", "/git/commits/<sha>")
def git_commit(repo: Repo, sha: str) -> Any:
    found = repo.git.resolve(sha)
    if found is None:
        raise not_found()
    return shapes.git_commit(repo.git.read_commit(found), repo)


@routes(code, "GET", "/git/trees/<sha>")
def tree(repo: Repo, sha: str) -> Any:
    """A commit's or a tree's; `recursive` counts whatever its value, and leaves entries out beyond a limit."""
    try:
        lines = repo.git.tree(sha, "recursive" in request.args)
    except GitFailed:
        raise not_found() from None
    shown = lines[: repo.most_entries] if "recursive" in request.args else lines
    entries = [
        {"path": line.path, "mode": line.mode, "type": line.kind, "sha": line.sha} | ({"size": line.size} if line.size is not None else {})
        for line in shown
    ]
    return {"sha": sha, "tree": entries, "truncated": len(shown) < len(lines)}


@routes(code, "GET", "/git/blobs/<sha>")
def blob(repo: Repo, sha: str) -> Any:
    try:
        content = repo.git.git_bytes("cat-file", "blob", sha)
    except GitFailed:
        raise not_found() from None
    text = b64encode(content).decode()
    wrapped = "".join(f"{text[at : at + 60]}\n" for at in range(0, len(text), 60))
    return {"sha": sha, "size": len(content), "encoding": "base64", "content": wrapped, "node_id": ""}


@routes(code, "GET", "/compare/<path:basehead>")
def compare(repo: Repo, basehead: str) -> Any:
    base, _, head = basehead.partition("...")
    older, newer = repo.git.resolve(base), repo.git.resolve(head)
    parted = repo.git.merge_base(older, newer) if older and newer else ""
    if older is None or newer is None or not parted:
        raise not_found()
    ahead, behind = repo.git.between(older, newer), repo.git.between(newer, older)
    status = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}.get((bool(ahead), bool(behind)), "diverged")
    commits = (shapes.listed_commit(repo.git.read_commit(sha), repo) for sha in ahead)
    base_commit = shapes.listed_commit(repo.git.read_commit(parted), repo)
    return listed(
        commits,
        "commits",
        merge_base_commit=base_commit,
        status=status,
        ahead_by=len(ahead),
        behind_by=len(behind),
        total_commits=len(ahead),
        files=[_changed_file(*each) for each in repo.git.changed(parted, newer)[:MOST_FILES]],
    )


def _changed_file(letter: str, path: str, before: str) -> dict[str, str]:
    status = {"A": "added", "D": "removed", "R": "renamed"}.get(letter, "modified")
    return {"filename": path, "status": status} | ({"previous_filename": before} if before else {})


@routes(code, "GET", "/commits/<sha>/pulls")
def pulls_of(repo: Repo, sha: str) -> Any:
    """Merged requests and open ones of this repository's branches; never those of forks (spec/forges.md A3)."""
    commit_of(repo, sha)
    known = world()
    found = [pull for pull in repo.pulls if sha == pull.merge_commit_sha or (pull.head is repo and sha == known.head_of(pull))]
    return listed([_listed_pull(repo, pull) for pull in found])


@routes(code, "GET", "/pulls")
def pulls(repo: Repo) -> Any:
    wanted = request.args.get("state", "open")
    found = [pull for pull in reversed(repo.pulls) if wanted in ("all", pull.state)]
    return listed([_listed_pull(repo, pull) for pull in found])


@routes(code, "GET", "/pulls/<int:number>")
def pull(repo: Repo, number: int) -> Any:
    return shapes.pull(world(), repo, pull_of(repo, number))


@routes(code, "GET", "/pulls/<int:number>/reviews")
def reviews(repo: Repo, number: int) -> Any:
    pull_of(repo, number)
    return listed([shapes.comment(one) for one in repo.comments if (one.kind, one.number) == ("review", number)])


def _listed_pull(repo: Repo, found: Any) -> shapes.Shape:
    """Lists leave `merged` and `mergeable` out."""
    whole = shapes.pull(world(), repo, found)
    return {key: value for key, value in whole.items() if key not in ("merged", "mergeable")}
