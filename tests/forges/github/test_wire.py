"""What happens to a request whose connection breaks before the answer: asked again when it only asks, never when it writes."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import pytest

from app.errors import Temporary
from app.forges import CommitState
from app.forges.github._wire import route
from app.forges.github.api import with_token


class Breaking(socketserver.ThreadingTCPServer):
    """Reads each request's first line and hangs up."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        self.heard: list[str] = []
        breaking = self

        class HangUp(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                breaking.heard.append(self.rfile.readline().decode().split()[0])

        super().__init__(("127.0.0.1", 0), HangUp)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def breaking() -> Iterator[Breaking]:
    with Breaking() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_read_is_asked_again_twice(breaking: Breaking) -> None:
    with pytest.raises(Temporary, match="could not be reached"):
        with_token(breaking.url, "token").repository("acme/app")
    assert breaking.heard == ["GET", "GET", "GET"]


def test_a_write_is_never_sent_again_since_it_may_have_been_done(breaking: Breaking) -> None:
    with pytest.raises(Temporary, match="could not be reached"):
        with_token(breaking.url, "token").set_status("github:1", "a" * 40, "gateline/build", CommitState.SUCCESS, "", "")
    assert breaking.heard == ["POST"]


def test_trap_20_a_part_of_a_path_stays_one_part() -> None:
    assert route("branches", "a/b#c%d?e") == "/branches/a%2Fb%23c%25d%3Fe"
