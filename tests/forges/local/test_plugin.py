"""How the local forge is found and built."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.forges.local import LocalForge, plugin
from app.registry import load
from app.store.engine import Database
from app.store.local import LocalDesk
from config.settings import Settings


def test_it_is_found_by_its_name() -> None:
    assert load("app.forges")["local"] is plugin


def test_without_a_desk_there_is_no_local_forge(tmp_path: Path) -> None:
    assert plugin.build(Settings(data_dir=tmp_path)) is None


@pytest.mark.parametrize(
    ("bind", "url"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080/hooks/local"),
        ("0.0.0.0:80", "http://127.0.0.1:80/hooks/local"),
        ("[::]:8080", "http://[::1]:8080/hooks/local"),
        ("gate.example:8080", "http://gate.example:8080/hooks/local"),
    ],
)
def test_its_webhooks_go_to_where_this_machine_listens(tmp_path: Path, database: Database, bind: str, url: str) -> None:
    port = plugin.build(Settings(data_dir=tmp_path / "data", bind=bind), LocalDesk(database))
    assert port is not None
    assert isinstance(port.api, LocalForge)
    assert port.api.endpoint.url == url


def test_every_process_finds_the_same_secret(tmp_path: Path, database: Database) -> None:
    settings, desk = Settings(data_dir=tmp_path / "data"), LocalDesk(database)
    first, second = plugin.build(settings, desk), plugin.build(settings, desk)
    assert first is not None
    assert second is not None
    assert first.hooks == second.hooks
