"""Posting to a webhook resource: a version for whoever has the key (spec/workflow-language.md section 4.8)."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from app import create_app
from app.web.resource_hooks import LARGEST
from tests.fakes.clock import MovableClock
from tests.web.line import ACCOUNT, Account


def post(account: Account, body: bytes = b'{"tag": "1.2"}', name: str = "call", **headers: str) -> TestResponse:
    told = {"Authorization": basic("call", "s3cret"), **{key.replace("_", "-"): value for key, value in headers.items()}}
    return account.client.post(f"/hooks/resource/{ACCOUNT}/{name}", data=body, headers=told)


def basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def payloads(account: Account) -> list[object]:
    """Oldest first."""
    return [version.bag["payload"] for _, version in reversed(account.store.versions(ACCOUNT, "call"))]


def test_a_post_makes_a_version_and_answers_as_the_contract_says(account: Account) -> None:
    answer = post(account, X_Build="7")
    assert (answer.status_code, answer.get_json()) == (200, {"message": "Webhook processed"})
    ((_, version),) = account.store.versions(ACCOUNT, "call")
    assert version.bag["payload"] == {"tag": "1.2"}
    assert version.bag["headers"]["x-build"] == "7"


def test_the_senders_credentials_are_no_part_of_the_version(account: Account) -> None:
    post(account, Cookie="session=s3cret")
    ((_, version),) = account.store.versions(ACCOUNT, "call")
    assert "s3cret" not in json.dumps(dict(version.bag))
    assert basic("call", "s3cret") not in json.dumps(dict(version.bag))


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Basic",
        "Basic !!!",
        basic("call", "wrong"),
        basic("call", ""),
        basic("other", "s3cret"),
        basic("call", "sécret"),
        "Bearer s3cret",
    ],
)
def test_wrong_credentials_are_401_and_make_nothing(account: Account, authorization: str) -> None:
    answer = post(account, Authorization=authorization)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert payloads(account) == []


@pytest.mark.parametrize("name", ["nothing", "release", "build"])
def test_that_there_is_no_such_webhook_is_not_told_apart(account: Account, name: str) -> None:
    for password in ("", "s3cret", "None"):
        assert post(account, name=name, Authorization=basic(name, password)).status_code == 401
    assert account.client.post(f"/hooks/resource/local:nobody/{name}").status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"\xff", 400), (b"[" * 100_000, 400), (b"[]", 422), (b"1", 422), (b" " * (LARGEST + 1), 413)],
)
def test_a_body_that_is_no_object_is_refused_in_a_sentence(account: Account, body: bytes, status: int) -> None:
    answer = post(account, body)
    assert answer.status_code == status
    assert answer.get_json()["error"]
    assert payloads(account) == []


def test_an_empty_body_is_an_empty_payload(account: Account) -> None:
    assert post(account, b"").status_code == 200
    assert payloads(account) == [{}]


def test_the_same_idempotency_key_counts_once_and_another_again(account: Account) -> None:
    for key in ("one", "one", "two"):
        assert post(account, Idempotency_Key=key).status_code == 200
    assert len(payloads(account)) == 2


def test_without_an_idempotency_key_every_post_counts(account: Account, clock: MovableClock) -> None:
    post(account)
    clock.forward(1)
    post(account)
    assert len(payloads(account)) == 2


def test_when_the_disk_is_nearly_full_nothing_is_taken_in(account: Account) -> None:
    settings = account.context.settings.model_copy(update={"min_free": 2**62})
    context = replace(account.context, settings=settings)
    answer = post(replace(account, context=context, client=create_app(context).test_client()))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert payloads(account) == []
