"""Every error as an answer: JSON `{"error": sentence, "hint": what to do}` to programs, a small page to people."""

from __future__ import annotations

from flask import Flask, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, InternalServerError

from app.errors import NotFound, Permanent, Refused, Temporary

DEFAULT_WAIT = 30.0
"""Seconds after which to try again, where an error does not say."""

HINTS = {
    404: "Check the address.",
    405: "This address is asked by another method.",
    413: "Send less.",
    500: "The service's own log says more.",
}


class Answer(Exception):
    """Ends a request with this status: a sentence that says why, and what the asker can do."""

    def __init__(self, status: int, sentence: str, hint: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.hint = hint
        self.headers = headers or {}


def register(flask: Flask) -> None:
    flask.register_error_handler(Answer, _answered)
    flask.register_error_handler(NotFound, lambda problem: _shown(404, str(problem)))
    flask.register_error_handler(Refused, lambda problem: _shown(422, str(problem)))
    flask.register_error_handler(Temporary, _temporary)
    flask.register_error_handler(Permanent, lambda problem: _shown(500, str(problem), HINTS[500]))
    flask.register_error_handler(HTTPException, _http)


def _answered(problem: Answer) -> ResponseReturnValue:
    return _shown(problem.status, str(problem), problem.hint, problem.headers)


def _temporary(problem: Temporary) -> ResponseReturnValue:
    wait = max(1, round(problem.after or DEFAULT_WAIT))
    return _shown(503, str(problem), f"Try again in {wait} s.", {"Retry-After": str(wait)})


def _http(problem: HTTPException) -> ResponseReturnValue:
    """What Flask itself refuses (no such address, too large), and whatever nobody expected (logged by Flask)."""
    status = problem.code or 500
    sentence = "Something went wrong here." if isinstance(problem, InternalServerError) else (problem.description or problem.name)
    kept = {"Allow"} if status == 405 else set()
    return _shown(status, sentence, HINTS.get(status, ""), {k: v for k, v in problem.get_headers() if k in kept})


def _shown(status: int, sentence: str, hint: str = "", headers: dict[str, str] | None = None) -> ResponseReturnValue:
    if request.path.startswith("/runs/"):
        body = make_response(render_template("error.html", status=status, sentence=sentence, hint=hint), status)
    else:
        body = make_response(jsonify({"error": sentence, **({"hint": hint} if hint else {})}), status)
    body.headers.update(headers or {})
    return body
