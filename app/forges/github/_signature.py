"""Whether a request comes from GitHub: the HMAC over its raw bytes (spec/forges.md A1)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from app.forges import BadPayload, BadSignature, Delivery
from app.forges.github._shapes import NAME

SIGNATURE = "x-hub-signature-256"
KEPT = ("x-github-event", "x-github-delivery", "x-github-hook-id", "content-type", "x-github-enterprise-host")
TOKEN = re.compile(r"[\w.-]{1,100}", re.ASCII)


def verified(secret: bytes, headers: Mapping[str, str], body: bytes) -> Delivery:
    """The delivery that a request is: with the JSON itself as body, also where it came as the form field `payload`.

    Raises BadSignature for a missing or wrong signature, and when no secret is configured; BadPayload for the rest.
    """
    told = {name.lower(): value for name, value in headers.items()}
    _check_signature(secret, told.get(SIGNATURE, ""), body)
    event, delivery = _token(told, "X-GitHub-Event"), _token(told, "X-GitHub-Delivery")
    payload = _json_of(told.get("content-type", ""), body)
    _check_object(payload)
    kept = {name: told[name] for name in KEPT if name in told}
    return Delivery(NAME, _hook_of(told), delivery, event, kept, payload)


def _check_signature(secret: bytes, signature: str, body: bytes) -> None:
    if not secret:
        raise BadSignature("No webhook secret is configured, so no request can be believed: set GATELINE_GITHUB_WEBHOOK_SECRET.")
    if not signature:
        raise BadSignature("The header X-Hub-Signature-256 is missing: give the webhook on GitHub the secret Gateline has.")
    wanted = b"sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest().encode()
    # Bytes, because compare_digest raises TypeError for text that is not ASCII.
    if not hmac.compare_digest(wanted, signature.encode(errors="replace")):
        raise BadSignature("X-Hub-Signature-256 does not match the body: the webhook's secret on GitHub is another than Gateline's.")


def _token(told: Mapping[str, str], name: str) -> str:
    value = told.get(name.lower(), "")
    if not TOKEN.fullmatch(value):
        raise BadPayload(f"The header {name} must be 1 to 100 letters, digits, dots or hyphens.")
    return value


def _hook_of(told: Mapping[str, str]) -> str:
    """Which hook spoke: the target it is installed on; repository and App hooks of one event have other ones."""
    target = told.get("x-github-hook-installation-target-id", "")
    kind = told.get("x-github-hook-installation-target-type", "")
    name = f"{kind}/{target}" if target else f"hook/{told.get('x-github-hook-id', '')}"
    if not re.fullmatch(r"[\w./-]{1,100}", name, re.ASCII):
        raise BadPayload("The header X-GitHub-Hook-Installation-Target-ID must be a number.")
    return name


def _json_of(content_type: str, body: bytes) -> bytes:
    if not content_type.lower().startswith("application/x-www-form-urlencoded"):
        return body
    for name, value in parse_qsl(body.decode("latin-1"), encoding="utf-8", errors="replace"):
        if name == "payload":
            return value.encode()
    raise BadPayload("The form has no field called payload: let the webhook send application/json.")


def _check_object(payload: bytes) -> None:
    """That it can be read as an object: deep nesting raises RecursionError, a number of 5,000 digits ValueError."""
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError) as problem:
        raise BadPayload(f"The body is no JSON: {problem}.") from None
    if not isinstance(value, dict):
        raise BadPayload("The body is JSON, but no object.")
