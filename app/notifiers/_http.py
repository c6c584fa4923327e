"""A message as one POST of JSON, to an address that users may have named."""

from __future__ import annotations

import json
from collections.abc import Mapping

from app.errors import Permanent, Temporary
from app.outward import Outward, Reply, Request

PASSING = frozenset({408, 425, 429})
"""Refusals that pass by themselves, beside all of 5xx."""


def post(outward: Outward, service: str, url: str, body: Mapping[str, object], headers: Mapping[str, str]) -> None:
    """Raises Temporary and Permanent; neither shows the URL, whose path may be a secret."""
    content = {"Content-Type": "application/json", **headers}
    reply = outward.send(Request(url, "POST", json.dumps(body).encode(), content, schemes=("https", "http")))
    if reply.status in PASSING or reply.status >= 500:
        raise Temporary(f"{service} answered {reply.status}", _after(reply))
    if 300 <= reply.status < 400:
        raise Permanent(f"{service} answered {reply.status}: redirects are not followed, set the URL that it leads to")
    if reply.status >= 400:
        raise Permanent(f"{service} refused the message: {reply.status} {reply.body[:200].decode(errors='replace')}")


def _after(reply: Reply) -> float | None:
    given = reply.headers.get("retry-after", "")
    return float(given) if given.isdecimal() else None
