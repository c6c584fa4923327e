"""A pull request that is told again with more, or other, words of the same head is no news (product.md section 5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.workflow.events import Commit, PullRequestChanged, Repository
from tests.workflow.worlds import actor, pr, repository, sha, world

HEAD = Commit(sha("one"), "Add it", "ann", "bob", "https://forge.example/one")
TOLD = PullRequestChanged(
    key="first",
    at=1.0,
    repository=repository("app"),
    number=7,
    action="opened",
    title="A change",
    head=Commit(sha("one")),
    head_ref="topic",
    head_repository="github:1",
    base_ref="main",
    base_sha=sha("base"),
    authors=(actor("alice"),),
    fork=False,
)
RENAMED = Repository("github:1", "acme/renamed", clone_url="https://forge.example/renamed.git", ssh_url="git@forge.example:renamed")


@pytest.mark.parametrize(
    ("more", "runs"),
    [
        ({"head": HEAD}, 1),
        ({"title": "Another title"}, 1),
        ({"base_sha": sha("newer base")}, 1),
        ({"repository": RENAMED}, 1),
        ({"head_full_name": "acme/renamed"}, 1),
        ({"base_ref": "release"}, 2),
        ({"head": Commit(sha("two"))}, 2),
    ],
    ids=["the commit's words", "title", "the base moved", "renamed", "the head's name", "another base", "another head"],
)
def test_only_another_head_or_base_is_built_anew(more: dict[str, object], runs: int) -> None:
    w = world("app -> A", app={"buildOnPullRequest": True})
    w.happen(TOLD)
    w.happen(replace(TOLD, key="again", at=2.0, **more))  # type: ignore[arg-type]
    assert len(w.runs(pr(7))) == runs
