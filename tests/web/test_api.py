"""Reading by the API: who may see what, and how errors are told."""

from __future__ import annotations

import pytest

from app.store import AuditEntry
from app.workflow.line import Actor
from tests.fakes.clock import MovableClock
from tests.web.line import ACCOUNT, Account

READS = ["runs", "runs/KEY", "runs/KEY/log", "jobs", "jobs/build", "resources/release/versions", "sources"]
ADMIN_READS = ["audit", "stuck", "workers"]


def path(account: Account, name: str) -> str:
    (first,) = account.store.runs(ACCOUNT, "build", live=False)
    return f"/api/v1/{name.replace('KEY', first.key)}"


@pytest.mark.parametrize("name", [*READS, *ADMIN_READS])
@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer gl_wrong", "Basic YTpi", "gl_wrong"])
def test_without_a_known_token_everything_is_401(account: Account, name: str, authorization: str) -> None:
    answer = account.client.get(path(account, name), headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert set(answer.get_json()) == {"error", "hint"}


def test_an_expired_token_is_401(account: Account, clock: MovableClock) -> None:
    headers = account.headers("read")
    assert account.client.get("/api/v1/runs", headers=headers).status_code == 200
    clock.forward(3601)
    assert account.client.get("/api/v1/runs", headers=headers).status_code == 401


@pytest.mark.parametrize("name", READS)
def test_a_reader_may_read(account: Account, name: str) -> None:
    answer = account.client.get(path(account, name), headers=account.headers("read", level="read"))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("name", ADMIN_READS)
def test_what_concerns_administrators_needs_their_scope(account: Account, name: str) -> None:
    refused = account.client.get(path(account, name), headers=account.headers("read", "write"))
    assert refused.status_code == 403
    assert "admin" in refused.get_json()["error"]
    assert account.client.get(path(account, name), headers=account.headers("admin")).status_code == 200


def test_runs_are_told_newest_first_with_their_links(account: Account) -> None:
    found = account.client.get("/api/v1/runs?job=build", headers=account.headers("read")).get_json()
    assert [(run["job"], run["number"], run["status"]) for run in found] == [("build", 2, "queued"), ("build", 1, "succeeded")]
    assert all(run["url"] == f"https://gate.example/runs/{run['key']}" for run in found)
    assert "token" not in found[0]


@pytest.mark.parametrize(("query", "numbers"), [("live=true", [2]), ("live=false", [1]), ("limit=1", [2]), ("limit=0", [])])
def test_runs_are_filtered(account: Account, query: str, numbers: list[int]) -> None:
    found = account.client.get(f"/api/v1/runs?job=build&{query}", headers=account.headers("read")).get_json()
    assert [run["number"] for run in found] == numbers


@pytest.mark.parametrize("query", ["limit=-1", "limit=201", "limit=x", "live=maybe", "limit=٣", "limit=" + "0" * 12 + "999"])
def test_a_filter_that_cannot_be_read_is_400(account: Account, query: str) -> None:
    answer = account.client.get(f"/api/v1/runs?{query}", headers=account.headers("read"))
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.get_json()["error"]


def test_a_stranger_sees_nothing_of_private_sources(account: Account) -> None:
    stranger = Actor("local:999", "stranger")
    token = account.store.issue_token(ACCOUNT, stranger, ["read"], account.store.now() + 60)
    headers = {"Authorization": f"Bearer {token}"}
    for name in ("runs", "jobs", "sources"):
        assert account.client.get(f"/api/v1/{name}", headers=headers).get_json() == []
    for name in ("jobs/build", "resources/release/versions"):
        assert account.client.get(f"/api/v1/{name}", headers=headers).status_code == 404


def test_an_actor_of_another_forge_has_no_rights_here(account: Account) -> None:
    actor = account.user("alice", "admin")
    token = account.store.issue_token(ACCOUNT, Actor("github" + actor.id[5:], "alice"), ["read"], account.store.now() + 60)
    assert account.client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {token}"}).get_json() == []


def test_an_administrators_token_sees_everything(account: Account) -> None:
    token = account.store.issue_token(ACCOUNT, Actor("", "root"), ["admin"], account.store.now() + 60, admin=True)
    found = account.client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {token}"}).get_json()
    assert {job["name"] for job in found} == {"build", "deploy", "hidden"}


def test_a_token_sees_its_own_account_only(account: Account) -> None:
    actor = account.user("alice", "admin")
    token = account.store.issue_token("local:other", actor, ["admin"], account.store.now() + 60, admin=True)
    headers = {"Authorization": f"Bearer {token}"}
    assert account.client.get(path(account, "runs/KEY"), headers=headers).status_code == 404
    assert account.client.get("/api/v1/runs", headers=headers).get_json() == []
    assert account.client.get("/api/v1/jobs/build", headers=headers).status_code == 404


def test_a_job_is_told_with_its_neighbours(account: Account) -> None:
    told = account.client.get("/api/v1/jobs/build", headers=account.headers("read")).get_json()
    assert (told["type"], told["outputs"], told["gated"], told["paused"]) == ("runSh", ["release"], False, False)
    assert told["runs"] == [{"number": 2, "status": "queued", "lane": "main"}]
    assert account.client.get("/api/v1/jobs/deploy", headers=account.headers("read")).get_json()["gated"] is True


@pytest.mark.parametrize(
    "name", ["jobs/nothing", "jobs/release", "resources/nothing/versions", "runs/nothing", "runs/nothing/log", "nothing"]
)
def test_what_there_is_not_is_404(account: Account, name: str) -> None:
    answer = account.client.get(f"/api/v1/{name}", headers=account.headers("read"))
    assert answer.status_code == 404
    assert answer.get_json()["error"]


def test_versions_are_told_with_their_content(account: Account) -> None:
    (told,) = account.client.get("/api/v1/resources/release/versions", headers=account.headers("read")).get_json()
    assert (told["number"], told["label"], told["bag"], told["run"]) == (1, "1.0", {"params": {"A": "b"}}, "build#1")


def test_the_audit_log_is_told(account: Account) -> None:
    entry = AuditEntry(account.store.now(), ACCOUNT, Actor("local:1", "alice"), "approve", "deploy", False, "no", "api")
    account.store.add_audit(entry)
    (told,) = account.client.get("/api/v1/audit?subject=deploy", headers=account.headers("admin")).get_json()
    assert (told["action"], told["accepted"], told["by"]["login"]) == ("approve", False, "alice")
    assert account.client.get("/api/v1/audit?subject=build", headers=account.headers("admin")).get_json() == []
