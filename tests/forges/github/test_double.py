"""The double itself: it refuses what GitHub refuses, tells hooks, and serves as a process of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from app.forges import Commented, Nothing, PullRequest
from app.forges.github.api import GithubApi, with_token
from app.forges.github.hooks import GithubHooks
from app.workflow.events import PullRequestChanged, Pushed
from tests.fakes.github.happenings import encoded
from tests.fakes.github.packages import PROJECT
from tests.fakes.github.server import GithubDouble, RemoteDouble
from tests.forges.github.conftest import TOKEN

HEADERS = {"Authorization": f"token {TOKEN}"}


class Receiver:
    """Keeps what webhooks brought it: (headers, body)."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Keeper(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                self.send_response(202)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Keeper)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/github"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_what_happens_comes_as_signed_hooks_that_say_it(github: GithubDouble, forge: GithubApi, receiver: Receiver) -> None:
    github.happen.repository("acme/app")
    github.happen.grant("acme/app", "gateline-bot", "admin")
    forge.ensure_hook(forge.repository("acme/app").id, receiver.url, "shared")
    sha = github.happen.push("acme/app", "main", encoded({"a": "1"}), by="alice")
    github.happen.push("acme/app", "topic", encoded({"b": "1"}), by="alice")
    number = github.happen.pull_request("acme/app", "topic", "alice")
    github.happen.push("acme/app", "topic", encoded({"b": "2"}), by="bob")
    github.happen.comment("acme/app", "carol", "/gateline status", number)
    github.happen.merge("acme/app", number, "carol")
    github.state.deliveries.settle()
    hooks = GithubHooks(b"shared")
    told = [hooks.parse(hooks.verify(headers, body), 0.0) for headers, body in receiver.got]
    kinds = [type(one).__name__ for one in told]
    pushes = ["Pushed", "Pushed", "PullRequestChanged", "Pushed", "PullRequestChanged", "Commented"]
    assert kinds == ["Nothing", *pushes, "PullRequestChanged", "Pushed"]
    assert isinstance(told[0], Nothing)
    assert isinstance(told[1], Pushed)
    assert (told[1].before, told[1].after, told[1].pusher.login) == ("", sha, "alice")
    assert isinstance(told[5], PullRequestChanged)
    assert [author.login for author in told[5].authors] == ["alice", "bob"]
    assert isinstance(told[6], Commented)
    assert isinstance(told[7], PullRequestChanged)
    assert told[7].merged


def test_a_redelivery_has_the_same_guid(github: GithubDouble, forge: GithubApi, receiver: Receiver) -> None:
    github.happen.repository("acme/app")
    github.happen.grant("acme/app", "gateline-bot", "admin")
    forge.ensure_hook(forge.repository("acme/app").id, receiver.url, "shared")
    github.happen.push("acme/app", "main", encoded({"a": "1"}), by="alice")
    github.state.deliveries.settle()
    github.state.deliveries.redeliver(github.state.deliveries.log[-1])
    github.state.deliveries.settle()
    guids = [headers["X-GitHub-Delivery"] for headers, _ in receiver.got]
    assert len(guids) == 3
    assert guids[1] == guids[2]


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("statuses/{sha}", {"state": "success", "description": "x" * 141}, 422, "too long"),
        ("statuses/" + "f" * 40, {"state": "success"}, 422, "No commit found"),
        ("commits/{sha}/comments", {"body": "x" * 65_537}, 422, "too long"),
        ("commits/{sha}/comments", {"body": " "}, 422, "missing_field"),
        ("issues/99/comments", {"body": "x"}, 404, "Not Found"),
    ],
)
def test_it_refuses_what_github_refuses(github: GithubDouble, path: str, body: Any, status: int, words: str) -> None:
    number = github.happen.repository("acme/app")
    github.happen.grant("acme/app", "gateline-bot", "write")
    sha = github.happen.commit("acme/app", "main", encoded({"a": "1"}))
    url = f"{github.url}/repositories/{number}/{path.format(sha=sha)}"
    answer = requests.post(url, json=body, headers=HEADERS, timeout=5)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_a_renamed_repository_answers_301_or_307(github: GithubDouble, verb: str) -> None:
    number = github.happen.repository("acme/app")
    sha = github.happen.commit("acme/app", "main", encoded({"a": "1"}))
    github.happen.rename("acme/app", "new")
    path, body = ("", None) if verb == "GET" else (f"/statuses/{sha}", {"state": "success"})
    answer = requests.request(verb, f"{github.url}/repos/acme/app{path}", json=body, headers=HEADERS, allow_redirects=False, timeout=5)
    assert answer.status_code == (301 if verb == "GET" else 307)
    assert answer.headers["Location"] == f"{github.url}/repositories/{number}{path}"


@pytest.mark.parametrize(
    ("verb", "path", "body", "words"),
    [
        ("GET", "/repositories/{id}/nonsense", None, "no such operation"),
        ("GET", "/repositories/{id}/pulls?state=opened", None, "state"),
        ("GET", "/repositories/{id}/pulls?sate=open", None, "sate is not described"),
        ("POST", "/repositories/{id}/statuses/abc", {"state": "running"}, "running"),
        ("POST", "/repositories/{id}/statuses/abc", {"state": "success", "sate": "x"}, "sate is not described"),
        ("POST", "/repositories/{id}/issues/1/comments", {}, "body"),
    ],
)
@pytest.mark.usefixtures("described")
def test_requests_that_githubs_description_does_not_know_are_told(tmp_path: Path, verb: str, path: str, body: Any, words: str) -> None:
    with GithubDouble(tmp_path / "github") as double:
        double.happen.token(TOKEN, "gateline-bot")
        number = double.happen.repository("acme/app")
        answer = requests.request(verb, double.url + path.format(id=number), json=body, headers=HEADERS, timeout=5)
        assert answer.status_code == 400
        assert len(double.problems) == 1
        assert words in double.problems[0]


def test_it_serves_as_a_process_of_its_own(tmp_path: Path) -> None:
    arguments = ["--folder", str(tmp_path / "github"), "--token", f"{TOKEN}=gateline-bot"]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.github", *arguments], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            github = RemoteDouble(process.stdout.readline().strip())
            number = github.happen("repository", full_name="acme/app")
            github.happen("commit", full_name="acme/app", branch="main", files=encoded({"a": "1"}))
            github.happen("commit", full_name="acme/app", branch="topic", files=encoded({"a": "2"}))
            github.happen("pull_request", full_name="acme/app", head="topic", author="alice", title="Faster")
            forge = with_token(github.url, TOKEN)
            (request,) = forge.open_pull_requests(f"github:{number}")
            assert isinstance(request, PullRequest)
            assert (request.title, request.author.login) == ("Faster", "alice")
            assert [one["verb"] for one in github.happen("requests")] == ["GET"]
            assert github.happen("problems") == []
        finally:
            process.terminate()
