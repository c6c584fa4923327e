"""Which webhooks are authentic, and what a body must have."""

from __future__ import annotations

import hmac
import json

import pytest

from app.forges import BadPayload, BadSignature, Nothing
from app.forges.local.hooks import LocalHooks
from app.workflow.events import PullRequestChanged

SECRET = b"It's a Secret to Everybody"
REPOSITORY = {"id": "local:1", "full_name": "acme/app"}
HEAD = {"sha": "1" * 40}
REQUEST = {
    "repository": REPOSITORY,
    "number": 1,
    "action": "opened",
    "title": "Faster",
    "head": HEAD,
    "head_ref": "topic",
    "base_ref": "main",
    "base_sha": "2" * 40,
    "authors": [{"id": "local:1", "login": "alice"}],
}


def signed(body: bytes, event: str = "push", secret: bytes = SECRET, **more: str) -> dict[str, str]:
    signature = "sha256=" + hmac.new(secret, body, "sha256").hexdigest()
    return {"X-Gateline-Event": event, "X-Gateline-Delivery": "1", "X-Gateline-Signature-256": signature, **more}


BODY = json.dumps({"repository": REPOSITORY}).encode()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(BODY, secret=b"another"),
        signed(BODY + b" "),
        {**signed(BODY), "X-Gateline-Signature-256": ""},
        {**signed(BODY), "X-Gateline-Signature-256": signed(BODY)["X-Gateline-Signature-256"].removeprefix("sha256=")},
        {**signed(BODY), "X-Gateline-Signature-256": "sha256=ünïcode"},
    ],
)
def test_a_request_without_the_right_signature_is_not_authentic(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        LocalHooks(SECRET).verify(headers, BODY)


def test_without_a_secret_nothing_is_authentic() -> None:
    with pytest.raises(BadSignature):
        LocalHooks(b"").verify(signed(BODY, secret=b""), BODY)


def test_header_names_are_matched_whatever_their_case() -> None:
    delivery = LocalHooks(SECRET).verify({name.upper(): value for name, value in signed(BODY).items()}, BODY)
    assert (delivery.forge, delivery.hook, delivery.id, delivery.event, delivery.body) == ("local", "local:1", "1", "push", BODY)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b"{}", b'{"repository": 1}', b"\xff", b"[" * 100_000])
def test_an_authentic_body_that_is_no_object_is_a_bad_payload(body: bytes) -> None:
    with pytest.raises(BadPayload):
        LocalHooks(SECRET).verify(signed(body), body)


def test_a_delivery_without_an_id_is_a_bad_payload() -> None:
    with pytest.raises(BadPayload, match="X-Gateline-Delivery"):
        LocalHooks(SECRET).verify(signed(BODY, **{"X-Gateline-Delivery": ""}), BODY)


@pytest.mark.parametrize("event", ["push", "pull_request", "comment"])
def test_a_known_event_that_lacks_what_it_must_have_names_it(event: str) -> None:
    hooks = LocalHooks(SECRET)
    with pytest.raises(BadPayload, match="Field required"):
        hooks.parse(hooks.verify(signed(BODY, event), BODY), 1.0)


@pytest.mark.parametrize(("event", "change"), [("star", {}), ("", {}), ("pull_request", {"action": "labeled"})])
def test_an_unknown_event_or_action_is_nothing_because(event: str, change: dict[str, str]) -> None:
    hooks, body = LocalHooks(SECRET), json.dumps({**REQUEST, **change}).encode()
    parsed = hooks.parse(hooks.verify(signed(body, event), body), 1.0)
    assert isinstance(parsed, Nothing)
    assert parsed.reason


def test_a_request_without_optional_fields_is_read() -> None:
    hooks, body = LocalHooks(SECRET), json.dumps(REQUEST).encode()
    parsed = hooks.parse(hooks.verify(signed(body, "pull_request"), body), 7.0)
    assert isinstance(parsed, PullRequestChanged)
    assert (parsed.at, parsed.merged, parsed.repository.default_branch) == (7.0, False, "")
