"""The settings know the files that they were read from, because no script may see those."""

from __future__ import annotations

from pathlib import Path

from app.executors.local import LocalExecutor
from app.wire import build
from config.settings import load


def test_the_configuration_file_and_every_file_of_a_value_are_known(tmp_path: Path) -> None:
    config, key = tmp_path / "gateline.toml", tmp_path / "key"
    config.write_text('bot_name = "line"\n')
    key.write_text("k" * 64)
    settings = load({"GATELINE_CONFIG": str(config), "GATELINE_SECRET_KEY_FILE": str(key), "GATELINE_BIND": "127.0.0.1:1"})
    assert settings.files == (config, key)


def test_a_relative_path_is_made_absolute(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({}).files == (tmp_path / "gateline.toml",)


def test_the_executor_that_is_built_hides_them(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("t")
    settings = load({"GATELINE_GITHUB_TOKEN_FILE": str(token), "GATELINE_DATA_DIR": str(tmp_path / "gl")})
    context = build(settings)
    executor = context.executors["local"]
    assert isinstance(executor, LocalExecutor)
    assert token in executor.hidden
    context.store.close()
