"""From `git push` through git's hook and a real HTTP request to a kept delivery: both halves of the local forge together."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from app import create_app
from app.bell import InlineBell
from app.context import Context
from app.forges import Commented, Conversation
from app.forges.local import LocalForge, actions, plugin
from app.store import Store
from app.store.local import LocalDesk
from app.workflow.events import PullRequestChanged, Pushed
from app.workflow.kinds import Kinds
from config.settings import Settings
from tests.forges.local.world import LocalWorld, git


@dataclass
class Served:
    """A web process that listens; `events` are the deliveries kept so far, parsed, oldest first."""

    store: Store
    context: Context
    forge: LocalForge

    def events(self) -> list[object]:
        hooks = self.context.forges["local"].hooks
        return [hooks.parse(delivery, 1.0) for _, delivery, _, _ in reversed(self.store.deliveries())]


@pytest.fixture
def served(sqlite_url: str, tmp_path: Path) -> Iterator[Served]:
    store = Store(sqlite_url, tmp_path / "files", ("key",))
    server = make_server("127.0.0.1", 0, lambda environ, start: application(environ, start), threaded=True)
    settings = Settings(data_dir=tmp_path / "a data folder", bind=f"127.0.0.1:{server.server_port}", min_free=0)
    port = plugin.build(settings, LocalDesk(store.database))
    assert port is not None
    assert isinstance(port.api, LocalForge)
    context = Context(settings, store, {"local": port}, {}, {}, InlineBell(), Kinds({}, {}))
    application = create_app(context)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Served(store, context, port.api)
    server.shutdown()
    thread.join()
    server.server_close()
    store.close()


def test_a_push_a_request_and_a_comment_are_kept_and_rung_for(served: Served, tmp_path: Path) -> None:
    world = LocalWorld(served.forge, tmp_path / "clones")
    repository = world.repository().id
    tree = world.clone(repository)
    for branch in ("main", "topic"):
        git(tree, "checkout", "--quiet", "-B", branch)
        git(tree, "commit", "--quiet", "--allow-empty", "--message", f"On {branch}")
    said = world.push(repository, "main", "topic")
    assert "gateline:" not in said
    number = world.pull_request(repository, "topic", "alice", "Faster")
    actions.comment(served.forge, Conversation(repository, number=number), "alice", "/gateline status")
    assert [type(event) for event in served.events()] == [Pushed, Pushed, PullRequestChanged, Commented]
    assert served.context.bell.rung == ["errands"] * 4
