"""The page of a run, by the unguessable key in its link: state, why, causes, inputs, times and the masked log."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from app.errors import NotFound
from app.store import RunView
from app.web import log_text
from app.web.errors import Answer
from app.web.here import here
from app.web.run_view import page

blueprint = Blueprint("pages", __name__)

MOST_POLLED = 50
"""Chunks that one poll brings."""


@blueprint.get("/runs/<key>")
def run(key: str) -> str:
    """The page of a run, for everybody who has its link."""
    context, view = here().context, _view(key)
    found = tuple(log_text.chunks(context.store, view.id))
    shown, cut = log_text.newest(log_text.sections(found))
    last = found[-1].number if found else 0
    return render_template("run.html", page=page(context, view), sections=shown, cut=cut, last=last)


@blueprint.get("/runs/<key>/log")
def log(key: str) -> Response:
    """The whole log as plain text; with `?after=N` the chunks behind number N."""
    view, after = _view(key), _after()
    pieces = (chunk.text.encode() for chunk in log_text.chunks(here().context.store, view.id, after))
    return Response(pieces, mimetype="text/plain")


@blueprint.get("/runs/<key>/cells/<int:index>/log")
def cell_log(key: str, index: int) -> Response:
    """The log of one cell of a CI run as plain text, as far as it is there; with `?after=N` the chunks behind number N."""
    view, after = _view(key), _after()
    store = here().context.store
    if all(cell.index != index for cell in store.cells(view.id)):
        raise NotFound("This run has no cell of this number.")
    pieces = (chunk.text.encode() for chunk in log_text.all_chunks(lambda last: store.read_cell_log(view.id, index, last), after))
    return Response(pieces, mimetype="text/plain")


@blueprint.get("/runs/<key>/live")
def live(key: str) -> Response:
    """What is new since chunk `?after=N`: `{status, live, after, sections: [{name, text}]}`. The page asks every few seconds."""
    view, after = _view(key), _after()
    found = here().context.store.read_log(view.id, after, MOST_POLLED)
    sections = [{"name": each.name, "text": each.text} for each in log_text.sections(found)]
    status = view.run.status
    last = found[-1].number if found else after
    return jsonify(status=status.value.replace("_", " "), live=not status.final or bool(found), after=last, sections=sections)


def _view(key: str) -> RunView:
    view = here().context.store.run_by_key(key)
    if view is None:
        raise NotFound("There is no run with this address.")
    return view


def _after() -> int:
    text = request.args.get("after", "0")
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise Answer(400, f"after={text!r} is no number of a chunk.", "Give the number of the last chunk that you have.")
    return int(text)
