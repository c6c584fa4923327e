"""Settings, from their own descriptions, and the command line, from click."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from app.cli.command import Command
from app.cli.main import SECTIONS, gateline
from app.cli.reference.markdown import code, first_sentences, table
from config.settings import AccountSettings, Commands, Settings

EVERYWHERE = ("--json", "--help", "-h, --help")
"""Options that every command has: the page says so once."""


def settings() -> Iterator[str]:
    """Every setting but those of accounts."""
    rows = (
        (code(f"GATELINE_{name.upper()}"), code(_default(field.default)), field.description or "")
        for name, field in Settings.model_fields.items()
        if name != "account"
    )
    return table(("variable", "default", "meaning"), rows)


def accounts() -> Iterator[str]:
    """The settings of one account."""
    rows = [*_of(AccountSettings), *_of(Commands, "commands.")]
    return table(("key", "default", "meaning"), rows)


def _of(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        if not isinstance(field.default, BaseModel):
            yield code(prefix + name), code(_default(field.default)), _description(field)


def _description(field: FieldInfo) -> str:
    return field.description or ""


def _default(value: Any) -> str:
    """As somebody would write it; "" for nothing."""
    if value is None or isinstance(value, SecretStr):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def commands() -> Iterator[str]:
    """A section for each group of commands, in it each command with its options and examples."""
    context = click.Context(gateline, info_name="gateline")
    for section, names in SECTIONS.items():
        yield from (f"## {section}", "")
        for name in names:
            found = gateline.get_command(context, name)
            if found is not None:
                yield from _command(found, click.Context(found, parent=context, info_name=name))


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from _command(each, click.Context(each, parent=context, info_name=name))
        return
    yield from (f"### `{context.command_path}`", "", first_sentences(command.help), "")
    yield from ("```", *(f"{context.command_path} {' '.join(command.collect_usage_pieces(context))}".splitlines()), "```", "")
    found = [each.get_help_record(context) for each in command.get_params(context) if isinstance(each, click.Option)]
    options = [(code(each[0]), each[1]) for each in found if each and each[0] not in EVERYWHERE]
    yield from (*table(("option", "meaning"), options), "") if options else ()
    examples = command.examples if isinstance(command, Command) else ()
    yield from ("Examples:", "", "```sh", *examples, "```", "") if examples else ()
