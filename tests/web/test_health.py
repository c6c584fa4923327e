"""Whether the service is alive, ready and counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.bell import InlineBell
from app.store import WorkerRow
from app.workflow.line import MAIN, Run, RunRef, Status
from tests.web.world import NOW, MemoryStore, a_context, a_view


class UnheardBell(InlineBell):
    def reachable(self) -> bool:
        return False


def test_the_process_is_alive_whatever_the_database_does(client: FlaskClient, store: MemoryStore) -> None:
    store.down = True
    assert client.get("/healthz").status_code == 200


def test_it_is_ready_when_everything_answers(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json() == {
        "ready": True,
        "checks": {"database": "ok", "schema": "ok", "disk": "ok", "redis": "ok"},
    }


@pytest.mark.parametrize(("down", "min_free", "wrong"), [(True, 0, {"database", "schema"}), (False, 2**62, {"disk"})])
def test_it_is_not_ready_when_a_webhook_could_not_be_kept(
    tmp_path: Path, store: MemoryStore, down: bool, min_free: int, wrong: set[str]
) -> None:
    store.down = down
    answer = create_app(a_context(tmp_path, store, min_free=min_free)).test_client().get("/readyz")
    assert answer.status_code == 503
    assert {name for name, said in answer.get_json()["checks"].items() if said != "ok"} == wrong


def test_without_redis_it_still_takes_webhooks_in_and_says_so(tmp_path: Path, store: MemoryStore) -> None:
    answer = create_app(a_context(tmp_path, store, UnheardBell())).test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json()["checks"]["redis"].startswith("unreachable")


def test_metrics_tell_what_runs_and_waits_and_who_serves(client: FlaskClient, store: MemoryStore) -> None:
    for number, status in enumerate([Status.QUEUED, Status.QUEUED, Status.RUNNING, Status.SUCCEEDED]):
        store.views.append(a_view(Run(RunRef("build", number), MAIN, status, (), NOW, pool="default")))
    store.rows.append(WorkerRow("w1", "host", ("default", "big"), NOW, NOW))
    text = client.get("/metrics").text
    assert 'gateline_runs{status="queued"} 2.0' in text
    assert 'gateline_runs{status="running"} 1.0' in text
    assert 'gateline_queue_depth{queue="runs:default"} 2.0' in text
    assert 'gateline_workers{pool="big"} 1.0' in text
    assert "succeeded" not in text
