"""The command itself: its help, its examples, its exit codes, and what it says when the settings are wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli.command import Command
from app.cli.main import HIDDEN, SECTIONS, gateline
from app.store import Store

TOP = [name for commands in SECTIONS.values() for name in commands]


def found(name: str) -> click.Command:
    command = gateline.get_command(click.Context(gateline), name)
    assert command is not None
    return command


def every_command() -> Iterator[tuple[list[str], Command]]:
    for name in [*TOP, *HIDDEN]:
        command = found(name)
        if isinstance(command, click.Group):
            for child, each in command.commands.items():
                assert isinstance(each, Command)
                yield [name, child], each
        else:
            assert isinstance(command, Command)
            yield [name], command


COMMANDS = list(every_command())


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[" ".join(words) for words, _ in COMMANDS])
def test_every_command_has_help_an_example_of_itself_and_json(words: list[str], command: Command) -> None:
    said = CliRunner().invoke(gateline, [*words, "--help"]).output
    assert "Examples:" in said
    assert all(" ".join(["gateline", *words]) in example for example in command.examples)
    assert command.examples
    assert "--json" in said
    assert command.help


@pytest.mark.parametrize("name", TOP)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    (text,) = (commands[name][1] for commands in SECTIONS.values() if name in commands)
    assert (found(name).help or "").startswith(text)


def test_help_lists_commands_and_hides_processes() -> None:
    said = CliRunner().invoke(gateline, ["--help"]).output
    assert all(f"\n  {name} " in said for name in TOP)
    assert not any(f"\n  {name} " in said for name in HIDDEN)


def test_an_unknown_command_is_wrong_usage() -> None:
    assert CliRunner().invoke(gateline, ["deploy"]).exit_code == 2


def typed(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """As a user types it, in a process of its own."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GATELINE_")}
    environment = {**plain, "PYTHONPATH": str(Path(__file__).parents[2]), **settings}
    command = [sys.executable, "-m", "app.cli.main", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_help_needs_no_settings_and_nothing_heavy(tmp_path: Path) -> None:
    program = "import sys, app.cli.main as m; m.gateline(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    command = [sys.executable, "-c", program]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "GATELINE_BIND": "nonsense"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert not any(f"'{heavy}'" in done.stdout for heavy in ("sqlalchemy", "flask", "pydantic", "github", "rich.console"))


def test_all_wrong_settings_are_named_at_once_with_exit_code_2(tmp_path: Path) -> None:
    done = typed(tmp_path, "show", GATELINE_BIND="nonsense", GATELINE_RUN_WORKERS="many")
    assert (done.returncode, done.stdout) == (2, "")
    assert "GATELINE_BIND" in done.stderr
    assert "GATELINE_RUN_WORKERS" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_first_command_makes_a_key_and_says_so_and_migrate_makes_the_database(tmp_path: Path) -> None:
    before = typed(tmp_path, "source", "list")
    assert (before.returncode, before.stdout) == (1, "")
    key = tmp_path / ".gateline" / "secret.key"
    assert f"A secret key was made: {key} (mode 0600)." in before.stderr
    assert key.stat().st_mode & 0o777 == 0o600
    assert "run `gateline migrate`" in before.stderr
    migrated = typed(tmp_path, "migrate")
    assert (migrated.returncode, migrated.stderr) == (0, "")
    assert migrated.stdout.startswith("The database went from empty to revision ")
    store = Store(f"sqlite:///{tmp_path / '.gateline' / 'gateline.db'}", tmp_path, ())
    store.check_schema()
    store.close()
