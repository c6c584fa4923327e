"""The double's things as GitHub's JSON: the members that clients of ours and webhooks have use for."""

from __future__ import annotations

from typing import Any

from tests.fakes.github.git import GitCommit
from tests.fakes.github.world import Comment, Hook, Installation, Person, Pull, Repo, Status, World, stamp

Shape = dict[str, Any]


def person(found: Person) -> Shape:
    return {"login": found.login, "id": found.id, "node_id": f"U_{found.id}", "type": found.kind, "site_admin": False}


def repository(found: Repo) -> Shape:
    return {
        "id": found.id,
        "node_id": f"R_{found.id}",
        "name": found.name,
        "full_name": found.full_name,
        "private": found.private,
        "owner": person(found.owner),
        "html_url": f"https://github.example/{found.full_name}",
        "url": f"https://api.github.example/repos/{found.full_name}",
        "fork": found.fork_of is not None,
        "clone_url": found.clone_url,
        "ssh_url": f"git@github.example:{found.full_name}.git",
        "default_branch": found.default_branch,
        "archived": found.archived,
        "disabled": False,
        "visibility": "private" if found.private else "public",
    }


def git_commit(commit: GitCommit, repo: Repo) -> Shape:
    """As `/git/commits/{sha}` tells it."""
    return {
        "sha": commit.sha,
        "html_url": f"https://github.example/{repo.full_name}/commit/{commit.sha}",
        "message": commit.message,
        "author": _identity(commit.author),
        "committer": _identity(commit.committer),
        "tree": {"sha": commit.tree},
        "parents": [{"sha": parent} for parent in commit.parents],
    }


def listed_commit(commit: GitCommit, repo: Repo) -> Shape:
    """As branches and comparisons tell it."""
    inner = git_commit(commit, repo)
    return {"sha": inner.pop("sha"), "html_url": inner["html_url"], "commit": inner, "parents": inner.pop("parents")}


def pushed_commit(commit: GitCommit, repo: Repo) -> Shape:
    """As a push tells it."""
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "distinct": True,
        "message": commit.message,
        "timestamp": commit.author[2],
        "url": f"https://github.example/{repo.full_name}/commit/{commit.sha}",
        "author": {"name": commit.author[0], "email": commit.author[1]},
        "committer": {"name": commit.committer[0], "email": commit.committer[1]},
        "added": [],
        "removed": [],
        "modified": [],
    }


def _identity(found: tuple[str, str, str]) -> Shape:
    return {"name": found[0], "email": found[1], "date": found[2]}


def pull(world: World, repo: Repo, found: Pull) -> Shape:
    head = world.head_of(found)
    base = repo.git.resolve(f"refs/heads/{found.base_ref}") or ""
    return {
        "id": repo.id * 1000 + found.number,
        "number": found.number,
        "state": found.state,
        "title": found.title,
        "body": None,
        "user": person(found.author),
        "draft": found.draft,
        "labels": [],
        "created_at": stamp(found.created_at),
        "updated_at": stamp(found.updated_at),
        "closed_at": None if found.state == "open" else stamp(found.updated_at),
        "merged_at": stamp(found.merged_at) if found.merged_at is not None else None,
        "merged": found.merged_at is not None,
        "mergeable": None,
        "merge_commit_sha": found.merge_commit_sha,
        "author_association": "CONTRIBUTOR",
        "maintainer_can_modify": False,
        "head": _end(found.head, found.head_ref, head),
        "base": _end(repo, found.base_ref, base),
    }


def _end(repo: Repo | None, ref: str, sha: str) -> Shape:
    label = f"{repo.owner.login}:{ref}" if repo is not None else f"unknown repository:{ref}"
    return {
        "label": label,
        "ref": ref,
        "sha": sha,
        "user": person(repo.owner) if repo is not None else None,
        "repo": repository(repo) if repo is not None else None,
    }


def comment(found: Comment) -> Shape:
    """Any kind; a review has no `created_at`."""
    shape = {
        "id": found.id,
        "node_id": f"C_{found.id}",
        "user": person(found.user),
        "body": found.body,
        "author_association": "NONE",
        "html_url": f"https://github.example/comments/{found.id}",
    }
    if found.kind == "review":
        return shape | {"state": found.state, "commit_id": found.sha, "submitted_at": stamp(found.created_at)}
    times = {"created_at": stamp(found.created_at), "updated_at": stamp(found.updated_at or found.created_at)}
    return shape | times | ({"commit_id": found.sha} if found.sha else {})


def status(found: Status) -> Shape:
    return {
        "id": found.id,
        "state": found.state,
        "context": found.context,
        "description": found.description,
        "target_url": found.target_url or None,
        "creator": person(found.creator),
    }


def hook(found: Hook) -> Shape:
    """The secret is never told."""
    config = found.config | ({"secret": "********"} if "secret" in found.config else {})
    return {
        "type": "Repository",
        "id": found.id,
        "name": "web",
        "active": found.active,
        "events": found.events,
        "config": config,
    }


def installation(found: Installation) -> Shape:
    suspended = stamp(found.suspended_at) if found.suspended_at is not None else None
    return {
        "id": found.id,
        "account": person(found.account),
        "repository_selection": "all",
        "permissions": {},
        "events": [],
        "suspended_at": suspended,
    }
