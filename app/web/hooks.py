"""`POST /hooks/<forge>`: keeps an authentic webhook delivery durably, then answers. The work is an errand's."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.errors import Temporary
from app.forges import BadPayload, BadSignature, Delivery, ForgePort, Nothing
from app.web.here import LARGEST, Here, here
from app.workflow.errands import ERRANDS

blueprint = Blueprint("hooks", __name__)
log = structlog.get_logger(__name__)

WAIT = "60"
"""Seconds after which a sender should try again when the disk is nearly full."""


@dataclass(frozen=True, slots=True)
class Received:
    """What came of a request: `outcome` is counted, `sentence` is answered."""

    outcome: str
    status: int
    sentence: str
    delivery: str = ""
    wait: str = ""


@blueprint.post("/hooks/<forge>")
def receive(forge: str) -> Response:
    """A webhook delivery: 202 kept, 200 known or of no use, 401 unsigned, 400 unreadable, 413 too large, 503 try again."""
    found = here()
    port = found.context.forges.get(forge)
    received = _receive(found, port) if port else Received("unknown_forge", 404, f"There is no forge {forge!r} here.")
    found.metrics.hooks.labels(forge if port else "unknown", received.outcome).inc()
    log.info("hook", forge=forge, outcome=received.outcome, delivery=received.delivery)
    response = jsonify({"error" if received.status >= 400 else "message": received.sentence})
    response.status_code = received.status
    if received.wait:
        response.headers["Retry-After"] = received.wait
    return response


def _receive(found: Here, port: ForgePort) -> Received:
    """The signature is checked over the bytes as they came; nothing is stored before, and nothing is answered 202 that is not stored."""
    try:
        delivery = port.hooks.verify(dict(request.headers), request.get_data())
    except RequestEntityTooLarge:
        return Received("too_large", 413, f"The request is larger than {LARGEST} bytes.")
    except BadSignature:
        return Received("unsigned", 401, "The signature is missing or wrong: compare the secrets on both sides.")
    except BadPayload as problem:
        return Received("broken", 400, f"The request is authentic and cannot be read: {problem}")
    try:
        return _keep(found, port, delivery)
    except BadPayload as problem:
        return Received("broken", 400, f"The request is authentic and cannot be read: {problem}", delivery.id)
    except Temporary as problem:
        return Received("unavailable", 503, str(problem), delivery.id, str(max(1, round(problem.after or 5))))


def _keep(found: Here, port: ForgePort, delivery: Delivery) -> Received:
    said = port.hooks.parse(delivery, 0.0)
    if isinstance(said, Nothing):
        return Received("dropped", 200, f"Nothing to do: {said.reason}", delivery.id)
    if found.disk_full:
        return Received("disk_full", 503, "The disk is nearly full: nothing new is taken in.", delivery.id, WAIT)
    if found.context.store.keep_delivery(delivery) is None:
        return Received("duplicate", 200, "This delivery was received before.", delivery.id)
    found.context.bell.ring(ERRANDS)
    return Received("kept", 202, "Received.", delivery.id)
