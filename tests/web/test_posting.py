"""Posting versions by the API."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from app.web.asking import LARGEST
from app.workflow.line import Actor
from tests.web.line import ACCOUNT, Account

PATH = "/api/v1/resources/release/versions"


def post(account: Account, told: object, headers: dict[str, str] | None = None, path: str = PATH) -> TestResponse:
    return account.client.post(path, json=told, headers=headers or account.headers("write"))


def labels(account: Account) -> list[str]:
    return [version.label for _, version in reversed(account.store.versions(ACCOUNT, "release"))]


def test_a_posted_version_is_the_next_one_and_is_audited(account: Account) -> None:
    answer = post(account, {"label": "1.1", "bag": {"params": {"A": "c"}}})
    assert (answer.status_code, answer.get_json()) == (201, {"resource": "release", "number": 2, "label": "1.1"})
    assert labels(account) == ["1.0", "1.1"]
    (entry,) = account.store.audit(ACCOUNT, "release")
    assert (entry.action, entry.by.login, entry.accepted, entry.via) == ("post version", "alice", True, "api")


def test_the_same_idempotency_key_makes_one_version_and_the_same_answer(account: Account) -> None:
    headers = {**account.headers("write"), "Idempotency-Key": "k1"}
    first, second = (post(account, {"label": "1.1"}, headers) for _ in range(2))
    assert first.get_json() == second.get_json()
    assert labels(account) == ["1.0", "1.1"]
    assert len(account.store.audit(ACCOUNT, "release")) == 1


@pytest.mark.parametrize(
    ("scopes", "level", "path", "status"),
    [
        (["read"], "write", PATH, 403),
        (["write"], "read", PATH, 403),
        (["write"], "write", PATH.replace("release", "nothing"), 404),
        (["write"], "write", PATH.replace("release", "build"), 422),
    ],
)
def test_who_may_not_is_refused_and_nothing_is_made(account: Account, scopes: list[str], level: str, path: str, status: int) -> None:
    answer = post(account, {"label": "1.1"}, account.headers(*scopes, level=level), path)
    assert answer.status_code == status
    assert answer.get_json()["error"]
    assert labels(account) == ["1.0"]


def test_a_stranger_does_not_learn_that_there_is_such_a_resource(account: Account) -> None:
    token = account.store.issue_token(ACCOUNT, Actor("local:99", "x"), ["write"], account.store.now() + 60)
    assert post(account, {"label": "1.1"}, {"Authorization": f"Bearer {token}"}).status_code == 404


@pytest.mark.parametrize(
    ("told", "word"), [({"label": []}, "label"), ({"bag": 1}, "bag"), ({"labl": "1"}, "labl"), ([], "object"), ({"label": True}, "label")]
)
def test_a_request_that_says_something_else_is_422(account: Account, told: object, word: str) -> None:
    answer = post(account, told)
    assert answer.status_code == 422
    assert word in answer.get_json()["error"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b" " * (LARGEST + 1), "application/json", 413),
        (b"[" * 100_000, "application/json", 400),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(account: Account, body: bytes, kind: str, status: int) -> None:
    answer = account.client.post(PATH, data=body, content_type=kind, headers=account.headers("write"))
    assert answer.status_code == status
    assert answer.get_json()["error"]


def test_an_endless_idempotency_key_is_400(account: Account) -> None:
    headers = {**account.headers("write"), "Idempotency-Key": "k" * 101}
    assert post(account, {"label": "1.1"}, headers).status_code == 400
