"""What a writing request of the API holds: a small object of JSON, and perhaps an idempotency key."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from hashlib import sha256

from flask import request

from app.store import Token
from app.web.errors import Answer
from app.workflow.definition import Json

LARGEST = 1024 * 1024
"""Bytes of a request to the API."""

LONGEST_KEY = 100
"""Characters of an idempotency key."""


def body() -> Mapping[str, Json]:
    """The request's object; an empty body is an empty one. Raises Answer 400, 413, 415, 422."""
    request.max_content_length = LARGEST
    raw = request.get_data()
    if not raw:
        return {}
    if not request.is_json:
        raise Answer(415, "The body is not declared as JSON.", "Send `Content-Type: application/json`.")
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError) as problem:
        raise Answer(400, f"The body is not JSON: {problem}") from None
    if not isinstance(told, dict):
        raise Answer(422, "The body is JSON, but no object.")
    return told


def word(told: Mapping[str, Json], name: str, required: bool = False) -> str:
    """A text of the request; numbers are taken as they are written. Raises Answer 422."""
    value = told.get(name)
    if value is None and not required:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int) or (required and not str(value).strip()):
        raise Answer(422, f"`{name}` must be a text.", f'Send an object with "{name}".')
    return str(value)


def mapping(told: Mapping[str, Json], name: str) -> dict[str, Json]:
    """An object inside the request, empty when it is not there. Raises Answer 422."""
    value = told.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Answer(422, f"`{name}` must be an object.")
    return value


def only(told: Mapping[str, Json], *names: str) -> None:
    """Raises Answer 422 for a key that would be passed over."""
    unknown = sorted(set(told) - set(names))
    if unknown:
        raise Answer(422, f"Unknown keys: {', '.join(unknown)}.", f"Known here: {', '.join(names) or 'none'}.")


def event_key(token: Token, what: str) -> str:
    """The event's key: from the header Idempotency-Key, so that a repeated request counts once, else one of its own."""
    given = request.headers.get("Idempotency-Key", "").strip()
    if len(given) > LONGEST_KEY:
        raise Answer(400, f"The Idempotency-Key is longer than {LONGEST_KEY} characters.")
    return f"api:{token.id}:" + sha256(f"{what}\n{given or secrets.token_hex(16)}".encode()).hexdigest()
