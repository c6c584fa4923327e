"""The variables that kinds of resources add: an example for every row of spec/workflow-language.md section 2.4 that is theirs."""

from __future__ import annotations

from typing import Any

import pytest

from app.registry import load
from app.resources._base import Kind
from app.workflow.definition import Resource
from app.workflow.kinds import Field, ResourceKind
from app.workflow.plan import Sealed
from tests.resources.test_git_drafts import PULLS, drafted, forked, group, push, release, repo, request, tag

KINDS: dict[str, ResourceKind] = dict(load("app.resources"))  # type: ignore[arg-type]


def exported(type: str, seed: tuple[str, ...] = (), bag: dict[str, Any] | None = None, **content: Any) -> dict[str, object]:
    resource = Resource("x", type, "s", content=content, seed={key: content[key] for key in seed})
    return dict(KINDS[type].environment("X", resource, bag or {}))


POINTERS = [
    ("gitRepo", {"branches": {"only": ["main", "v*"]}}, {"X_POINTER_BRANCHES_ONLY_0": "main", "X_POINTER_BRANCHES_ONLY_1": "v*"}),
    (
        "gitRepo",
        {"buildOnCommit": False, "buildOnPullRequest": True},
        {"X_POINTER_BUILDONCOMMIT": "false", "X_POINTER_BUILDONPULLREQUEST": "true"},
    ),
    ("gitRepo", {"buildOnRelease": True, "buildOnTagPush": True}, {"X_POINTER_BUILDONRELEASE": "true", "X_POINTER_BUILDONTAGPUSH": "true"}),
    ("notification", {"recipients": ["#ops"], "method": "irc"}, {"X_POINTER_RECIPIENTS_0": "#ops", "X_POINTER_METHOD": "irc"}),
    ("notification", {"recipients": "#ops"}, {"X_POINTER_RECIPIENTS": "#ops"}),
    ("image", {"sourceName": "a/b", "versionName": "1"}, {"X_POINTER_SOURCENAME": "a/b", "X_SEED_VERSIONNAME": "1"}),
    ("time", {"interval": "0 4 * * *"}, {"X_SEED_INTERVAL": "0 4 * * *"}),
    ("version", {"versionName": "1.0.0"}, {"X_SEED_VERSIONNAME": "1.0.0"}),
    ("trigger", {"counter": 1}, {}),
    ("file", {"sourceName": "u", "versionName": "1"}, {"X_POINTER_SOURCENAME": "u", "X_SEED_VERSIONNAME": "1"}),
    ("cliConfig", {"region": "eu", "clusterName": "c"}, {"X_POINTER_REGION": "eu", "X_POINTER_CLUSTERNAME": "c"}),
    ("cluster", {"region": "eu", "namespace": "n"}, {"X_POINTER_REGION": "eu", "X_POINTER_NAMESPACE": "n"}),
    (
        "loadBalancer",
        {"sourceName": "lb", "method": "classic", "role": "r", "ports": [{"port": 80}]},
        {"X_POINTER_SOURCENAME": "lb", "X_POINTER_METHOD": "classic", "X_POINTER_ROLE": "r"},
    ),
    ("dockerOptions", {"memory": 512}, {}),
]


@pytest.mark.parametrize(("type", "content", "variables"), POINTERS)
def test_pointer_and_seed_are_exported_for_the_new_syntax(type: str, content: dict[str, Any], variables: dict[str, str]) -> None:
    assert exported(type, **content) == variables


def test_and_for_the_old_syntax_as_it_is_written() -> None:
    assert exported("image", seed=("versionName", "note"), sourceName="a/b", versionName="1", note="n") == {
        "X_POINTER_SOURCENAME": "a/b",
        "X_SEED_VERSIONNAME": "1",
        "X_SEED_NOTE": "n",
    }


def test_the_count_of_replicas_is_that_of_the_version_at_hand() -> None:
    assert exported("replicas", bag={"count": 3}, count=1) == {"X_VERSION_COUNT": "3"}
    assert exported("replicas", count=1) == {}


def test_secret_fields_are_never_exported() -> None:
    kind = Kind("vault", 1, "Keeps.", fields={"token": Field("str", "A token.", secret=True), "place": Field("str", "A place.")})
    resource = Resource("x", "vault", "s", content={"token": "hush", "place": "here"})
    assert kind.environment("X", resource, {}) == {"X_POINTER_PLACE": "here"}
    assert kind.first(resource) == ("", {"place": "here"})


@pytest.mark.parametrize(
    ("params", "variables"),
    [
        ({"Color": "red"}, {"Color": "red", "X_PARAMS_COLOR": "red"}),
        ({"my-key": "v"}, {"mykey": "v", "X_PARAMS_MYKEY": "v"}),
        ({"N": 1, "B": True, "E": None}, {"N": "1", "X_PARAMS_N": "1", "B": "true", "X_PARAMS_B": "true", "E": "", "X_PARAMS_E": ""}),
        ({"O": {"a": [1]}}, {"O": '{"a":[1]}', "X_PARAMS_O": '{"a":[1]}'}),
        ({"ENV": "prod"}, {"X_PARAMS_ENV": "prod"}),
        ({"GIT_DIR": "/x", "LD_PRELOAD": "e"}, {"X_PARAMS_GIT_DIR": "/x", "X_PARAMS_LD_PRELOAD": "e"}),
        ({"1st": "v"}, {"X_PARAMS_1ST": "v"}),
        ({"secure": "cipher"}, {"X_PARAMS_SECURE": Sealed("cipher", "X_PARAMS_")}),
    ],
)
def test_params_are_exported_twice_where_that_is_safe(params: dict[str, Any], variables: dict[str, object]) -> None:
    assert exported("params", bag={"params": params}) == variables


PUSHED = {
    "BRANCH": "feature/x",
    "BASE_BRANCH": "",
    "HEAD_BRANCH": "feature/x",
    "PULL_REQUEST": "false",
    "IS_PULL_REQUEST": "false",
    "IS_PULL_REQUEST_CLOSE": "false",
    "PULL_REQUEST_REPO_FULL_NAME": "",
    "COMMIT": "a" * 40,
    "COMMIT_MESSAGE": "Add a gate\n\nlong",
    "COMMITTER": "Bob <b@x>",
    "IS_GIT_TAG": "false",
    "GIT_TAG_NAME": "",
    "IS_RELEASE": "false",
    "RELEASE_NAME": "",
    "RELEASED_AT": "",
    "SSH_URL": "git@x:acme/app.git",
    "HTTPS_URL": "https://x/acme/app.git",
    "IS_FORK": "false",
    "REPO_FULL_NAME": "acme/app",
}
REQUESTED = PUSHED | {
    "BRANCH": "main",
    "BASE_BRANCH": "main",
    "PULL_REQUEST": "12",
    "IS_PULL_REQUEST": "true",
    "PULL_REQUEST_REPO_FULL_NAME": "acme/app",
}

GIT = [
    ("a push", push("feature/x"), {}, PUSHED),
    ("a request", request(), PULLS, REQUESTED),
    ("a request built as a commit", request(), {}, PUSHED),
    ("a fork's request", forked(), PULLS, REQUESTED | {"IS_FORK": "true", "PULL_REQUEST_REPO_FULL_NAME": "eve/app"}),
    (
        "a closed request",
        request("closed"),
        {"buildOnPullRequestClose": True},
        REQUESTED | {"IS_PULL_REQUEST": "false", "IS_PULL_REQUEST_CLOSE": "true"},
    ),
    (
        "a tag",
        tag("v1.0"),
        {"buildOnTagPush": True},
        PUSHED | {"BRANCH": "v1.0", "HEAD_BRANCH": "", "IS_GIT_TAG": "true", "GIT_TAG_NAME": "v1.0"},
    ),
    (
        "a release",
        release("v1.0"),
        {"buildOnRelease": True},
        PUSHED
        | {
            "BRANCH": "v1.0",
            "HEAD_BRANCH": "",
            "GIT_TAG_NAME": "v1.0",
            "IS_RELEASE": "true",
            "RELEASE_NAME": "One",
            "RELEASED_AT": "2026-01-02T03:04:05Z",
        },
    ),
    (
        "a merge group",
        group(),
        {},
        PUSHED | {"BRANCH": "gh-readonly-queue/main/pr-12-abc", "BASE_BRANCH": "main", "HEAD_BRANCH": "gh-readonly-queue/main/pr-12-abc"},
    ),
]


@pytest.mark.parametrize(("event", "content", "variables"), [row[1:] for row in GIT], ids=[row[0] for row in GIT])
def test_git_variables_of(event: Any, content: dict[str, Any], variables: dict[str, str]) -> None:
    draft = drafted(event, **content)
    assert draft is not None
    found = KINDS["gitRepo"].environment("APP", repo(), draft.bag)
    git = {name.removeprefix("APP_"): value for name, value in found.items() if "_POINTER_" not in name}
    assert git == variables


def test_a_repository_without_a_commit_has_no_git_variables() -> None:
    assert list(exported("gitRepo", sourceName="acme/app")) == ["X_POINTER_SOURCENAME"]
