"""What each refusal of GitHub's means for the caller (spec/forges.md A7, D 32-41), as a table and through the client."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import GatelineError, NotFound, Permanent, Temporary
from app.forges import CommitState, Conversation
from app.forges.github._errors import Answer, error_of
from app.forges.github.api import GithubApi, with_token
from tests.fakes.github.server import GithubDouble

NOW = 1_000_000.0
ASKED = "POST /repositories/1/statuses/abc"
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
PRIMARY = "API rate limit exceeded for installation ID 1."
SPENT = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 90)}
PERMISSION = {"x-accepted-github-permissions": "statuses=write"}
TOO_LONG = {"message": "Validation Failed", "errors": [{"message": "description is too long (maximum is 140 characters)"}]}


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "after", "words"),
    [
        (307, {}, {"message": "Moved Permanently"}, Permanent, None, "has moved"),
        (401, {}, {"message": "Bad credentials"}, Permanent, None, "GATELINE_GITHUB_TOKEN"),
        (403, {"retry-after": "17"}, {"message": SECONDARY}, Temporary, 17.0, "rate limit"),
        (403, {}, {"message": SECONDARY}, Temporary, 60.0, "rate limit"),
        (403, SPENT, {"message": PRIMARY}, Temporary, 91.0, "rate limit"),
        (403, SPENT | {"x-ratelimit-reset": "1"}, {"message": PRIMARY}, Temporary, 1.0, "rate limit"),
        (403, PERMISSION, {"message": "Resource not accessible by integration"}, Permanent, None, "statuses=write"),
        (403, {}, {"message": "Repository was archived so is read-only."}, Permanent, None, "unarchive"),
        (403, {}, {"message": "This installation has been suspended"}, Permanent, None, "unsuspend"),
        (404, {}, {"message": "Not Found"}, NotFound, None, "may not see"),
        (408, {}, None, Temporary, None, "repeated"),
        (409, {}, {"message": "Git Repository is empty."}, NotFound, None, "empty"),
        (409, {}, {"message": "Merge conflict"}, Temporary, 5.0, "changing"),
        (410, {}, {"message": "Issues are disabled for this repo"}, NotFound, None, "disabled"),
        (422, {}, TOO_LONG, Permanent, None, "140 characters"),
        (
            422,
            {},
            {"message": "x", "errors": [{"resource": "Status", "field": "state", "code": "invalid"}]},
            Permanent,
            None,
            "Status state",
        ),
        (422, {}, {"message": "x", "errors": ["body is too long"]}, Permanent, None, "body is too long"),
        (429, {"retry-after": "5"}, {"message": "Too many requests"}, Temporary, 5.0, "rate limit"),
        (429, {}, None, Temporary, 60.0, "rate limit"),
        (451, {}, {"message": "Repository access blocked"}, Permanent, None, "blocked"),
        (500, {}, None, Temporary, None, "trouble"),
        (502, {}, "<html>", Temporary, None, "trouble"),
        (503, {"retry-after": "30"}, None, Temporary, 30.0, "trouble"),
    ],
)
def test_the_table_of_refusals(
    status: int, headers: dict[str, str], body: Any, kind: type[GatelineError], after: float | None, words: str
) -> None:
    error = error_of(ASKED, Answer(status, headers, body), NOW)
    assert type(error) is kind
    assert words in str(error)
    assert ASKED in str(error)
    assert getattr(error, "after", None) == after


@pytest.mark.parametrize(
    ("status", "age", "kind"), [(401, 3.0, Temporary), (403, 3.0, Temporary), (401, 11.0, Permanent), (404, 3.0, NotFound)]
)
def test_trap_35_a_new_token_may_not_be_known_everywhere_yet(status: int, age: float, kind: type[GatelineError]) -> None:
    error = error_of(ASKED, Answer(status, {}, {"message": "Bad credentials"}), NOW, age)
    assert type(error) is kind


def test_trap_37_and_56_a_limit_is_told_at_once_and_not_waited_for(github: GithubDouble, forge: GithubApi) -> None:
    github.fail(403, {"message": PRIMARY}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"})
    with pytest.raises(Temporary) as told:
        forge.repository("acme/app")
    assert told.value.after is not None
    assert told.value.after > 1_000_000
    assert len(github.requests) == 1, "nobody asked again"


def test_a_write_that_met_a_502_is_not_sent_again(github: GithubDouble, forge: GithubApi) -> None:
    repository, sha = made(github)
    github.fail(502, "<html>bad gateway</html>")
    with pytest.raises(Temporary):
        forge.set_status(repository, sha, "gateline/build", CommitState.SUCCESS, "fine", "")
    assert [one.verb for one in github.requests] == ["POST"]


def test_a_forge_out_of_reach_is_temporary() -> None:
    with pytest.raises(Temporary, match="could not be reached"):
        with_token("http://127.0.0.1:9", "token").repository("acme/app")


@pytest.mark.parametrize("body", ["<html>welcome to the hotel's network</html>", "nonsense"])
def test_an_answer_that_is_no_json_is_temporary(github: GithubDouble, forge: GithubApi, body: str) -> None:
    github.fail(200, body)
    with pytest.raises(Temporary, match="no JSON"):
        forge.repository("acme/app")


@pytest.mark.parametrize("body", [{}, {"id": "x"}, [], {"id": 1, "full_name": None}])
def test_an_answer_without_what_it_must_have_is_permanent_and_named(github: GithubDouble, forge: GithubApi, body: Any) -> None:
    github.fail(200, body)
    with pytest.raises(Permanent, match="must be"):
        forge.repository("acme/app")


def test_trap_32_a_write_that_created_nothing_is_no_success(github: GithubDouble, forge: GithubApi) -> None:
    repository, sha = made(github)
    github.fail(200, {"message": "Moved Permanently"}, matching="POST")
    with pytest.raises(Permanent, match="no id"):
        forge.set_status(repository, sha, "gateline/build", CommitState.SUCCESS, "fine", "")


def test_trap_32_a_renamed_repository_is_written_to_all_the_same(github: GithubDouble, forge: GithubApi) -> None:
    repository, sha = made(github)
    github.happen.rename("acme/app", "application")
    forge.set_status(repository, sha, "gateline/build", CommitState.SUCCESS, "fine", "")
    assert [one["state"] for one in github.happen.statuses("acme/application", sha)] == ["success"]
    assert forge.repository("acme/app").full_name == "acme/application"
    assert not any("/repos/" in one.path for one in github.requests if one.verb != "GET")


def test_trap_34_an_archived_repository_takes_no_writes(github: GithubDouble, forge: GithubApi) -> None:
    repository, sha = made(github)
    github.happen.archive("acme/app")
    with pytest.raises(Permanent, match="unarchive"):
        forge.set_status(repository, sha, "gateline/build", CommitState.SUCCESS, "fine", "")


def test_trap_36_a_token_that_only_reads_is_told_what_it_lacks(github: GithubDouble) -> None:
    repository, sha = made(github)
    github.happen.token("ghp_reads", "gateline-bot", writes=False)
    with pytest.raises(Permanent, match="statuses=write"):
        with_token(github.url, "ghp_reads").set_status(repository, sha, "c", CommitState.SUCCESS, "", "")


def test_a_wrong_token_is_permanent_and_never_shown(github: GithubDouble) -> None:
    with pytest.raises(Permanent, match="GATELINE_GITHUB_TOKEN") as told:
        with_token(github.url, "ghp_wrongtoken").repository("acme/app")
    assert "ghp_wrongtoken" not in str(told.value)


def test_trap_39_a_status_for_a_repository_that_the_token_cannot_see_is_not_passed_over(forge: GithubApi) -> None:
    with pytest.raises(NotFound, match="may not see it"):
        forge.set_status("github:999999", "f" * 40, "gateline/build", CommitState.SUCCESS, "fine", "")


def test_trap_41_a_status_for_a_commit_that_is_there_after_all_is_temporary(github: GithubDouble, forge: GithubApi) -> None:
    repository, sha = made(github)
    github.fail(422, {"message": f"No commit found for SHA: {sha}"}, matching="/statuses/")
    with pytest.raises(Temporary) as told:
        forge.set_status(repository, sha, "gateline/build", CommitState.SUCCESS, "fine", "")
    assert told.value.after == 2.0


def test_trap_41_files_of_a_commit_that_is_not_there_yet_are_temporary(github: GithubDouble, forge: GithubApi) -> None:
    repository, _ = made(github)
    with pytest.raises(Temporary) as told:
        forge.read(repository, "f" * 40, "gateline.yml", 100)
    assert told.value.after == 2.0


def test_trap_38_files_of_a_repository_that_may_not_be_seen_are_not_found(forge: GithubApi) -> None:
    with pytest.raises(NotFound):
        forge.tree("github:424242", "f" * 40)


def test_eighty_comments_a_minute_are_too_many_and_said_so(github: GithubDouble, forge: GithubApi) -> None:
    github.happen.repository("acme/app")
    number = pull_request(github)
    repository = forge.repository("acme/app").id
    github.world.tokens["ghp_thetokenofthebotsuser"].content_writes.extend([github.world.clock()] * 80)
    with pytest.raises(Temporary) as told:
        forge.create_comment(Conversation(repository, number=number), "one more")
    assert told.value.after == 60.0


def made(github: GithubDouble) -> tuple[str, str]:
    """A repository that the bot writes to, with one commit."""
    number = github.happen.repository("acme/app")
    github.happen.grant("acme/app", "gateline-bot", "write")
    return f"github:{number}", github.happen.commit("acme/app", "main", {"a": "MQ=="})


def pull_request(github: GithubDouble) -> int:
    github.happen.commit("acme/app", "main", {"a": "MQ=="})
    github.happen.commit("acme/app", "topic", {"b": "MQ=="})
    return github.happen.pull_request("acme/app", "topic", "alice")
