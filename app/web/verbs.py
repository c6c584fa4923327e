"""The writing half of the JSON API: `POST /api/v1/jobs/<name>/<verb>`. Each is a command like those in comments, obeyed in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from flask import Response, jsonify

from app.obey import Asked, Reply, Verdict, obey
from app.store import Token
from app.web import asking
from app.web.api import blueprint
from app.web.errors import Answer
from app.web.here import here
from app.web.tokens import allowed
from app.workflow.comment import Call
from app.workflow.definition import Json
from app.workflow.facts import CandidateProposed, RunAdded

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "approve": ("digest",),
    "reject": ("digest",),
    "trigger": (),
    "retry": (),
    "cancel": (),
    "pause": (),
    "resume": (),
    "pin": ("resource", "version"),
    "unpin": ("resource",),
}
"""Verb -> fields that its request must have. An approval always names its object (product.md section 4)."""

OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "approve": ("reason",),
    "reject": ("reason",),
    "trigger": ("values", "break_glass"),
    "cancel": ("reason",),
}

STATUSES = {Verdict.REFUSED: 409, Verdict.FORBIDDEN: 403, Verdict.UNKNOWN: 404, Verdict.MISTAKEN: 422}


@blueprint.get("/jobs/<name>/why")
def why(name: str) -> Response:
    """What a job waits for, or why it did not run."""
    token = allowed("read")
    return _obeyed(token, Call("why", line=f"why {name}", job=name), asking.event_key(token, "why"))


@blueprint.post("/jobs/<name>/<verb>")
def command(name: str, verb: str) -> Response:
    """Does what a comment command does; with the header Idempotency-Key a repeated request counts once.

    The fields are those of `REQUIRED` and `OPTIONAL`.
    """
    token = allowed("write")
    if verb not in REQUIRED:
        raise Answer(404, f"There is no verb {verb!r}.", f"There are {', '.join(REQUIRED)}.")
    if token.admin and verb in ("approve", "reject"):
        raise Answer(403, "An administrator's token opens no gates.", "Use a token of somebody who may approve.")
    told = asking.body()
    asking.only(told, *REQUIRED[verb], *OPTIONAL.get(verb, ()))
    if "break_glass" in told:
        token = allowed("admin")
    return _obeyed(token, _call(verb, name, told), asking.event_key(token, f"{verb} {name}"))


def _call(verb: str, name: str, told: Mapping[str, Json]) -> Call:
    words = {field: asking.word(told, field, required=True) for field in REQUIRED[verb]}
    given = asking.mapping(told, "values")
    values = tuple((key, asking.word(given, key)) for key in given)
    shown = (verb, name, *words.values(), *(f"{key}={value}" for key, value in values))
    return Call(
        verb,
        line=" ".join(" ".join(shown).split()),
        job=name,
        digest=words.get("digest", ""),
        resource=words.get("resource", ""),
        version=words.get("version", ""),
        values=values,
        reason=asking.word(told, "reason"),
        break_glass=asking.word(told, "break_glass", required="break_glass" in told).strip(),
    )


def _obeyed(token: Token, call: Call, key: str) -> Response:
    asked = Asked((token.account,), token.actor, (call,), "api", key)
    (reply,) = obey(here().context, asked)
    if not reply.accepted:
        _refuse(reply)
    runs = [str(fact.run.ref) for fact in reply.facts if isinstance(fact, RunAdded)]
    proposed = [fact.candidate for fact in reply.facts if isinstance(fact, CandidateProposed)]
    candidates = [{"job": each.job, "number": each.number, "digest": each.digest} for each in proposed]
    return jsonify({"message": reply.text, "runs": runs, "candidates": candidates})


def _refuse(reply: Reply) -> NoReturn:
    raise Answer(STATUSES[reply.verdict], reply.text, f"Try: {reply.type}" if reply.type else "")
