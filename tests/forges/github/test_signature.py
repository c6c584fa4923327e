"""Which requests are believed (spec/forges.md A1), and which of those can be read."""

from __future__ import annotations

import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest

from app.forges import BadPayload, BadSignature
from app.forges.github.hooks import GithubHooks

SECRET = b"It's a Secret to Everybody"
HOOKS = GithubHooks(SECRET)


def signed(body: bytes, **other: str) -> dict[str, str]:
    """The headers of a delivery of `body`; `other` replaces or adds some, underscores for hyphens."""
    signature = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    headers = {
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-GitHub-Hook-ID": "292430182",
        "X-GitHub-Hook-Installation-Target-ID": "79929171",
        "X-GitHub-Hook-Installation-Target-Type": "repository",
        "X-Hub-Signature-256": f"sha256={signature}",
        "Content-Type": "application/json",
    }
    return headers | {name.replace("_", "-"): value for name, value in other.items()}


def test_githubs_own_test_vector_is_believed() -> None:
    vector = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    with pytest.raises(BadPayload, match="no JSON"):  # the signature is right, the vector's body is no JSON
        HOOKS.verify(signed(b"Hello, World!", X_Hub_Signature_256=vector), b"Hello, World!")


def test_a_delivery_is_told_by_its_guid_event_and_target() -> None:
    delivery = HOOKS.verify(signed(b'{"zen": "x"}'), b'{"zen": "x"}')
    assert (delivery.forge, delivery.event, delivery.id) == ("github", "push", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
    assert delivery.hook == "repository/79929171"
    assert json.loads(delivery.body) == {"zen": "x"}


def test_a_repositorys_hook_and_the_apps_hook_of_one_event_have_one_guid_and_two_targets() -> None:
    own = HOOKS.verify(signed(b"{}"), b"{}")
    app = HOOKS.verify(signed(b"{}", X_GitHub_Hook_Installation_Target_Type="integration"), b"{}")
    assert own.id == app.id
    assert own.hook != app.hook


def test_header_names_are_matched_whatever_their_case() -> None:
    headers = {name.upper(): value for name, value in signed(b"{}").items()}
    assert HOOKS.verify(headers, b"{}").event == "push"


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "0" * 64,
        "sha1=" + hmac.new(SECRET, b"{}", hashlib.sha1).hexdigest(),
        "sha256=" + hmac.new(SECRET, b"{ }", hashlib.sha256).hexdigest(),
        "sha256=" + hmac.new(b"another", b"{}", hashlib.sha256).hexdigest(),
        "sha256=" + hmac.new(SECRET, b"{}", hashlib.sha256).hexdigest().upper(),
        "sha256=" + "ä" * 64,
        "sha256=\udcff",
    ],
)
def test_a_wrong_signature_is_refused_also_one_that_is_not_ascii(signature: str) -> None:
    with pytest.raises(BadSignature, match="X-Hub-Signature-256"):
        HOOKS.verify(signed(b"{}", X_Hub_Signature_256=signature), b"{}")


def test_the_signature_is_over_the_raw_bytes_not_over_what_they_mean() -> None:
    headers = signed(b'{"a": 1}')
    with pytest.raises(BadSignature):
        HOOKS.verify(headers, b'{"a":1}')


def test_without_a_configured_secret_nothing_is_believed_not_even_a_signature_with_an_empty_key() -> None:
    signature = "sha256=" + hmac.new(b"", b"{}", hashlib.sha256).hexdigest()
    for given in ("", signature):
        with pytest.raises(BadSignature, match="GATELINE_GITHUB_WEBHOOK_SECRET"):
            GithubHooks(b"").verify(signed(b"{}", X_Hub_Signature_256=given), b"{}")


def test_the_secret_is_not_shown() -> None:
    assert "Everybody" not in repr(HOOKS)


def test_a_form_is_signed_as_it_is_and_its_payload_is_the_json() -> None:
    body = urlencode({"payload": '{"name": "Grüße & Küsse"}'}).encode()
    delivery = HOOKS.verify(signed(body, Content_Type="application/x-www-form-urlencoded"), body)
    assert json.loads(delivery.body) == {"name": "Grüße & Küsse"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b'{"n": ' + b"9" * 5000 + b"}", "application/json"),
        (b"[" * 200_000, "application/json"),
        (b'{"a":' * 200_000, "application/json"),
        (b"other=1", "application/x-www-form-urlencoded"),
        (b"payload=%FF%FE", "application/x-www-form-urlencoded; charset=utf-8"),
    ],
)
def test_an_authentic_body_that_is_no_object_is_a_bad_payload(body: bytes, content_type: str) -> None:
    with pytest.raises(BadPayload):
        HOOKS.verify(signed(body, Content_Type=content_type), body)


@pytest.mark.parametrize("header", ["X_GitHub_Event", "X_GitHub_Delivery"])
@pytest.mark.parametrize("value", ["", "a b", "x" * 101, "a/../b", "é"])
def test_an_authentic_request_must_say_what_it_is(header: str, value: str) -> None:
    with pytest.raises(BadPayload, match=header.replace("_", "-")):
        HOOKS.verify(signed(b"{}", **{header: value}), b"{}")
