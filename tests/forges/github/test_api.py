"""What only GitHub has: roles and teams, forks' requests, reviews, four kinds of comments, hooks, big trees, clone sources."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.errors import Permanent
from app.forges import CommentKind, CommitState, Conversation, Level
from app.forges.github.api import GithubApi, with_token
from app.workflow.line import Actor
from tests.fakes.github.happenings import encoded
from tests.fakes.github.server import GithubDouble
from tests.forges.github.conftest import TOKEN

HOOK = "https://gate.example/hooks/github"


@pytest.fixture
def repository(github: GithubDouble) -> str:
    """`acme/app` with a commit on main; the bot administers it."""
    number = github.happen.repository("acme/app")
    github.happen.grant("acme/app", "gateline-bot", "admin")
    github.happen.commit("acme/app", "main", encoded({"README.md": "x"}))
    return f"github:{number}"


def person(github: GithubDouble, login: str) -> Actor:
    return Actor(f"github:{github.happen.person(login)}", login)


# -- rights ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "level"),
    [
        ("admin", Level.ADMIN),
        ("maintain", Level.MAINTAIN),
        ("write", Level.WRITE),
        ("triage", Level.TRIAGE),
        ("read", Level.READ),
        ("none", Level.NONE),
        ("security-lead:write", Level.WRITE),
        ("admins-in-name-only:read", Level.READ),
        ("maintainer:triage", Level.READ),
    ],
)
def test_a_custom_role_counts_as_what_it_is_based_on(
    github: GithubDouble, forge: GithubApi, repository: str, role: str, level: Level
) -> None:
    github.happen.grant("acme/app", "alice", role)
    assert forge.permission(repository, person(github, "alice")) == level


def test_trap_44_a_login_that_changed_hands_gives_no_rights(github: GithubDouble, forge: GithubApi, repository: str) -> None:
    alice = person(github, "alice")
    github.happen.grant("acme/app", "alice", "admin")
    github.happen.rename_person("alice", "alice-of-old")
    usurper = person(github, "alice")
    assert forge.permission(repository, usurper) == Level.READ
    assert forge.permission(repository, alice) == Level.ADMIN


@pytest.mark.parametrize(
    ("team", "login", "member"),
    [
        ("@acme/ops", "alice", True),
        ("acme/ops", "alice", True),
        ("@Acme/Ops", "alice", True),
        ("@acme/ops", "invited", False),
        ("@acme/ops", "mallory", False),
        ("@acme/nobody", "alice", False),
        ("@acme", "alice", False),
        ("@acme/ops/../../x", "alice", False),
        ("", "alice", False),
    ],
)
def test_a_team_has_its_active_members_only(github: GithubDouble, forge: GithubApi, team: str, login: str, member: bool) -> None:
    github.happen.team("acme", "ops", {"alice": "active", "invited": "pending"})
    assert forge.in_team(team, person(github, login)) is member


def test_an_organisation_is_nobody(github: GithubDouble, forge: GithubApi) -> None:
    github.happen.person("acme", "Organization")
    assert forge.person("acme") is None
    assert forge.person("") is None


# -- pull requests ---------------------------------------------------------------------------------------------------------


def test_a_forks_head_is_found_though_github_does_not_associate_it(github: GithubDouble, forge: GithubApi, repository: str) -> None:
    fork = github.happen.repository("mallory/app", fork_of="acme/app")
    head = github.happen.commit("mallory/app", "main", encoded({"x": "1"}))
    number = github.happen.pull_request("acme/app", "mallory/app:main", "mallory")
    found = forge.pull_requests_of(repository, head)
    assert [(one.number, one.head_repository, one.head_ref) for one in found] == [(number, f"github:{fork}", "main")]


def test_trap_17_a_request_whose_fork_is_gone_keeps_its_number_and_head(github: GithubDouble, forge: GithubApi, repository: str) -> None:
    github.happen.repository("mallory/app", fork_of="acme/app")
    head = github.happen.commit("mallory/app", "topic", encoded({"x": "1"}))
    number = github.happen.pull_request("acme/app", "mallory/app:topic", "mallory")
    github.happen.delete_fork("mallory/app")
    request = forge.pull_request(repository, number)
    assert (request.head_repository, request.head, request.open) == ("", head, True)


def test_a_request_that_contains_a_commit_without_ending_in_it_is_not_of_it(
    github: GithubDouble, forge: GithubApi, repository: str
) -> None:
    first = github.happen.commit("acme/app", "topic", encoded({"x": "1"}))
    github.happen.commit("acme/app", "topic", encoded({"x": "2"}))
    github.happen.pull_request("acme/app", "topic", "alice")
    assert forge.pull_requests_of(repository, first) == ()


def test_more_requests_than_a_page_holds_are_all_listed(github: GithubDouble, forge: GithubApi, repository: str) -> None:
    github.happen.commit("acme/app", "topic", encoded({"x": "1"}))
    github.happen.pull_request("acme/app", "topic", "alice")
    pulls = github.world.repository("acme/app").pulls
    pulls += [replace(pulls[0], number=number) for number in range(2, 102)]
    assert len(forge.open_pull_requests(repository)) == 101


def test_of_many_requests_with_one_head_three_are_told_open_ones_first(github: GithubDouble, forge: GithubApi, repository: str) -> None:
    head = github.happen.commit("acme/app", "topic", encoded({"x": "1"}))
    numbers = [github.happen.pull_request("acme/app", "topic", "alice") for _ in range(5)]
    github.happen.close("acme/app", numbers[0], "alice")
    assert [one.number for one in forge.pull_requests_of(repository, head)] == numbers[1:4]


def test_the_newest_deciding_review_of_each_person_counts(github: GithubDouble, forge: GithubApi, repository: str) -> None:
    head = github.happen.commit("acme/app", "topic", encoded({"x": "1"}))
    number = github.happen.pull_request("acme/app", "topic", "alice")
    for login, state in [
        ("bob", "CHANGES_REQUESTED"),
        ("carol", "APPROVED"),
        ("bob", "APPROVED"),
        ("bob", "COMMENTED"),
        ("dave", "COMMENTED"),
        ("eve", "APPROVED"),
        ("eve", "DISMISSED"),
        ("carol", "CHANGES_REQUESTED"),
    ]:
        github.happen.review("acme/app", number, login, state)
    found = {one.by.login: (one.state, one.sha) for one in forge.reviews(repository, number)}
    assert found == {"bob": ("approved", head), "carol": ("changes_requested", head)}


# -- talk ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "state"), [(CommentKind.DIFF, ""), (CommentKind.REVIEW, "APPROVED"), (CommentKind.REVIEW, "COMMENTED")])
def test_reviews_and_diff_threads_are_read_and_reacted_to(
    github: GithubDouble, forge: GithubApi, repository: str, kind: CommentKind, state: str
) -> None:
    github.happen.commit("acme/app", "topic", encoded({"x": "1"}))
    number = github.happen.pull_request("acme/app", "topic", "alice")
    if kind is CommentKind.REVIEW:
        made = github.happen.review("acme/app", number, "bob", state, "/gateline approve x")
    else:
        made = github.happen.diff_comment("acme/app", number, "bob", "/gateline approve x")
    conversation = Conversation(repository, number=number)
    found = forge.comment(conversation, kind, f"github:{made}")
    assert found is not None
    assert (found.body, found.author) == ("/gateline approve x", person(github, "bob"))
    for reaction in ("eyes", "rocket", "rocket", "-1"):
        forge.react(conversation, kind, found.id, reaction)
    bot = github.happen.person("gateline-bot")
    stored = next(one for one in github.world.repository("acme/app").comments if one.id == made)
    assert stored.reactions == {(bot, "eyes"), (bot, "rocket"), (bot, "-1")}


def test_trap_10_a_context_is_written_in_lower_case(github: GithubDouble, forge: GithubApi, repository: str) -> None:
    sha = github.happen.commit("acme/app", "main", encoded({"x": "1"}))
    forge.set_status(repository, sha, "Gateline/Build", CommitState.SUCCESS, "fine", "")
    assert [one["context"] for one in github.happen.statuses("acme/app", sha)] == ["gateline/build"]


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (CommitState.PENDING, "pending"),
        (CommitState.RUNNING, "pending"),
        (CommitState.SUCCESS, "success"),
        (CommitState.FAILURE, "failure"),
        (CommitState.ERROR, "error"),
        (CommitState.CANCELLED, "error"),
    ],
)
def test_every_state_is_one_of_githubs_four(
    github: GithubDouble, forge: GithubApi, repository: str, state: CommitState, shown: str
) -> None:
    sha = github.happen.commit("acme/app", "main", encoded({"x": "1"}))
    forge.set_status(repository, sha, "gateline/build", state, "so", "https://gate.example/runs/1")
    assert [one["state"] for one in github.happen.statuses("acme/app", sha)] == [shown]


def test_our_comment_is_found_behind_a_hundred_others(github: GithubDouble, forge: GithubApi, repository: str) -> None:
    github.happen.commit("acme/app", "topic", encoded({"x": "1"}))
    number = github.happen.pull_request("acme/app", "topic", "alice")
    for n in range(120):
        github.happen.comment("acme/app", "alice", f"comment {n}", number)
    made = forge.create_comment(Conversation(repository, number=number), "<!-- m -->")
    found = forge.find_comment(Conversation(repository, number=number), "<!-- m -->")
    assert found is not None
    assert found.id == made.id


# -- files and history -----------------------------------------------------------------------------------------------------


def test_where_github_leaves_entries_out_workflow_files_are_found_nevertheless(
    github: GithubDouble, forge: GithubApi, repository: str
) -> None:
    files = {f"a/{n:03}": "x" for n in range(50)} | {".gateline/a.yml": "a", "shippable.yml": "s", "z/deep/file": "d"}
    sha = github.happen.commit("acme/app", "main", encoded(files))
    github.world.repository("acme/app").most_entries = 5
    tree = forge.tree(repository, sha)
    assert not tree.complete
    assert {".gateline/a.yml", "shippable.yml", "README.md"} <= set(tree.blobs)
    assert forge.read(repository, sha, "shippable.yml", 10) == b"s"
    assert forge.read(repository, sha, "z/deep/file", 10) == b"d"
    assert forge.read(repository, sha, "z/shallow/file", 10) is None


def test_several_files_of_a_commit_cost_one_listing(github: GithubDouble, forge: GithubApi, repository: str) -> None:
    sha = github.happen.commit("acme/app", "main", encoded({"a": "1", "b": "2"}))
    before = len(github.requests)
    forge.tree(repository, sha)
    assert (forge.read(repository, sha, "a", 9), forge.read(repository, sha, "b", 9)) == (b"1", b"2")
    assert len(github.requests) - before == 3


def test_at_most_250_commits_are_told(github: GithubDouble, forge: GithubApi, repository: str) -> None:
    git = github.world.repository("acme/app").git
    first = git.must_resolve("refs/heads/main")
    one = "commit refs/heads/main\ncommitter A <a@example.com> {at} +0000\ndata 0\n{parent}\n"
    parents = [f"from {first}\n", *[""] * 250]
    git.git("fast-import", "--quiet", stdin="".join(one.format(at=at, parent=parent) for at, parent in enumerate(parents)).encode())
    found = forge.commits_between(repository, first, git.must_resolve("refs/heads/main"))
    assert len(found) == 250


def test_a_branch_that_was_renamed_is_not_its_old_name(github: GithubDouble, forge: GithubApi, repository: str) -> None:
    github.fail(200, {"name": "main", "commit": {"sha": "a" * 40, "commit": {}}}, matching="/branches/master")
    assert forge.tip(repository, "master") is None


# -- setting up ------------------------------------------------------------------------------------------------------------


def test_a_hook_is_made_once_and_repaired_after(github: GithubDouble, forge: GithubApi, repository: str) -> None:
    assert "was made" in forge.ensure_hook(repository, HOOK, "first")
    hooks = github.world.repository("acme/app").hooks
    hooks[0].active, hooks[0].events = False, ["push"]
    assert "was there" in forge.ensure_hook(repository, HOOK, "second")
    assert len(hooks) == 1
    assert (hooks[0].active, hooks[0].config["secret"], hooks[0].config["content_type"]) == (True, "second", "json")
    assert {"push", "pull_request", "issue_comment", "pull_request_review"} <= set(hooks[0].events)
    assert "installation" not in hooks[0].events


def test_a_hook_of_somebody_else_is_left_alone(github: GithubDouble, forge: GithubApi, repository: str) -> None:
    forge.ensure_hook(repository, "https://other.example/hooks/github", "theirs")
    forge.ensure_hook(repository, HOOK, "ours")
    assert [hook.config["secret"] for hook in github.world.repository("acme/app").hooks] == ["theirs", "ours"]


@pytest.mark.parametrize(("role", "url"), [("write", HOOK), ("admin", "http://localhost:8080/hooks/github")])
def test_where_no_hook_can_be_made_it_is_told_how_to_do_it_by_hand(
    github: GithubDouble, forge: GithubApi, repository: str, role: str, url: str
) -> None:
    github.happen.grant("acme/app", "gateline-bot", role)
    github.state.loopback_hooks = False
    with pytest.raises(Permanent, match=f"by hand.*payload URL {url}") as told:
        forge.ensure_hook(repository, url, "the secret")
    assert "the secret," not in str(told.value)


def test_trap_51_credentials_of_a_clone_go_to_its_host_only_and_not_in_the_url(github: GithubDouble, forge: GithubApi) -> None:
    github.happen.repository("acme/app", clone_url="https://github.example/acme/app.git")
    source = forge.clone_source(forge.repository("acme/app").id)
    assert source.url == "https://github.example/acme/app.git"
    ((key, value),) = source.config
    assert key == "http.https://github.example/.extraHeader"
    assert value.startswith("Authorization: Basic ")
    assert TOKEN in source.secrets
    assert all(secret in value for secret in source.secrets if secret != TOKEN)


def test_a_repository_on_disk_needs_no_credentials(forge: GithubApi, repository: str) -> None:
    assert forge.clone_source(repository).url.startswith("file://")
    assert forge.clone_source(repository).config == ()


def test_trap_57_a_clock_that_is_ahead_is_noticed(github: GithubDouble, repository: str) -> None:
    ahead = with_token(github.url, TOKEN, now=lambda: github.world.clock() + 120)
    ahead.repository(repository)
    assert 118 < ahead.clock_skew() < 122


def test_the_token_is_not_shown(forge: GithubApi) -> None:
    assert TOKEN not in repr(forge._client.credentials.session("/"))


# -- comparisons -----------------------------------------------------------------------------------------------------------


def test_a_renamed_file_counts_under_both_of_its_names(github: GithubDouble, forge: GithubApi, repository: str) -> None:
    base = github.happen.commit("acme/app", "main", encoded({"old/a": "the same text"}))
    head = github.happen.commit("acme/app", "main", {**encoded({"new/a": "the same text"}), "old/a": None})
    assert forge.changed(repository, base, head) == {"old/a", "new/a"}


@pytest.mark.parametrize(("files", "known"), [(299, True), (300, False), (301, False)])
def test_as_many_files_as_a_comparison_can_name_may_be_more(
    github: GithubDouble, forge: GithubApi, repository: str, files: int, known: bool
) -> None:
    base = github.happen.commit("acme/app", "main", encoded({"a": "1"}))
    head = github.happen.commit("acme/app", "main", encoded({f"many/{number}": "1" for number in range(files)}))
    found = forge.changed(repository, base, head)
    assert found == ({f"many/{number}" for number in range(files)} if known else None)
