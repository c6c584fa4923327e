"""`POST /api/v1/resources/<name>/versions`: somebody posts a version of a resource."""

from __future__ import annotations

from flask import Response, jsonify

from app.forges import Level
from app.react import react
from app.store import AuditEntry, Outcome, Token
from app.web import asking
from app.web.api import blueprint, visible_node
from app.web.errors import Answer
from app.web.here import here
from app.web.tokens import allowed, may
from app.workflow.definition import Resource
from app.workflow.events import VersionPosted
from app.workflow.facts import Denied, Ignored, VersionAdded


@blueprint.post("/resources/<name>/versions")
def post_version(name: str) -> Response:
    """A new version: `{"label": "1.2", "bag": {…}}`; 201 with the version's number; 200 with the reason when nothing came of it."""
    token = allowed("write")
    told = asking.body()
    asking.only(told, "label", "bag")
    resource = _writable(token, name)
    event = VersionPosted(
        key=asking.event_key(token, f"version:{name}"),
        at=here().context.store.now(),
        resource=resource.name,
        label=asking.word(told, "label"),
        bag=asking.mapping(told, "bag"),
        by=token.actor,
    )
    return _answer(token, event, react(here().context, token.account, event))


def _writable(token: Token, name: str) -> Resource:
    """Raises NotFound, or Answer 403 without write access to the repository that defines it."""
    node, context = visible_node(token, name), here().context
    if node.resource is None:
        raise Answer(422, f"{name} is a job: only resources take versions.", f"To run it, POST /api/v1/jobs/{name}/trigger.")
    source = context.store.source(node.resource.source)
    if source is None or not may(context, token, source, Level.WRITE):
        raise Answer(403, f"{token.actor.login} may not write to the repository that defines {name}.")
    return node.resource


def _answer(token: Token, event: VersionPosted, outcome: Outcome) -> Response:
    made = [fact.version for fact in outcome.facts if isinstance(fact, VersionAdded) and fact.version.ref.name == event.resource]
    reasons = [fact.reason for fact in outcome.facts if isinstance(fact, Denied | Ignored)]
    denied = any(isinstance(fact, Denied) for fact in outcome.facts)
    detail = f"version {made[0].ref.number}" if made else "; ".join(reasons) or "nothing changed"
    if not outcome.duplicate:
        entry = AuditEntry(event.at, token.account, event.by, "post version", event.resource, not denied, detail, "api")
        here().context.store.add_audit(entry)
    if denied:
        raise Answer(422, "; ".join(reasons))
    if made:
        response = jsonify({"resource": event.resource, "number": made[0].ref.number, "label": made[0].label})
        response.status_code = 201
        return response
    return jsonify({"message": detail})
