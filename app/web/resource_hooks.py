"""`POST /hooks/resource/<account>/<name>`: a new version of a `webhook` resource (spec/workflow-language.md section 4.8)."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256

from flask import Blueprint, Response, jsonify, request

from app.react import react
from app.web.errors import Answer
from app.web.here import here
from app.workflow.definition import JsonMap
from app.workflow.events import WebhookReceived

blueprint = Blueprint("resource_hooks", __name__)

LARGEST = 1024 * 1024
"""Bytes of a payload: it becomes part of a version, which runs read."""


@blueprint.post("/hooks/resource/<account>/<name>")
def receive(account: str, name: str) -> Response:
    """JSON for a `webhook` resource, by basic authentication: name and webhookKey; 200 made a version."""
    request.max_content_length = LARGEST
    context = here().context
    _authenticate(account, name)
    body = request.get_data()
    payload = _payload(body)
    if here().disk_full:
        raise Answer(503, "The disk is nearly full: nothing new is taken in.", "Try again later.", {"Retry-After": "60"})
    at = context.store.now()
    headers = {key.lower(): value for key, value in request.headers.items()}
    event = WebhookReceived(key=_event_key(name, body, at), at=at, resource=name, payload=payload, headers=headers)
    react(context, account, event)
    return jsonify({"message": "Webhook processed"})


def _authenticate(account: str, name: str) -> None:
    """Basic authentication, `<name>:<webhookKey>`. That there is no such resource is not told apart from a wrong key."""
    given = request.authorization
    user, password = (given.username or "", given.password or "") if given and given.type == "basic" else ("", "")
    resource = here().context.store.ask(account, lambda line: line.node(name).resource)
    key = str(resource.content.get("webhookKey") or "") if resource and resource.type == "webhook" else ""
    if not (hmac.compare_digest(password.encode(), key.encode()) and key and user == name):
        hint = "Use basic authentication: the resource's name as the user, its webhookKey as the password."
        raise Answer(401, "The name or the key is wrong.", hint, {"WWW-Authenticate": 'Basic realm="gateline"'})


def _payload(body: bytes) -> JsonMap:
    """An empty body is an empty object. Raises Answer 400 or 422."""
    try:
        told = json.loads(body or b"{}")
    except (ValueError, RecursionError) as problem:
        raise Answer(400, f"The body is not JSON: {problem}", "Post an object of JSON.") from None
    if not isinstance(told, dict):
        raise Answer(422, "The body is JSON, but no object.", 'Post an object, as in {"version": "1.2"}.')
    return told


def _event_key(name: str, body: bytes, at: float) -> str:
    """By the header Idempotency-Key, so that a repeated post counts once; without it every post counts."""
    given = request.headers.get("Idempotency-Key", "").strip()
    told = f"key {given}" if given else f"body {sha256(body).hexdigest()} at {at:.6f}"
    return "webhook:" + sha256(f"{name}\n{told}".encode()).hexdigest()
