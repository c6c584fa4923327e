"""Settings come from the environment, files that it names, and `gateline.toml`; whatever is wrong is said at once."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from config.settings import MOST_SOCKET, BadSettings, Settings, load, secret_key


def test_without_any_settings_this_is_one_machine_with_sqlite_and_an_embedded_valkey(tmp_path: Path) -> None:
    settings = load({"GATELINE_DATA_DIR": str(tmp_path)})
    assert settings.embedded
    assert settings.database == f"sqlite:///{tmp_path / 'gateline.db'}"
    assert settings.redis == f"unix://{settings.socket}"
    assert settings.url == "http://127.0.0.1:8080"


def test_the_environment_goes_before_the_file_and_the_file_before_defaults(tmp_path: Path) -> None:
    config = tmp_path / "gateline.toml"
    config.write_text('bot_name = "from-file"\nrun_workers = 7\n[account."github:acme"]\nhost_tasks = true\n')
    settings = load({"GATELINE_CONFIG": str(config), "GATELINE_BOT_NAME": "from-env"})
    assert (settings.bot_name, settings.run_workers, settings.errand_workers) == ("from-env", 7, 2)
    assert settings.of("github:acme").host_tasks
    assert not settings.of("github:other").host_tasks


def test_every_wrong_value_is_named_in_one_message(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as wrong:
        load(
            {
                "GATELINE_CONFIG": str(tmp_path / "missing.toml"),
                "GATELINE_BOT_NAME": "No Name",
                "GATELINE_RUN_WORKERS": "many",
                "GATELINE_BIND": "nowhere",
                "GATELINE_SECRET_KEY_FILE": str(tmp_path / "missing"),
                "GATELINE_SANDBOX": "perhaps",
            }
        )
    for name in ("CONFIG", "BOT_NAME", "RUN_WORKERS", "BIND", "SECRET_KEY_FILE", "SANDBOX"):
        assert f"GATELINE_{name}" in str(wrong.value)


@pytest.mark.parametrize("name", ["GATELINE_GITHUB_APP_ID", "GATELINE_GITHUB_APP_PRIVATE_KEY"])
def test_half_an_app_is_wrong(name: str) -> None:
    with pytest.raises(BadSettings, match="set both or neither"):
        load({name: "1"})


def test_a_value_and_a_file_for_it_at_once_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="set it or GATELINE_BOT_NAME_FILE, not both"):
        load({"GATELINE_BOT_NAME": "a", "GATELINE_BOT_NAME_FILE": str(tmp_path)})


def test_a_misspelt_setting_of_the_file_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "gateline.toml").write_text("run_wokers = 3\n")
    with pytest.raises(BadSettings, match="run_wokers"):
        load({"GATELINE_CONFIG": str(tmp_path / "gateline.toml")})


def test_several_secret_keys_are_separated_by_commas_and_may_hold_blanks() -> None:
    settings = load({"GATELINE_SECRET_KEY": "the new key, the old key"})
    assert [key.get_secret_value() for key in settings.secret_key] == ["the new key", "the old key"]


def test_secrets_do_not_show_in_a_representation() -> None:
    assert "hunter2" not in repr(load({"GATELINE_GITHUB_TOKEN": "hunter2", "GATELINE_SECRET_KEY": "hunter2"}))


def test_the_socket_moves_to_the_temporary_folder_where_its_path_would_be_too_long(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * MOST_SOCKET)
    near, far = Settings(data_dir=Path("/d")).socket, Settings(data_dir=deep).socket
    assert near == Path("/d/valkey.sock")
    assert len(str(far)) <= MOST_SOCKET
    assert far != Settings(data_dir=tmp_path / ("e" * MOST_SOCKET)).socket


def test_the_socket_is_short_even_where_the_temporary_folder_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / ("t" * MOST_SOCKET)))
    assert len(str(Settings(data_dir=tmp_path / ("d" * MOST_SOCKET)).socket)) <= MOST_SOCKET


def test_the_machines_own_key_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    key, made = secret_key(tmp_path / "data")
    assert (len(key), made) == (64, True)
    assert stat.S_IMODE((tmp_path / "data" / "secret.key").stat().st_mode) == 0o600
    assert secret_key(tmp_path / "data") == (key, False)
