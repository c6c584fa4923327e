"""What a run posts: spec/workflow-language.md sections 2.1, 3.1 (OUT attributes) and 5."""

from __future__ import annotations

from typing import Any

import pytest

from app.registry import load
from app.workflow.definition import Output, digest
from app.workflow.events import Left
from app.workflow.kinds import ResourceKind
from app.workflow.line import MAIN, Lane, Version, VersionRef
from app.workflow.outputs import next_version, own_version

PR = Lane("pr/7@github:1")


def kind(name: str) -> ResourceKind:
    return load("app.resources")[name]  # type: ignore[return-value]


def version(label: str = "", files: str | None = None, lane: Lane = MAIN, **bag: Any) -> Version:
    return Version(VersionRef("r", 1), lane, 0.0, label, bag, files)


def out(**attributes: Any) -> Output:
    return Output("r", **attributes)


def left(*keys: str, bag: dict[str, Any] | None = None, files: str | None = None) -> Left:
    pairs = tuple((key, value) for key, _, value in (line.partition("=") for line in keys))
    return Left(pairs, bag, files)


IMAGE = version("1", sourceName="acme/app")
PARAMS = version(params={"A": "1", "B": 2}, note="kept")
REPO = version("aaa", sha="aaa", fullName="acme/app", sourceName="acme/app", branch="main")
OTHER_REPO = version("bbb", sha="bbb", fullName="acme/lib", sourceName="acme/lib", branch="develop")
FROM_PR = version("ccc", lane=PR, sha="ccc", pullRequest=7)

POSTED = [
    # what it is, kind, step, current, replicated, left, posted (None: nothing changed)
    ("nothing left posts nothing", "image", out(), IMAGE, None, left(), None),
    ("versionName names the version", "image", out(), IMAGE, None, left("versionName=2"), ("2", {"sourceName": "acme/app"}, None)),
    ("the same tag again posts nothing", "image", out(), IMAGE, None, left("versionName=1"), None),
    (
        "a changing key posts",
        "image",
        out(),
        IMAGE,
        None,
        left("versionName=1", "build=9"),
        ("1", {"sourceName": "acme/app", "build": "9"}, None),
    ),
    (
        "of a key given twice the last counts",
        "image",
        out(),
        IMAGE,
        None,
        left("k=1", "k=2"),
        ("1", {"sourceName": "acme/app", "k": "2"}, None),
    ),
    ("trace is not compared", "image", out(), IMAGE, None, left("trace=x", "sourceObjectId=1", "sourceObjectType=j"), None),
    (
        "keys of params go into params",
        "params",
        out(),
        PARAMS,
        None,
        left("A=9"),
        ("", {"params": {"A": "9", "B": 2}, "note": "kept"}, None),
    ),
    ("an equal key of params posts nothing", "params", out(), PARAMS, None, left("A=1"), None),
    ("the first version needs no current one", "params", out(), None, None, left("A=1"), ("", {"params": {"A": "1"}}, None)),
    ("overwrite starts from an empty bag", "image", out(overwrite=True), IMAGE, None, left("k=1"), ("1", {"k": "1"}, None)),
    (
        "overwritten params start from empty params",
        "params",
        out(overwrite=True),
        PARAMS,
        None,
        left("C=1"),
        ("", {"params": {"C": "1"}}, None),
    ),
    (
        "an overwritten repository keeps its commit",
        "gitRepo",
        out(overwrite=True),
        REPO,
        None,
        left("k=1"),
        ("aaa", {"sha": "aaa", "fullName": "acme/app", "k": "1"}, None),
    ),
    (
        "replicate copies label and bag",
        "image",
        out(replicate="x"),
        IMAGE,
        version("7", sourceName="acme/other"),
        left(),
        ("7", {"sourceName": "acme/other"}, None),
    ),
    (
        "keys go over what was replicated",
        "image",
        out(replicate="x"),
        IMAGE,
        version("7", k="0"),
        left("k=1", "versionName=8"),
        ("8", {"k": "1"}, None),
    ),
    ("a replicated equal version posts nothing", "image", out(replicate="x"), IMAGE, version("1", sourceName="acme/app"), left(), None),
    (
        "a repository replicates the commit only",
        "gitRepo",
        out(replicate="x"),
        REPO,
        OTHER_REPO,
        left(),
        ("bbb", {"sha": "bbb", "fullName": "acme/lib", "sourceName": "acme/app", "branch": "main"}, None),
    ),
    (
        "a pull request's commit replicates by default",
        "gitRepo",
        out(replicate="x"),
        REPO,
        FROM_PR,
        left(),
        ("ccc", {"sha": "ccc", "pullRequest": 7, "fullName": "acme/app", "sourceName": "acme/app", "branch": "main"}, None),
    ),
    ("unless the step says not", "gitRepo", out(replicate="x", replicate_on_pull_request=False), REPO, FROM_PR, left(), None),
    (
        "a script names no commit by keys",
        "gitRepo",
        out(),
        REPO,
        None,
        left("sha=bbb", "repository=github:9", "k=1"),
        ("aaa", {**REPO.bag, "k": "1"}, None),
    ),
    (
        "nor by an edited bag",
        "gitRepo",
        out(),
        REPO,
        OTHER_REPO,
        left(bag={**OTHER_REPO.bag, "sha": "eee", "k": "1"}),
        ("aaa", {**OTHER_REPO.bag, "sha": "aaa", "fullName": "acme/app", "k": "1"}, None),
    ),
    ("nor where there was none", "gitRepo", out(), None, None, left("sha=bbb", bag={"sha": "aaa", "repository": "github:9"}), None),
    (
        "but it may give on the commit of an IN",
        "gitRepo",
        out(),
        REPO,
        OTHER_REPO,
        left("versionName=bbb", bag={**REPO.bag, "sha": "bbb", "fullName": "acme/lib"}),
        ("bbb", {**REPO.bag, "sha": "bbb", "fullName": "acme/lib"}, None),
    ),
    ("an edited bag replaces", "image", out(), IMAGE, None, left(bag={"only": 1}), ("1", {"only": 1}, None)),
    ("keys go over the edited bag", "image", out(), IMAGE, None, left("k=1", bag={"only": 1}), ("1", {"only": 1, "k": "1"}, None)),
    ("an edited bag goes over a replica", "image", out(replicate="x"), IMAGE, version("7", a=1), left(bag={"b": 1}), ("7", {"b": 1}, None)),
    ("state files name the version", "state", out(), None, None, left(files="f1"), (digest("f1")[:40], {}, "f1")),
    ("equal files and keys post nothing", "state", out(), version(digest("f1")[:40], "f1"), None, left(files="f1"), None),
    ("state keys keep the files that are there", "state", out(), version("l", "f1"), None, left("k=1"), ("l", {"k": "1"}, "f1")),
    ("overwrite keeps files too", "state", out(overwrite=True), version("l", "f1", k="1"), None, left(), ("l", {}, "f1")),
    (
        "new files replace old ones",
        "state",
        out(),
        version("l", "f1", k="1"),
        None,
        left(files="f2"),
        (digest("f2")[:40], {"k": "1"}, "f2"),
    ),
    (
        "a state replicates its files",
        "state",
        out(replicate="x"),
        version("l", "f1"),
        version("m", "f9", k="1"),
        left(),
        ("m", {"k": "1"}, "f9"),
    ),
    ("others hold no files", "image", out(), IMAGE, None, left(files="f1"), None),
]


@pytest.mark.parametrize(
    ("of", "step", "current", "replicated", "left", "posted"), [row[1:] for row in POSTED], ids=[row[0] for row in POSTED]
)
def test_an_output_posts(of: str, step: Output, current: Version, replicated: Version, left: Left, posted: object) -> None:
    assert next_version(step, kind(of), current, {"x": replicated} if replicated else {}, left) == posted


OWN = [
    ("nothing is carried over on success", left(), version("old", "f1", k="1"), False, ("", {}, None)),
    (
        "files and keys of a success are kept",
        left("k=1", "versionName=3", files="f2"),
        version("old", "f1"),
        False,
        ("3", {"k": "1"}, "f2"),
    ),
    ("outputVersion.json gives the bag", left(bag={"a": 1}), None, False, ("", {"a": 1}, None)),
    ("a name alone leaves that bag", left("versionName=3", bag={"a": 1}), None, False, ("3", {"a": 1}, None)),
    ("keys replace that bag", left("k=1", bag={"a": 1}), None, False, ("", {"k": "1"}, None)),
    ("a failure restores", left(files="f2"), version("old", "f1", k="1"), True, ("old", {"k": "1"}, "f1")),
    ("a failure keeps its new keys", left("k=2", "n=1"), version("old", "f1", k="1"), True, ("old", {"k": "2", "n": "1"}, "f1")),
    ("a failure may name its version", left("versionName=4"), version("old", "f1"), True, ("4", {}, "f1")),
    ("a first failure restores nothing", left("k=2", files="f2"), None, True, ("", {"k": "2"}, None)),
]


@pytest.mark.parametrize(("left", "previous", "failed", "kept"), [row[1:] for row in OWN], ids=[row[0] for row in OWN])
def test_a_job_keeps(left: Left, previous: Version | None, failed: bool, kept: object) -> None:
    assert own_version(left, previous, failed) == kept


def test_versions_are_not_changed_in_place() -> None:
    current = version(params={"A": "1"})
    next_version(out(), kind("params"), current, {}, left("A=2"))
    assert current.bag == {"params": {"A": "1"}}
