"""Commands by the API: the same rights, rules and answers as in comments."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from app.web.verbs import REQUIRED
from app.workflow.line import Actor, Status
from tests.web.line import ACCOUNT, Account


def post(account: Account, path: str, told: object = None, headers: dict[str, str] | None = None) -> TestResponse:
    return account.client.post(f"/api/v1/jobs/{path}", json=told or {}, headers=headers or account.headers("write"))


def statuses(account: Account, job: str) -> list[Status]:
    """Oldest first."""
    return [view.run.status for view in reversed(account.store.runs(ACCOUNT, job))]


def proposed(account: Account) -> str:
    """The digest of a candidate of `deploy`."""
    (candidate,) = post(account, "deploy/trigger").get_json()["candidates"]
    return str(candidate["digest"])


def test_a_triggered_job_gets_a_run(account: Account) -> None:
    answer = post(account, "build/trigger", {"values": {"REGION": "eu", "COUNT": 3}})
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["runs"] == ["build#3"]
    assert dict(account.store.runs(ACCOUNT, "build")[0].run.values) == {"REGION": "eu", "COUNT": "3"}


def test_a_gated_job_is_only_proposed(account: Account) -> None:
    answer = post(account, "deploy/trigger").get_json()
    assert answer["runs"] == []
    assert len(answer["candidates"][0]["digest"]) == 64
    assert statuses(account, "deploy") == []


def test_an_approval_with_the_digest_opens_the_gate(account: Account) -> None:
    answer = post(account, "deploy/approve", {"digest": proposed(account), "reason": "checked"})
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["runs"] == ["deploy#1"]
    assert statuses(account, "deploy") == [Status.QUEUED]


def test_a_rejection_ends_the_candidate(account: Account) -> None:
    digest = proposed(account)
    assert post(account, "deploy/reject", {"digest": digest}).status_code == 200
    answer = post(account, "deploy/approve", {"digest": digest})
    assert answer.status_code == 409
    assert statuses(account, "deploy") == []


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_an_answer_without_a_digest_says_nothing(account: Account, verb: str) -> None:
    proposed(account)
    answer = post(account, f"deploy/{verb}")
    assert answer.status_code == 422
    assert "digest" in answer.get_json()["error"]


def test_an_administrators_token_opens_no_gate(account: Account) -> None:
    headers = account.headers("admin", level="admin", admin=True)
    answer = post(account, "deploy/approve", {"digest": proposed(account)}, headers)
    assert answer.status_code == 403
    assert statuses(account, "deploy") == []


def test_a_repeated_request_with_its_idempotency_key_counts_once(account: Account) -> None:
    headers = {**account.headers("write"), "Idempotency-Key": "once"}
    answers = [post(account, "build/trigger", headers=headers).get_json()["runs"] for _ in range(2)]
    assert answers == [["build#3"], ["build#3"]]
    assert len(statuses(account, "build")) == 3
    assert post(account, "build/pause", headers=headers).status_code == 200


def test_pause_and_resume(account: Account) -> None:
    for verb, paused in (("pause", True), ("resume", False)):
        assert post(account, f"build/{verb}").status_code == 200
        assert account.client.get("/api/v1/jobs/build", headers=account.headers("read")).get_json()["paused"] is paused


def test_pin_and_unpin(account: Account) -> None:
    def pins() -> object:
        return account.client.get("/api/v1/jobs/deploy", headers=account.headers("read")).get_json()["pins"]

    assert post(account, "deploy/pin", {"resource": "release", "version": "1.0"}).status_code == 200
    assert pins() == {"release": 1}
    assert post(account, "deploy/unpin", {"resource": "release"}).status_code == 200
    assert pins() == {}


def test_cancel_ends_what_is_not_final(account: Account) -> None:
    assert post(account, "build/cancel", {"reason": "wrong region"}).status_code == 200
    assert statuses(account, "build") == [Status.SUCCEEDED, Status.CANCELLED]


def test_retry_has_nothing_to_do_for_what_passed(account: Account) -> None:
    post(account, "build/cancel")
    assert post(account, "build/retry").status_code == 200
    assert post(account, "deploy/retry").status_code == 409


def test_why_is_answered_to_who_may_read(account: Account) -> None:
    answer = account.client.get("/api/v1/jobs/build/why", headers=account.headers("read", level="read"))
    assert answer.status_code == 200
    assert "build#2" in answer.get_json()["message"]
    assert account.client.get("/api/v1/jobs/nothing/why", headers=account.headers("read")).status_code == 404


@pytest.mark.parametrize("verb", sorted(REQUIRED))
def test_who_may_only_read_is_refused_every_verb(account: Account, verb: str) -> None:
    told = dict.fromkeys(REQUIRED[verb], "a" * 12)
    before = statuses(account, "build")
    answer = post(account, f"build/{verb}", told, account.headers("write", level="read"))
    assert answer.status_code == 403, answer.text
    assert answer.get_json()["error"]
    assert statuses(account, "build") == before


@pytest.mark.parametrize("verb", sorted(REQUIRED))
def test_a_stranger_and_a_reading_token_are_refused_every_verb(account: Account, verb: str) -> None:
    told = dict.fromkeys(REQUIRED[verb], "a" * 12)
    token = account.store.issue_token(ACCOUNT, Actor("local:99", "stranger"), ["write"], account.store.now() + 60)
    assert post(account, f"build/{verb}", told, {"Authorization": f"Bearer {token}"}).status_code == 404
    assert post(account, f"build/{verb}", told, account.headers("read")).status_code == 403
    assert account.client.post(f"/api/v1/jobs/build/{verb}", json=told).status_code == 401


@pytest.mark.parametrize(
    ("path", "told", "status"),
    [
        ("build/explode", {}, 404),
        ("nothing/trigger", {}, 404),
        ("build/trigger", {"value": {}}, 422),
        ("build/trigger", {"values": []}, 422),
        ("build/trigger", {"values": {"A": {}}}, 422),
        ("build/trigger", {"values": {"PATH": "/evil"}}, 409),
        ("deploy/approve", {"digest": "not hex"}, 409),
        ("deploy/approve", {"digest": "a" * 64}, 409),
        ("deploy/pin", {"resource": "release"}, 422),
        ("deploy/pin", {"resource": "nothing", "version": "1"}, 409),
        ("deploy/unpin", {}, 422),
    ],
)
def test_what_cannot_be_done_is_told_with_its_status(account: Account, path: str, told: object, status: int) -> None:
    answer = post(account, path, told)
    assert answer.status_code == status, answer.text
    assert answer.get_json()["error"]


def test_breaking_the_glass_needs_an_administrator(account: Account) -> None:
    told = {"break_glass": "production is down"}
    for headers in (account.headers("admin"), account.headers("write", login="root", level="admin")):
        assert post(account, "deploy/trigger", told, headers).status_code == 403
    assert statuses(account, "deploy") == []
    answer = post(account, "deploy/trigger", told, account.headers("admin", login="root", level="admin"))
    assert answer.get_json()["runs"] == ["deploy#1"]


@pytest.mark.parametrize("reason", ["", "  ", None, 7.5, ["down"]])
def test_breaking_the_glass_needs_a_reason(account: Account, reason: object) -> None:
    headers = account.headers("admin", login="root", level="admin")
    assert post(account, "deploy/trigger", {"break_glass": reason}, headers).status_code == 422
    assert statuses(account, "deploy") == []


def test_what_was_asked_is_in_the_audit_log(account: Account) -> None:
    post(account, "build/pause")
    post(account, "build/pause", headers=account.headers("write", login="bob", level="read"))
    found = account.store.audit(ACCOUNT, "build")
    assert {(entry.by.login, entry.action, entry.accepted, entry.via) for entry in found} == {
        ("alice", "pause", True, "api"),
        ("bob", "pause", False, "api"),
    }
