"""Webhooks of forges: what is kept, what is answered, and in which order."""

from __future__ import annotations

import hmac
import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.bell import InlineBell
from app.web.here import LARGEST
from tests.web.world import SECRET, MemoryStore, a_context

COMMENT = {
    "repository": {"id": "local:1", "full_name": "acme/app"},
    "id": "1",
    "number": 1,
    "sha": "",
    "body": "/approve deploy",
    "author": {"id": "local:1", "login": "alice"},
    "created": 1.0,
}
BODY = json.dumps(COMMENT).encode()


def signature(body: bytes, secret: bytes = SECRET) -> str:
    return "sha256=" + hmac.new(secret, body, "sha256").hexdigest()


def post(client: FlaskClient, body: bytes = BODY, event: str = "comment", **headers: str) -> TestResponse:
    """A signed delivery; `headers` replaces any of them (`Signature_256="sha256=…"`)."""
    told = {"Event": event, "Delivery": "d1", "Signature_256": signature(body), **headers}
    return client.post("/hooks/local", data=body, headers={f"X-Gateline-{name.replace('_', '-')}": value for name, value in told.items()})


def test_a_delivery_is_kept_before_it_is_answered_and_then_rung_for(client: FlaskClient, store: MemoryStore) -> None:
    assert post(client).status_code == 202
    assert store.steps == ["kept", "rang errands"]
    (delivery,) = store.kept.values()
    assert (delivery.id, delivery.event, delivery.body) == ("d1", "comment", BODY)


def test_a_delivery_that_could_not_be_kept_is_not_acknowledged(client: FlaskClient, store: MemoryStore) -> None:
    store.down = True
    answer = post(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert store.steps == []


def test_an_authentic_duplicate_is_answered_200_and_has_no_second_effect(client: FlaskClient, store: MemoryStore) -> None:
    assert [post(client).status_code for _ in range(3)] == [202, 200, 200]
    assert store.steps == ["kept", "rang errands"]


def test_the_same_id_with_another_body_is_no_duplicate(client: FlaskClient, store: MemoryStore) -> None:
    post(client)
    assert post(client, json.dumps({**COMMENT, "id": "2"}).encode()).status_code == 202
    assert len(store.kept) == 2


@pytest.mark.parametrize(
    "given",
    ["", "sha256=", "sha256=" + "0" * 64, signature(BODY, b"another"), signature(BODY + b" "), signature(BODY)[7:], "sha256=é"],
)
def test_a_bad_or_missing_signature_is_401_and_nothing_is_stored(client: FlaskClient, store: MemoryStore, given: str) -> None:
    answer = post(client, Signature_256=given)
    assert answer.status_code == 401
    assert answer.get_json()["error"]
    assert (store.kept, store.steps) == ({}, [])


def test_the_signature_is_checked_over_the_bytes_as_they_came(client: FlaskClient) -> None:
    spaced = BODY.replace(b":", b" :  ")
    assert post(client, spaced).status_code == 202
    assert post(client, spaced, Signature_256=signature(BODY)).status_code == 401


def test_bytes_that_look_like_a_form_are_taken_as_they_came(client: FlaskClient) -> None:
    headers = {"X-Gateline-Event": "comment", "X-Gateline-Delivery": "d1", "X-Gateline-Signature-256": signature(BODY)}
    answer = client.post("/hooks/local", data=BODY, headers=headers, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 202


def test_an_oversized_request_is_413_whoever_sends_it(client: FlaskClient, store: MemoryStore) -> None:
    assert post(client, b" " * (LARGEST + 1)).status_code == 413
    assert store.kept == {}


def test_the_largest_request_there_may_be_is_taken(client: FlaskClient) -> None:
    body = BODY + b" " * (LARGEST - len(BODY))
    assert post(client, body).status_code == 202


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"repository": {}}', b"[" * 50_000])
def test_a_broken_body_with_a_good_signature_is_400(client: FlaskClient, store: MemoryStore, body: bytes) -> None:
    assert post(client, body).status_code == 400
    assert store.kept == {}


def test_a_known_event_that_lacks_what_it_must_have_is_400(client: FlaskClient, store: MemoryStore) -> None:
    body = json.dumps({"repository": COMMENT["repository"]}).encode()
    answer = post(client, body)
    assert answer.status_code == 400
    assert "author" in answer.get_json()["error"]
    assert store.kept == {}


@pytest.mark.parametrize("event", ["star", "", "something new"])
def test_an_unknown_event_is_200_dropped_and_counted(client: FlaskClient, store: MemoryStore, event: str) -> None:
    assert post(client, event=event).status_code == 200
    assert store.steps == []
    assert 'gateline_hooks_total{forge="local",outcome="dropped"} 1.0' in client.get("/metrics").text


def test_an_unknown_forge_is_404(client: FlaskClient) -> None:
    answer = client.post("/hooks/gitbucket", data=BODY)
    assert answer.status_code == 404
    assert "gitbucket" in answer.get_json()["error"]
    assert 'outcome="unknown_forge"' in client.get("/metrics").text
    assert "gitbucket" not in client.get("/metrics").text


def test_when_the_disk_is_nearly_full_nothing_is_taken_in(tmp_path: Path, store: MemoryStore) -> None:
    client = create_app(a_context(tmp_path, store, min_free=2**62)).test_client()
    answer = post(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert store.kept == {}
    assert post(client, Signature_256="").status_code == 401


def test_a_hook_is_posted_not_asked_for(client: FlaskClient) -> None:
    answer = client.get("/hooks/local")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_bell_that_nobody_hears_loses_nothing(tmp_path: Path, store: MemoryStore) -> None:
    client = create_app(a_context(tmp_path, store, InlineBell())).test_client()
    assert post(client).status_code == 202
    assert len(store.kept) == 1
