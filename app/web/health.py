"""`/healthz` (the process answers), `/readyz` (it can take in webhooks and show them), `/metrics`."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from app.errors import GatelineError
from app.web.here import Here, here

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 while the process answers."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """503 when a webhook could not be kept; without Redis it can be, work is only found later.

    What is checked: database, schema, disk; Redis is named and does not count.
    """
    found = here()
    checks = {"database": _checked(found.context.store.ping), "schema": _checked(found.context.store.check_schema)}
    checks["disk"] = "nearly full: webhooks are answered 503" if found.disk_full else "ok"
    ready = all(said == "ok" for said in checks.values())
    response = jsonify({"ready": ready, "checks": {**checks, "redis": _redis(found)}})
    response.status_code = 200 if ready else 503
    return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """Numbers in Prometheus' text format."""
    found = here()
    return Response(found.metrics.text(found.context.store), content_type="text/plain; version=0.0.4; charset=utf-8")


def _checked(check: Callable[[], None]) -> str:
    try:
        check()
    except GatelineError as problem:
        return str(problem)
    return "ok"


def _redis(found: Here) -> str:
    return "ok" if found.context.bell.reachable() else "unreachable: webhooks are kept, and done when it is back or at the next sweep"
