"""What deliveries say: the reviewed table of GitHub's examples, generated payloads, and the traps of spec/forges.md D."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.forges import (
    BadPayload,
    Commented,
    CommentKind,
    Conversation,
    Delivery,
    InstallationChanged,
    Nothing,
    Parsed,
    RepositoryChanged,
    RunAsked,
)
from app.forges.github.hooks import CHECKS, IGNORED, READERS, GithubHooks
from app.workflow.events import MergeGroupChanged, PullRequestChanged, Pushed, Released
from app.workflow.line import Actor
from tests.fakes.github.packages import npm_package
from tests.forges.github import payload_table
from tests.forges.github.generated import deliveries

ZEROS = "0" * 40
OLD, NEW, PEELED = "a" * 40, "b" * 40, "c" * 40
ALICE = {"id": 11, "login": "alice", "type": "User"}
MALLORY = {"id": 66, "login": "mallory", "type": "User"}
REPOSITORY = {"id": 1, "full_name": "acme/app", "default_branch": "main", "private": True, "pushed_at": 1700000000}
FORK = {"id": 2, "full_name": "mallory/app"}
HOOKS = GithubHooks(b"secret", app_id=7)


def parse(event: str, **payload: Any) -> Parsed:
    """What a payload says, with a repository and sender unless they are given."""
    whole = {"repository": REPOSITORY, "sender": ALICE} | payload
    return HOOKS.parse(Delivery("github", "repository/1", "guid", event, {}, json.dumps(whole).encode()), 5.0)


def head(sha: str) -> dict[str, Any]:
    return {"id": sha, "message": "Say why", "url": "https://x", "author": {"name": "A"}, "committer": {"name": "C"}}


def pull_request(**other: Any) -> dict[str, Any]:
    return {
        "number": 3,
        "title": "Faster",
        "state": "open",
        "user": ALICE,
        "updated_at": "2026-01-01T00:00:00Z",
        "head": {"sha": NEW, "ref": "main", "repo": REPOSITORY},
        "base": {"sha": OLD, "ref": "main", "repo": REPOSITORY},
    } | other


def comment(**other: Any) -> dict[str, Any]:
    return {"id": 9, "user": ALICE, "body": "/gateline status", "created_at": "2026-01-01T00:00:00Z"} | other


# -- the table and the generated payloads ----------------------------------------------------------------------------------


def test_every_example_of_githubs_means_what_the_reviewed_table_says() -> None:
    assert list(payload_table.rows()) == payload_table.TABLE.read_text().splitlines()


def test_the_table_has_a_row_for_each_of_the_329_examples_and_a_meaning_in_each() -> None:
    rows = [row.split("\t") for row in payload_table.TABLE.read_text().splitlines()]
    assert len({row[0] for row in rows}) == len(rows) == 329
    assert all(row[2].startswith("nothing, because ") or len(row) == 6 for row in rows)


def test_payloads_generated_from_githubs_schemas_are_all_read_without_an_exception() -> None:
    npm_package("@octokit/openapi-webhooks")
    seen = {}
    for event, action, payload in deliveries():
        delivery = Delivery("github", "repository/1", "guid", event, {}, json.dumps(payload).encode())
        seen[(event, action)] = HOOKS.parse(delivery, 0.0)
    assert {event for event, _ in seen} >= (READERS.keys() | CHECKS.keys() | IGNORED.keys())
    assert isinstance(seen["merge_group", "checks_requested"], MergeGroupChanged)
    assert isinstance(seen["merge_group", "destroyed"], MergeGroupChanged)
    kinds = {type(parsed) for parsed in seen.values()}
    assert kinds >= {PullRequestChanged, Released, Commented, RepositoryChanged, InstallationChanged, Nothing}


# -- pushes ----------------------------------------------------------------------------------------------------------------


def test_a_push_names_its_commit_and_its_pusher_by_id() -> None:
    told = parse("push", ref="refs/heads/main", before=OLD, after=NEW, head_commit=head(NEW), pusher={"name": "spoofed"})
    assert isinstance(told, Pushed)
    assert (told.ref, told.before, told.after, told.at) == ("refs/heads/main", OLD, NEW, 5.0)
    assert (told.commit.sha, told.commit.message, told.commit.author, told.commit.committer) == (NEW, "Say why", "A", "C")
    assert told.pusher == Actor("github:11", "alice")
    assert (told.repository.id, told.repository.full_name, told.repository.private) == ("github:1", "acme/app", True)


def test_zeros_are_no_commit_and_a_deleted_branch_has_no_head_commit() -> None:
    created = parse("push", ref="refs/heads/x", before=ZEROS, after=NEW, head_commit=head(NEW))
    deleted = parse("push", ref="refs/heads/x", before=OLD, after=ZEROS, head_commit=None)
    assert isinstance(created, Pushed)
    assert isinstance(deleted, Pushed)
    assert (created.before, deleted.after, deleted.commit.sha) == ("", "", "")


def test_trap_21_a_branch_and_a_tag_of_one_name_are_two_refs() -> None:
    keys = set()
    for ref in ("refs/heads/v1", "refs/tags/v1"):
        told = parse("push", ref=ref, before=ZEROS, after=NEW, head_commit=head(NEW))
        assert isinstance(told, Pushed)
        assert told.ref == ref
        keys.add(told.key)
    assert len(keys) == 2


def test_trap_24_the_commit_of_an_annotated_tag_is_the_peeled_one() -> None:
    told = parse("push", ref="refs/tags/v1", before=ZEROS, after=NEW, head_commit=head(PEELED))
    assert isinstance(told, Pushed)
    assert (told.after, told.commit.sha) == (NEW, PEELED)


def test_trap_29_the_push_of_a_merge_queues_own_branch_is_nothing() -> None:
    told = parse("push", ref="refs/heads/gh-readonly-queue/main/pr-1-abc", before=ZEROS, after=NEW, head_commit=head(NEW))
    assert isinstance(told, Nothing)


def test_trap_43_a_deploy_keys_push_has_no_known_pusher() -> None:
    told = parse("push", ref="refs/heads/x", before=OLD, after=NEW, head_commit=head(NEW), sender=None, pusher={"name": "key"})
    assert isinstance(told, Pushed)
    assert told.pusher == Actor("", "key")


def test_one_push_by_two_hooks_has_one_key_and_the_same_move_again_later_another() -> None:
    moved = {"ref": "refs/heads/main", "before": OLD, "after": NEW, "head_commit": head(NEW)}
    app = parse("push", **moved, installation={"id": 5})
    own = parse("push", **moved)
    later = parse("push", **moved, repository=REPOSITORY | {"pushed_at": 1700000060})
    assert isinstance(app, Pushed)
    assert isinstance(own, Pushed)
    assert isinstance(later, Pushed)
    assert app.key == own.key == f"github:push:1:refs/heads/main:{OLD}..{NEW}@1700000000"
    assert later.key != own.key


def test_text_that_no_database_stores_is_replaced() -> None:
    told = parse("push", ref="refs/heads/x", before=OLD, after=NEW, head_commit=head(NEW) | {"message": "a\0b\ud800c"})
    assert isinstance(told, Pushed)
    assert told.commit.message == "a�b?c"


# -- pull requests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "more", "meant"),
    [
        ("opened", {}, "opened"),
        ("reopened", {}, "opened"),
        ("synchronize", {"before": OLD, "after": NEW}, "updated"),
        ("edited", {"changes": {"base": {"ref": {"from": "old"}, "sha": {"from": OLD}}}}, "updated"),
        ("edited", {"changes": {"title": {"from": "Slower"}}}, None),
        ("ready_for_review", {}, "updated"),
        ("converted_to_draft", {}, "updated"),
        ("closed", {}, "closed"),
        ("labeled", {}, None),
        ("enqueued", {}, None),
        ("an_action_of_tomorrow", {}, None),
    ],
)
def test_trap_31_actions_on_pull_requests(action: str, more: dict[str, Any], meant: str | None) -> None:
    told = parse("pull_request", action=action, number=3, pull_request=pull_request(), **more)
    assert (told.action if isinstance(told, PullRequestChanged) else None) == meant


def test_trap_17_a_deleted_fork_has_no_repository_and_counts_as_a_fork() -> None:
    request = pull_request(head={"sha": NEW, "ref": "topic", "repo": None, "user": None})
    told = parse("pull_request", action="closed", number=3, pull_request=request)
    assert isinstance(told, PullRequestChanged)
    assert (told.head_repository, told.fork, told.repository.id) == ("", True, "github:1")


def test_trap_18_a_forks_branch_of_the_same_name_is_told_by_repository_id() -> None:
    request = pull_request(head={"sha": NEW, "ref": "main", "repo": FORK}, user=MALLORY)
    told = parse("pull_request", action="opened", number=3, pull_request=request, sender=MALLORY)
    assert isinstance(told, PullRequestChanged)
    assert (told.head_ref, told.base_ref, told.head_repository, told.fork) == ("main", "main", "github:2", True)


def test_trap_28_the_commit_is_the_head_never_the_test_merge() -> None:
    told = parse("pull_request", action="opened", number=3, pull_request=pull_request(merge_commit_sha=PEELED))
    assert isinstance(told, PullRequestChanged)
    assert told.head.sha == NEW


def test_trap_30_a_draft_is_told_as_such() -> None:
    told = parse("pull_request", action="converted_to_draft", number=3, pull_request=pull_request(draft=True))
    assert isinstance(told, PullRequestChanged)
    assert told.draft


def test_trap_42_a_bots_request_in_the_repository_itself_is_no_fork_but_its_author_is_a_bot() -> None:
    bot = {"id": 49699333, "login": "dependabot[bot]", "type": "Bot"}
    told = parse("pull_request", action="opened", number=3, pull_request=pull_request(user=bot), sender=bot)
    assert isinstance(told, PullRequestChanged)
    assert told.fork is False
    assert told.authors == (Actor("github:49699333", "dependabot[bot]", bot=True),)


def test_whoever_pushed_to_a_request_is_an_author_and_whoever_closed_it_is_not() -> None:
    pushed = parse("pull_request", action="synchronize", number=3, pull_request=pull_request(), sender=MALLORY)
    closed = parse("pull_request", action="closed", number=3, pull_request=pull_request(merged=True), sender=MALLORY)
    assert isinstance(pushed, PullRequestChanged)
    assert isinstance(closed, PullRequestChanged)
    assert [author.login for author in pushed.authors] == ["alice", "mallory"]
    assert [author.login for author in closed.authors] == ["alice"]
    assert closed.merged


def test_an_author_whose_account_is_gone_is_unknown() -> None:
    told = parse("pull_request", action="closed", number=3, pull_request=pull_request(user=None))
    assert isinstance(told, PullRequestChanged)
    assert told.authors == (Actor("", "ghost"),)


def test_two_events_of_one_request_have_two_keys_and_one_event_has_one() -> None:
    def key(**other: Any) -> str:
        told = parse("pull_request", action="opened", number=3, pull_request=pull_request(**other))
        assert isinstance(told, PullRequestChanged)
        return told.key

    assert key() == key()
    assert key() != key(updated_at="2026-01-01T00:00:01Z")
    assert key() != key(head={"sha": PEELED, "ref": "main", "repo": REPOSITORY})


# -- comments --------------------------------------------------------------------------------------------------------------

ISSUE = {"number": 3, "pull_request": {"url": "x"}, "user": MALLORY}


def test_a_comment_on_a_pull_request_is_told_with_its_author_not_the_requests() -> None:
    told = parse("issue_comment", action="created", issue=ISSUE, comment=comment(body="a\r\nb"))
    assert isinstance(told, Commented)
    assert told.comment.conversation == Conversation("github:1", number=3)
    assert (told.comment.kind, told.comment.id, told.comment.author.id) == (CommentKind.CONVERSATION, "github:9", "github:11")
    assert told.comment.created == 1767225600.0
    assert (told.edited_from, told.sha, told.reviewed) == (None, "", "")


def test_a_comment_on_an_issue_is_nothing() -> None:
    assert isinstance(parse("issue_comment", action="created", issue={"number": 3}, comment=comment()), Nothing)


def test_trap_1_and_2_bots_are_told_as_bots() -> None:
    bot = {"id": 5, "login": "gateline[bot]", "type": "Bot"}
    told = parse("issue_comment", action="created", issue=ISSUE, comment=comment(user=bot), sender=bot)
    assert isinstance(told, Commented)
    assert told.comment.author.bot
    assert told.sender.bot


def test_trap_5_an_edited_comment_carries_its_old_text_and_who_edited_it() -> None:
    changes = {"body": {"from": "/gateline why x"}}
    told = parse("issue_comment", action="edited", issue=ISSUE, comment=comment(), changes=changes, sender=MALLORY)
    assert isinstance(told, Commented)
    assert (told.edited_from, told.sender.login, told.comment.author.login) == ("/gateline why x", "mallory", "alice")


def test_an_edit_that_leaves_the_text_alone_is_nothing() -> None:
    assert isinstance(parse("issue_comment", action="edited", issue=ISSUE, comment=comment(), changes={}), Nothing)


def test_trap_6_a_deleted_comment_is_nothing() -> None:
    assert isinstance(parse("issue_comment", action="deleted", issue=ISSUE, comment=comment()), Nothing)


def test_a_comment_on_a_commit_belongs_to_the_commit() -> None:
    told = parse("commit_comment", action="created", comment=comment(commit_id=NEW))
    assert isinstance(told, Commented)
    assert (told.comment.conversation, told.sha) == (Conversation("github:1", sha=NEW), NEW)


@pytest.mark.parametrize("state", ["approved", "changes_requested", "commented", "APPROVED"])
def test_a_review_tells_its_state_in_lower_case_and_the_commit_its_author_saw(state: str) -> None:
    written = {"id": 8, "user": ALICE, "body": None, "state": state, "commit_id": NEW, "submitted_at": "2026-01-01T00:00:00Z"}
    told = parse("pull_request_review", action="submitted", review=written, pull_request=pull_request())
    assert isinstance(told, Commented)
    assert (told.comment.kind, told.comment.body, told.reviewed, told.sha) == (CommentKind.REVIEW, "", state.lower(), NEW)


def test_a_dismissed_review_is_nothing() -> None:
    written = {"id": 8, "user": ALICE, "body": None, "state": "dismissed", "commit_id": NEW}
    assert isinstance(parse("pull_request_review", action="dismissed", review=written, pull_request=pull_request()), Nothing)


def test_a_comment_in_a_diff_thread_is_told_though_its_commit_may_be_outdated() -> None:
    told = parse("pull_request_review_comment", action="created", comment=comment(commit_id=None), pull_request=pull_request())
    assert isinstance(told, Commented)
    assert (told.comment.kind, told.comment.conversation.number, told.sha) == (CommentKind.DIFF, 3, "")


# -- checks, releases, places ----------------------------------------------------------------------------------------------


def check(app: int, **other: Any) -> dict[str, Any]:
    return {"id": 4, "head_sha": NEW, "external_id": "run-1", "app": {"id": app}, "head_branch": None} | other


def test_only_buttons_on_our_own_checks_count() -> None:
    pressed = parse("check_run", action="requested_action", requested_action={"identifier": "approve"}, check_run=check(7))
    again = parse("check_run", action="rerequested", check_run=check(7))
    every = parse("check_suite", action="rerequested", check_suite=check(7))
    assert isinstance(pressed, RunAsked)
    assert (pressed.action, pressed.external_id, pressed.sha, pressed.by.id) == ("approve", "run-1", NEW, "github:11")
    assert isinstance(again, RunAsked)
    assert again.action == "rerequested"
    assert isinstance(every, RunAsked)
    assert every.action == "rerequested_suite"
    assert isinstance(parse("check_run", action="rerequested", check_run=check(8)), Nothing)
    assert isinstance(parse("check_run", action="completed", check_run=check(7)), Nothing)


def test_without_an_app_every_check_is_somebody_elses() -> None:
    body = json.dumps({"action": "rerequested", "check_run": check(7), "repository": REPOSITORY, "sender": ALICE}).encode()
    told = GithubHooks(b"secret").parse(Delivery("github", "h", "g", "check_run", {}, body), 0.0)
    assert isinstance(told, Nothing)


@pytest.mark.parametrize(("target", "sha"), [("main", ""), (NEW, NEW)])
def test_a_release_knows_its_commit_only_when_it_was_made_at_one(target: str, sha: str) -> None:
    made = {"id": 6, "tag_name": "v1", "name": None, "target_commitish": target, "published_at": "2026-01-01T00:00:00Z"}
    told = parse("release", action="published", release=made)
    assert isinstance(told, Released)
    assert (told.tag, told.name, told.commit.sha, told.released_at) == ("v1", "", sha, "2026-01-01T00:00:00Z")
    assert isinstance(parse("release", action="released", release=made), Nothing)


@pytest.mark.parametrize(("action", "meant"), [("checks_requested", "requested"), ("destroyed", "destroyed")])
def test_trap_29_a_merge_group_asks_for_checks_or_is_done(action: str, meant: str) -> None:
    group = {"head_sha": NEW, "head_ref": "refs/heads/gh-readonly-queue/main/pr-1-x", "base_ref": "refs/heads/main"}
    told = parse("merge_group", action=action, merge_group=group)
    assert isinstance(told, MergeGroupChanged)
    assert (told.action, told.head.sha, told.base_ref) == (meant, NEW, "refs/heads/main")


def test_trap_32_a_renamed_repository_keeps_its_id() -> None:
    changes = {"repository": {"name": {"from": "old"}}}
    told = parse("repository", action="renamed", changes=changes)
    assert isinstance(told, RepositoryChanged)
    assert (told.repository.id, told.repository.full_name, told.action) == ("github:1", "acme/app", "renamed")


def test_trap_35_a_suspended_installation_is_told() -> None:
    told = parse("installation", action="suspend", installation={"id": 5, "account": {"login": "Acme"}})
    assert told == InstallationChanged("suspend", 5, "github:acme")


def test_repositories_of_an_installation_are_added_and_removed() -> None:
    installation = {"id": 5, "account": {"login": "Acme"}}
    both = {"repositories_added": [REPOSITORY], "repositories_removed": [FORK]}
    told = parse("installation_repositories", action="added", installation=installation, **both)
    assert isinstance(told, InstallationChanged)
    assert [one.id for one in told.added] == ["github:1"]
    assert [one.id for one in told.removed] == ["github:2"]


# -- what cannot be read ---------------------------------------------------------------------------------------------------


def test_unknown_events_are_nothing() -> None:
    assert isinstance(parse("an_event_of_tomorrow", action="created"), Nothing)


@pytest.mark.parametrize(
    ("event", "payload", "place"),
    [
        ("push", {"before": OLD, "after": NEW}, r"push\.ref must be text and is missing"),
        ("push", {"ref": 1, "before": OLD, "after": NEW}, r"push\.ref must be text and is of type int"),
        ("push", {"ref": "refs/heads/x", "before": OLD, "after": NEW, "repository": None}, r"push\.repository .* null"),
        ("pull_request", {"action": "opened", "pull_request": pull_request(head="x")}, r"pull_request\.pull_request\.head"),
        ("pull_request", {}, r"pull_request\.action"),
        ("issue_comment", {"action": "created", "issue": ISSUE, "comment": comment(created_at="soon")}, r"comment\.created_at"),
        ("installation", {"action": "created", "installation": {"id": "5"}}, r"installation\.installation\.id"),
    ],
)
def test_a_known_event_that_lacks_what_it_must_have_is_a_bad_payload_with_the_place(
    event: str, payload: dict[str, Any], place: str
) -> None:
    with pytest.raises(BadPayload, match=place):
        parse(event, **payload)
