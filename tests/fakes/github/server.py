"""The double over HTTP: in a thread of a test (`GithubDouble`), or as a process (`python -m tests.fakes.github`).

Everything that a test does behind Gateline's back is a method of `Happenings`, and a POST of its arguments as JSON to
`/_double/<method>` for tests with real processes (`RemoteDouble`). Every request to GitHub's own paths is recorded, and
checked against GitHub's OpenAPI description where that is installed: one that departs from it is answered 400.
"""

from __future__ import annotations

import inspect
import logging
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import requests
from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

from tests.fakes.github.asking import KEY, Double, Failure, Recorded, double
from tests.fakes.github.deliveries import Deliveries
from tests.fakes.github.happenings import Happenings
from tests.fakes.github.openapi import description
from tests.fakes.github.refusals import Refusal
from tests.fakes.github.routes_code import code
from tests.fakes.github.routes_people import people
from tests.fakes.github.routes_talk import talk
from tests.fakes.github.world import World

CONTROL = "/_double/"
POLL = 0.01
"""Seconds between two looks whether the server should end."""


class GithubDouble:
    """A running double. `with GithubDouble(folder) as github:` serves at `github.url` until the block ends."""

    def __init__(self, folder: Path, port: int = 0, clock: Callable[[], float] = time.time) -> None:
        world = World(folder, clock)
        deliveries = Deliveries(world)
        self.state = Double(world, deliveries, Happenings(world, deliveries))
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = make_server("127.0.0.1", port, self._served, threaded=True)
        self.url = self.state.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL,), name="github-double", daemon=True)

    @property
    def world(self) -> World:
        return self.state.world

    @property
    def happen(self) -> Happenings:
        """What people do."""
        return self.state.happenings

    @property
    def requests(self) -> list[Recorded]:
        return self.state.requests

    @property
    def problems(self) -> list[str]:
        """Where requests departed from GitHub's description."""
        return [problem for recorded in self.state.requests for problem in recorded.problems]

    def fail(self, status: int, body: Any = None, headers: dict[str, str] | None = None, matching: str = "", times: int = 1) -> None:
        """The next `times` requests whose `<verb> <path>` contains `matching` are answered like this."""
        self.state.failures.append(Failure(status, body, headers or {}, matching, times))

    def _served(self, environ: dict[str, Any], start_response: Any) -> Any:
        return application()(environ | {KEY: self.state}, start_response)

    def serve(self) -> None:
        """Serves in this thread until it is interrupted."""
        self._server.serve_forever()

    def __enter__(self) -> GithubDouble:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.state.deliveries.close()


class RemoteDouble:
    """The double in another process: `github.happen("push", full_name=..., ...)`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def happen(self, method: str, **arguments: Any) -> Any:
        """Calls a method of `Happenings`, or `requests`, `problems` or `fail` of the double."""
        answer = requests.post(f"{self.url}{CONTROL}{method}", json=arguments, timeout=30)
        answer.raise_for_status()
        return answer.json()["result"]


@cache
def application() -> Flask:
    """The WSGI application of every double; which one a request came to is in its environment."""
    app = Flask("github-double")
    for blueprint in (code, talk, people):
        app.register_blueprint(blueprint)
    app.before_request(_before)
    app.after_request(_after)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, lambda error: ({"message": error.name}, error.code or 500))
    app.add_url_rule(f"{CONTROL}<method>", "control", _control, methods=["POST"])
    return app


def _before() -> Any:
    """Records and checks a request; answers it at once where a failure was ordered."""
    if request.path.startswith(CONTROL):
        return None
    state = double()
    raw = str(request.environ.get("RAW_URI", request.path))
    path, _, query = raw.partition("?")
    body = request.get_json(silent=True)
    recorded = Recorded(request.method, path, query, body, dict(request.headers))
    g.recorded = recorded
    state.requests.append(recorded)
    described = description()
    if described is not None and path != "/graphql":
        recorded.problems = described.problems(request.method, path, query, body)
        if recorded.problems:
            return {"message": f"GitHub's description knows no such request: {recorded.problems}"}, 400
    return _ordered_failure(state, f"{request.method} {path}")


def _ordered_failure(state: Double, asked: str) -> Any:
    for failure in state.failures:
        if failure.times > 0 and failure.matching in asked:
            failure.times -= 1
            body = failure.body if failure.body is not None else {"message": "Ordered failure"}
            return (body if isinstance(body, str) else jsonify(body)), failure.status, failure.headers
    return None


def _after(response: Response) -> Response:
    recorded: Recorded | None = g.get("recorded")
    if recorded is not None:
        recorded.status = response.status_code
        response.headers.setdefault("X-RateLimit-Limit", "5000")
        response.headers.setdefault("X-RateLimit-Remaining", "4999")
        response.headers.setdefault("X-RateLimit-Reset", str(int(double().world.clock()) + 3600))
    return response


def _refused(refusal: Refusal) -> Any:
    body: dict[str, Any] = {"message": refusal.message, "documentation_url": "https://docs.github.com/rest"}
    if refusal.errors:
        body["errors"] = list(refusal.errors)
    return jsonify(body), refusal.status, dict(refusal.headers)


def _control(method: str) -> Any:
    state, arguments = double(), request.get_json(silent=True) or {}
    if method == "requests":
        return {"result": [vars(recorded) for recorded in state.requests]}
    if method == "problems":
        return {"result": [problem for recorded in state.requests for problem in recorded.problems]}
    if method == "fail":
        state.failures.append(Failure(**arguments))
        return {"result": None}
    verb = getattr(state.happenings, method, None)
    if method.startswith("_") or not inspect.ismethod(verb):
        return {"message": f"nothing called {method} happens"}, 404
    return {"result": verb(**arguments)}
