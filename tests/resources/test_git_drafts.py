"""Which events make versions of a gitRepo, in which lane: product.md section 5, spec/workflow-language.md sections 2.3 and 4.7."""

from __future__ import annotations

from typing import Any

import pytest

from app.registry import load
from app.workflow.definition import Fragment, Resource
from app.workflow.events import (
    Adopted,
    Commit,
    Event,
    MergeGroupChanged,
    PullRequestChanged,
    Pushed,
    Released,
    Repository,
    Ticked,
    VersionPosted,
    WebhookReceived,
)
from app.workflow.kinds import Draft, ResourceKind
from app.workflow.line import Actor

KIND: ResourceKind = load("app.resources")["gitRepo"]  # type: ignore[assignment]
REPOSITORY = Repository("github:1", "acme/app", "main", clone_url="https://x/acme/app.git", ssh_url="git@x:acme/app.git")
ANN, BOB = Actor("github:10", "ann"), Actor("github:11", "bob")
HEAD = Commit("a" * 40, "Add a gate\n\nlong", "Ann <a@x>", "Bob <b@x>", "https://x/c")


def repo(**content: Any) -> Resource:
    return Resource("app", "gitRepo", "github:acme/app@main", content={"sourceName": "acme/app", **content})


def drafted(event: Event, **content: Any) -> Draft | None:
    return KIND.draft(repo(**content), event)


def push(ref: str = "main", message: str = "", after: str = HEAD.sha, before: str = "b" * 40, **more: Any) -> Pushed:
    full = ref if ref.startswith("refs/") else f"refs/heads/{ref}"
    commit = Commit(after, message or HEAD.message, HEAD.author, HEAD.committer, HEAD.url)
    return Pushed(key="d1", at=1.0, repository=REPOSITORY, ref=full, before=before, after=after, commit=commit, pusher=ANN, **more)


def request(action: str = "opened", branch: str = "feature/x", base: str = "main", **more: Any) -> PullRequestChanged:
    told: dict[str, Any] = {
        "title": "Gate it",
        "head": HEAD,
        "head_repository": REPOSITORY.id,
        "authors": (ANN, BOB),
        "fork": False,
        **more,
    }
    return PullRequestChanged(
        key="d2", at=1.0, repository=REPOSITORY, number=12, action=action, head_ref=branch, base_ref=base, base_sha="c" * 40, **told
    )


def forked(**more: Any) -> PullRequestChanged:
    return request(head_repository="github:99", head_full_name="eve/app", fork=True, **more)


def release(tag: str = "v1.0") -> Released:
    return Released(
        key="d3",
        at=1.0,
        repository=REPOSITORY,
        tag=tag,
        name="One",
        prerelease=False,
        released_at="2026-01-02T03:04:05Z",
        commit=HEAD,
        by=BOB,
    )


def group(action: str = "requested", base: str = "main") -> MergeGroupChanged:
    head = f"refs/heads/gh-readonly-queue/{base}/pr-12-abc"
    return MergeGroupChanged(
        key="d4", at=1.0, repository=REPOSITORY, action=action, head=HEAD, head_ref=head, base_ref=f"refs/heads/{base}", by=BOB
    )


def tag(name: str = "v1.0", **more: Any) -> Pushed:
    return push(f"refs/tags/{name}", **more)


PR, QUEUE = "pr/12@github:1", "queue/gh-readonly-queue/main/pr-12-abc@github:1"
FEATURE = "branch/feature/x@github:1"
PULLS = {"buildOnPullRequest": True}
NO_COMMITS = {"buildOnCommit": False}

LANES: list[tuple[str, Event, dict[str, Any], str | None]] = [
    # sentence, event, settings, lane (None: no version)
    ("the default branch is main's", push(), {}, "main"),
    ("other branches have lanes", push("feature/x"), {}, FEATURE),
    ("the resource's branch is main's", push("develop"), {"branch": "develop"}, "main"),
    ("with a branch the default one makes nothing", push("main"), {"branch": "develop"}, None),
    ("a glob in branches does not make main", push("feature/x"), {"branches": {"only": ["feature/*"]}}, FEATURE),
    ("a branch that is named literally is main's", push("release"), {"branches": {"only": ["release", "main"]}}, "main"),
    ("branches.only lets others out", push("feature/x"), {"branches": {"only": ["release"]}}, None),
    ("branches.except lets these out", push("feature/x"), {"branches": {"except": ["feature/*"]}}, None),
    ("only, then except", push("feature/x"), {"branches": {"only": ["*"], "except": ["feature/x"]}}, None),
    ("except alone lets others in", push("main"), {"branches": {"except": ["feature/*"]}}, "main"),
    ("branches are matched with case", push("Feature/x"), {"branches": {"only": ["feature/*"]}}, None),
    ("buildOnCommit: false", push(), NO_COMMITS, None),
    ("a deleted branch makes nothing", push(after=""), {}, None),
    ("a created branch does", push("feature/x", before=""), {}, FEATURE),
    ("merge queues' branches make nothing", push("gh-readonly-queue/main/pr-12-abc"), {}, None),
    ("notes and other refs make nothing", push("refs/notes/commits"), {}, None),
    ("a pull request's ref makes nothing", push("refs/pull/12/head"), {}, None),
    ("a tag makes nothing", tag(), {}, None),
    ("unless buildOnTagPush", tag(), {"buildOnTagPush": True}, "main"),
    ("tags.only filters tags", tag("nightly"), {"buildOnTagPush": True, "tags": {"only": ["v*"]}}, None),
    ("tags.except filters tags", tag("v1.0-rc"), {"buildOnTagPush": True, "tags": {"except": ["*-rc"]}}, None),
    ("branches do not filter tags", tag(), {"buildOnTagPush": True, "branches": {"only": ["main"]}}, "main"),
    ("tags need no buildOnCommit", tag(), {"buildOnTagPush": True, **NO_COMMITS}, "main"),
    ("a deleted tag makes nothing", tag(after=""), {"buildOnTagPush": True}, None),
    ("a release makes nothing", release(), {}, None),
    ("unless buildOnRelease", release(), {"buildOnRelease": True}, "main"),
    ("tags filter releases", release("nightly"), {"buildOnRelease": True, "tags": {"only": ["v*"]}}, None),
    ("a request of the same repository is its commit", request(), {}, PR),
    ("if its branch passes", request(), {"branches": {"only": ["main"]}}, None),
    ("a request of a fork is not", forked(), {}, None),
    ("buildOnPullRequest: a fork's too", forked(), PULLS, PR),
    ("buildOnPullRequest without buildOnCommit", request(), {**PULLS, **NO_COMMITS}, PR),
    ("neither", request(), NO_COMMITS, None),
    ("the filter is for the base", request(base="develop"), {**PULLS, **NO_COMMITS, "branch": "main"}, None),
    ("and passes the head by its base", request(), {**PULLS, "branch": "main"}, PR),
    ("a base that does not pass leaves the commit", request(base="x"), {**PULLS, "branches": {"except": ["x"]}}, PR),
    ("an update makes the next version", request("updated"), {}, PR),
    ("closing makes nothing", request("closed"), PULLS, None),
    ("unless buildOnPullRequestClose", request("closed"), {"buildOnPullRequestClose": True}, PR),
    ("with the base's filter", request("closed"), {"buildOnPullRequestClose": True, "branch": "other"}, None),
    ("a merge group has a lane", group(), {}, QUEUE),
    ("likewise with requests alone", group(), {**PULLS, **NO_COMMITS}, QUEUE),
    ("but not with neither", group(), NO_COMMITS, None),
    ("the base of a group is filtered", group(), {"branch": "develop"}, None),
    ("a destroyed group makes nothing", group("destroyed"), {}, None),
    ("ticks are none of its business", Ticked(key="k", at=1.0, resource="app", scheduled=1.0), {}, None),
    ("posts are none of its business", WebhookReceived(key="k", at=1.0, resource="app", payload={}), {}, None),
]


@pytest.mark.parametrize(("event", "content", "lane"), [row[1:] for row in LANES], ids=[row[0] for row in LANES])
def test_lane_of_the_version(event: Event, content: dict[str, Any], lane: str | None) -> None:
    draft = drafted(event, **content)
    assert (draft.lane.key if draft and not draft.skip else None) == lane
    if draft:
        assert (draft.label, draft.bag["sha"], draft.cause.sha) == (HEAD.sha, HEAD.sha, HEAD.sha)
        assert draft.bag["sourceName"] == "acme/app"


SKIPS: list[tuple[Event, dict[str, Any], bool]] = [
    (push(message="x [skip ci]"), {}, True),
    (push(message="x [ci skip] y"), {}, True),
    (push(message="x [no ci]"), {}, True),
    (push(message="x [SKIP CI]"), {}, True),
    (push(message="x\n\nbody [skip ci]"), {}, True),
    (push(message="x\n\n\nskip-checks: true"), {}, True),
    (push(message="x skip-checks: true"), {}, False),
    (push(message="skip ci"), {}, False),
    (tag(message="x [skip ci]"), {"buildOnTagPush": True}, True),
    (request(title="x [skip ci]"), PULLS, True),
    (request(title="x [ci skip]"), {}, True),
    (request(head=Commit("d" * 40, "x [skip ci]")), PULLS, False),  # of a pull request the title counts
    (request(head=Commit("d" * 40, "x [skip ci]")), {}, True),  # built as a commit: its message too
    (request(title="x [no ci]"), PULLS, False),
]


@pytest.mark.parametrize(("event", "content", "skipped"), SKIPS)
def test_a_skip_mark_makes_a_skipped_draft_with_a_reason(event: Event, content: dict[str, Any], skipped: bool) -> None:
    draft = drafted(event, **content)
    assert draft is not None
    assert draft.skip is skipped
    assert bool(draft.reason) is skipped


def test_the_reason_of_a_skip_names_the_mark() -> None:
    assert drafted(push(message="x [ci skip]")).reason == "the commit message says [ci skip]"  # type: ignore[union-attr]
    assert drafted(request(title="[skip ci]")).reason == "the pull request's title says [skip ci]"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("before", "ancestor_of", "silent"),
    [("b" * 40, "", False), ("b" * 40, "f" * 40, True), ("f" * 40, "f" * 40, False)],
    ids=["newer", "late", "forced back"],
)
def test_a_late_push_is_silent_but_a_forced_move_back_counts(before: str, ancestor_of: str, silent: bool) -> None:
    draft = drafted(push(before=before, ancestor_of=ancestor_of))
    assert draft is not None
    assert draft.silent is silent


def test_the_cause_of_a_push_says_who_did_what() -> None:
    cause = drafted(push("feature/x")).cause  # type: ignore[union-attr]
    assert (cause.kind, cause.event, cause.repository, cause.full_name) == ("push", "d1", "github:1", "acme/app")
    assert (cause.ref, cause.number, cause.actors, cause.title, cause.fork) == ("refs/heads/feature/x", None, (ANN,), "Add a gate", False)


def test_the_cause_of_a_request_says_who_did_what() -> None:
    cause = drafted(forked(), **PULLS).cause  # type: ignore[union-attr]
    assert (cause.kind, cause.event, cause.number, cause.actors) == ("pull_request", "d2", 12, (ANN, BOB))
    assert (cause.title, cause.ref, cause.fork) == ("Gate it", "refs/heads/feature/x", True)


@pytest.mark.parametrize(("event", "kind"), [(tag(), "tag"), (release(), "release"), (group(), "merge_group")])
def test_other_causes_have_their_kind(event: Event, kind: str) -> None:
    draft = drafted(event, buildOnTagPush=True, buildOnRelease=True)
    assert draft is not None
    assert (draft.cause.kind, draft.cause.fork, len(draft.cause.actors)) == (kind, False, 1)


def test_a_push_by_an_untrusted_bot_counts_as_a_forks() -> None:
    draft = drafted(push("deps/x", fork=True))
    assert draft is not None
    assert draft.cause.fork
    assert draft.bag["fork"] is True


@pytest.mark.parametrize(
    ("event", "content", "merges", "branch", "number"),
    [
        (request(), PULLS, True, "main", 12),
        (request(), {}, False, "feature/x", None),
        (request("closed"), {"buildOnPullRequestClose": True}, False, "main", 12),
    ],
    ids=["as a request", "as a commit", "closed"],
)
def test_a_request_is_built_merged_only_with_build_on_pull_request(
    event: Event, content: dict[str, Any], merges: bool, branch: str, number: int | None
) -> None:
    bag = drafted(event, **content).bag  # type: ignore[union-attr]
    assert (bag["merges"], bag["branchName"], bag["pullRequest"]) == (merges, branch, number)


def test_the_settings_of_the_resource_stay_in_the_bag() -> None:
    bag = drafted(push(), depth=3, gitConfig=["core.longpaths true"], branches={"only": ["main"]}).bag  # type: ignore[union-attr]
    assert (bag["depth"], bag["gitConfig"], bag["branches"]) == (3, ["core.longpaths true"], {"only": ["main"]})


def test_a_very_long_message_is_cut() -> None:
    assert len(drafted(push(message="x" * 200_000)).bag["message"]) == 16_384  # type: ignore[union-attr, arg-type]


def adopt(tips: dict[str, Commit], name: str = "acme/app") -> Adopted:
    return Adopted(key="d5", at=1.0, fragment=Fragment("s", "c"), by=ANN, repositories={name: REPOSITORY}, tips=tips)


def test_adoption_makes_a_silent_first_version_of_the_tip() -> None:
    draft = drafted(adopt({"app": HEAD}), branch="develop", sourceName="Acme/App")
    assert draft is not None
    assert (draft.lane.key, draft.label, draft.silent, draft.cause.kind) == ("main", HEAD.sha, True, "adoption")
    assert draft.bag["branchName"] == "develop"


@pytest.mark.parametrize(
    ("tips", "content"),
    [({}, {}), ({"other": HEAD}, {}), ({"app": HEAD}, {"branches": {"only": ["x"]}}), ({"app": HEAD}, {"sourceName": "acme/gone"})],
    ids=["no tip", "another's tip", "the default branch does not pass", "unreachable"],
)
def test_otherwise_there_is_no_version_until_something_happens(tips: dict[str, Commit], content: dict[str, Any]) -> None:
    assert drafted(adopt(tips), **content) is None
    assert KIND.first(repo(**content)) is None


def test_nobody_names_a_commit_by_the_api() -> None:
    assert drafted(VersionPosted(key="k", at=1.0, resource="app", label="e" * 40, bag={"sha": "e" * 40}, by=BOB)) is None


def test_a_request_that_the_filters_pass_over_is_reported_as_skipped_so_that_a_required_check_does_not_wait_for_ever() -> None:
    event = next(row[1] for row in LANES if row[0] == "the filter is for the base")
    draft = drafted(event, buildOnPullRequest=True, buildOnCommit=False, branch="main")
    assert draft is not None
    assert (draft.skip, draft.reason) == (True, f"the filters pass over {event.base_ref}")
    assert drafted(event, buildOnPullRequest=False, buildOnCommit=False, branch="main") is None
