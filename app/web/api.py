"""The JSON API under `/api/v1`, its reading half: what the token's user may see of the token's account."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app.errors import NotFound
from app.forges import Level
from app.store import RunView, Token
from app.web import shapes
from app.web.errors import Answer
from app.web.here import here
from app.web.tokens import allowed, authenticate, may, visible
from app.workflow.line import Line, Node

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

MOST = 200
"""Rows of one answer."""
LONGEST_NUMBER = 12
"""Digits of a number in a query."""


@blueprint.before_request
def _authenticate() -> None:
    authenticate(here().context)


@blueprint.get("/runs")
def runs() -> Response:
    """Runs, newest first; `?job=`, `?live=true|false`, `?limit=` (50, at most 200)."""
    token, context = allowed("read"), here().context
    found = context.store.runs(token.account, request.args.get("job"), _flag("live"), _limit())
    seen = _visible_names(token, {view.run.ref.job for view in found})
    return jsonify([shapes.run(view, context.settings.url) for view in found if view.run.ref.job in seen])


@blueprint.get("/runs/<key>")
def run(key: str) -> Response:
    """One run, by the key in its link."""
    return jsonify(shapes.run(_run(key), here().context.settings.url))


@blueprint.get("/runs/<key>/log")
def run_log(key: str) -> Response:
    """A run's log: chunks behind number `?after=`; ask again with the number of the last one while `live`."""
    view = _run(key)
    found = here().context.store.read_log(view.id, _number("after", 0, 10**9), MOST)
    chunks = [{"number": each.number, "at": each.at, "section": each.section, "text": each.text} for each in found]
    return jsonify({"live": not view.run.status.final or len(found) == MOST, "chunks": chunks})


@blueprint.get("/runs/<key>/cells")
def run_cells(key: str) -> Response:
    """The cells of a CI run, in order: how each stands, and what its tests say."""
    return jsonify([shapes.cell(each) for each in here().context.store.cells(_run(key).id)])


@blueprint.get("/jobs")
def jobs() -> Response:
    """The jobs of all sources that the token's user may read."""
    token, context = allowed("read"), here().context
    fragments = context.store.ask(token.account, lambda line: line.fragments()).of
    seen = visible(context, token)
    return jsonify([shapes.listed_job(job) for key, fragment in fragments.items() if key in seen for job in fragment.jobs])


@blueprint.get("/jobs/<name>")
def job(name: str) -> Response:
    """One job: inputs, outputs, pins, problems, what waits at its gate and which runs are not final."""
    node = visible_node(allowed("read"), name)
    if node.job is None:
        raise NotFound(f"{name} is no job but a resource.")
    return jsonify(shapes.job(node, node.job))


@blueprint.get("/resources/<name>/versions")
def versions(name: str) -> Response:
    """Versions of a resource, newest first; `?limit=`. A job's name gives the versions that its runs are."""
    token = allowed("read")
    visible_node(token, name)
    found = here().context.store.versions(token.account, name, _limit())
    return jsonify([shapes.version(number, version) for number, version in found])


@blueprint.get("/sources")
def sources() -> Response:
    """The sources, with the adopted commit and the problems of their files."""
    token, context = allowed("read"), here().context
    return jsonify([shapes.source(source) for source in visible(context, token).values()])


@blueprint.get("/audit")
def audit() -> Response:
    """The audit log, newest first; `?subject=`, `?limit=`."""
    token = allowed("admin")
    found = here().context.store.audit(token.account, request.args.get("subject"), _limit())
    return jsonify([shapes.audit_entry(entry) for entry in found])


@blueprint.get("/stuck")
def stuck() -> Response:
    """Errands of the account that failed or are being put off."""
    token = allowed("admin")
    return jsonify([shapes.stuck(each) for each in here().context.store.stuck() if each.account == token.account])


@blueprint.get("/workers")
def workers() -> Response:
    """The worker processes of the installation."""
    allowed("admin")
    return jsonify([shapes.worker(each) for each in here().context.store.workers()])


def visible_node(token: Token, name: str) -> Node:
    """A job or resource of the account. Raises NotFound when there is none, or the token's user may not read its source."""
    node: Node = here().context.store.ask(token.account, lambda line: line.node(name))
    if name not in _visible_names(token, {name}):
        raise NotFound(f"There is no job or resource {name} in {token.account}.")
    return node


def _visible_names(token: Token, names: set[str]) -> set[str]:
    """Those whose source the token's user may read."""
    context = here().context

    def sources_of(line: Line) -> dict[str, str]:
        found = {node.name: node.job or node.resource for node in line.nodes(sorted(names))}
        return {name: definition.source for name, definition in found.items() if definition}

    known = context.store.ask(token.account, sources_of)
    wanted = {key: context.store.source(key) for key in set(known.values())}
    seen = {key for key, source in wanted.items() if source and may(context, token, source, Level.READ)}
    return {name for name, key in known.items() if key in seen}


def _run(key: str) -> RunView:
    """Whoever has the run's unguessable key sees its page, too: only the account is checked."""
    token = allowed("read")
    view = here().context.store.run_by_key(key)
    if view is None or view.account != token.account:
        raise NotFound("There is no run with this key.")
    return view


def _limit() -> int:
    return _number("limit", 50, MOST)


def _number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdecimal()) or len(text) > LONGEST_NUMBER or int(text) > most:
        raise Answer(400, f"{name}={text!r} is no number between 0 and {most}.")
    return int(text)


def _flag(name: str) -> bool | None:
    text = request.args.get(name)
    if text not in (None, "true", "false"):
        raise Answer(400, f"{name}={text!r} is neither true nor false.")
    return None if text is None else text == "true"
