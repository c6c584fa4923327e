"""`gateline secret`: the values of integrations, encrypted at rest, visible to the sources named."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from app.adopt import read_again
from app.cli.command import Group
from app.cli.here import Here, pass_here
from app.cli.printout import Printout, table
from app.cli.who import account_of, account_option, note
from app.cli.words import NONE
from app.context import Context
from app.errors import NotFound, Refused
from app.store import SecretRow
from app.web.shapes import Shape
from app.workflow.integrations import Unfit, fitted, type_called, users
from app.workflow.link import link

VALUE_OR_FILE = "KEY=VALUE, KEY=@FILE, or - for a JSON object on standard input"


@click.group("secret", cls=Group)
def secret() -> None:
    """Set, list, remove and re-encrypt the values of integrations."""


@secret.command(
    "set",
    examples=(
        "gateline secret set aws access_key=AKIA1 secret_key=@/run/keys/aws",
        "gateline secret set prod-db --gated --source github:acme/app@main password=@password.txt",
        "vault read -format=json aws | gateline secret set aws -",
    ),
)
@click.argument("name")
@click.argument("values", nargs=-1, required=True, metavar="KEY=VALUE|KEY=@FILE|-...")
@click.option("--type", "type_", default="keyValuePair", show_default=True, help="The integration's type; docs/reference/integrations.md.")
@click.option("--source", "sources", multiple=True, metavar="KEY", help="Visible to this source; again for more. Default: the only one.")
@click.option("--gated", is_flag=True, help="Given only to runs that an approval opened.")
@account_option
@pass_here
def set_(
    here: Here, name: str, values: tuple[str, ...], type_: str, sources: tuple[str, ...], gated: bool, account: str | None
) -> Printout:
    """Set NAME, or replace it. What stands on a command line is seen by others on this machine: a file or `-` is not."""
    context = here.served
    owner = account_of(context, account)
    type, fields = _fitted(type_, _read(values))
    row = SecretRow(owner, name, type, tuple(fields), _sources(context, owner, sources), gated)
    context.store.put_secret(row, fields)
    _look_again(context, row.sources)
    note(context, owner, "secret set", name, f"visible to {', '.join(row.sources)}")
    message = f"Set {name} ({', '.join(row.fields)}), visible to {', '.join(row.sources)}{', gated runs only' if gated else ''}."
    return Printout({**_told(row), "message": message}, (message,))


def _look_again(context: Context, sources: Iterable[str]) -> None:
    """What was wrong with the sources' files for want of a secret may be gone now."""
    for source in context.store.sources():
        if source.key in sources:
            read_again(context, source)


def _fitted(called: str, given: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The type's own name, and the values by the names of its fields. Raises UsageError, which tells no value."""
    try:
        type = type_called(called)
        return type.name, fitted(type, given)
    except Unfit as problem:
        raise click.UsageError(f"{problem}.") from None


def _read(values: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in values:
        found.update(_from_input() if each == "-" else [_pair(each)])
    return found


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise click.UsageError(f"{key!r} is no value: {VALUE_OR_FILE}.")
    if not value.startswith("@"):
        return key, value
    try:
        return key, _without_end(Path(value[1:]).read_text())
    except (OSError, UnicodeDecodeError) as problem:
        raise click.UsageError(f"{key}: {value[1:]} cannot be read: {problem}") from None


def _without_end(text: str) -> str:
    """One line without its end, which editors and `echo` add; several lines (a private key) as they are."""
    return text.removesuffix("\n").removesuffix("\r") if text.count("\n") == 1 and text.endswith("\n") else text


def _from_input() -> dict[str, str]:
    try:
        told = json.load(sys.stdin)
    except ValueError as problem:
        raise click.UsageError(f"Standard input is no JSON: {problem}") from None
    texts = (
        {key: ",".join(map(str, each)) if isinstance(each, list) else each for key, each in told.items()} if isinstance(told, dict) else {}
    )
    if not texts or not all(isinstance(each, str) for each in texts.values()):
        raise click.UsageError('Standard input must be a JSON object of texts, as in {"password": "..."}.')
    return texts


def _sources(context: Context, account: str, given: tuple[str, ...]) -> tuple[str, ...]:
    """The sources named, by key or without the branch; the only one when none is."""
    known = context.store.sources(account)
    if not given and len(known) == 1:
        return (known[0].key,)
    if not given:
        raise Refused(f"Say who may see it with --source: {', '.join(source.key for source in known) or 'there is no source yet'}.")
    found = []
    for name in given:
        meant = [source.key for source in known if name in (source.key, f"{source.forge}:{source.full_name}")]
        if not meant:
            raise NotFound(f"{name} is no source of {account}; there are {', '.join(source.key for source in known) or 'none'}.")
        found += meant
    return tuple(dict.fromkeys(found))


def _told(row: SecretRow) -> Shape:
    told: Shape = {"account": row.account, "name": row.name, "type": row.type}
    return {**told, "fields": [*row.fields], "sources": [*row.sources], "gated": row.gated}


@secret.command("list", examples=("gateline secret list",))
@account_option
@pass_here
def list_(here: Here, account: str | None) -> Printout:
    """List the secrets: their fields and who sees them, never their values."""
    context = here.served
    rows = context.store.secret_rows(account_of(context, account))
    cells = [(row.name, row.type, ", ".join(row.fields), ", ".join(row.sources), "yes" if row.gated else NONE) for row in rows]
    shown = table(("SECRET", "TYPE", "FIELDS", "VISIBLE TO", "GATED"), cells) if rows else "No secrets yet."
    return Printout([_told(row) for row in rows], (shown,))


@secret.command("remove", examples=("gateline secret remove aws",))
@click.argument("name")
@account_option
@pass_here
def remove(here: Here, name: str, account: str | None) -> Printout:
    """Remove NAME, unless jobs or resources still name it."""
    context = here.served
    owner = account_of(context, account)
    workflow = link(context.store.ask(owner, lambda line: line.fragments().of), kinds=context.kinds).workflow
    if named := users(workflow, name):
        raise Refused(f"{name} is still used by {', '.join(named)}: take it out of their files first.")
    if not context.store.remove_secret(owner, name):
        known = ", ".join(row.name for row in context.store.secret_rows(owner)) or "none"
        raise NotFound(f"{owner} has no secret {name}; there are {known}.")
    note(context, owner, "secret remove", name)
    return Printout({"removed": name, "message": f"Removed {name}."}, (f"Removed {name}.",))


@secret.command("rotate", examples=("GATELINE_SECRET_KEY=NEW,OLD gateline secret rotate",))
@pass_here
def rotate(here: Here) -> Printout:
    """Encrypt all secrets anew with the first key of GATELINE_SECRET_KEY; older ones behind it are still read."""
    count = here.served.store.rotate_secrets()
    message = f"{count} secret{'' if count == 1 else 's'} encrypted with the newest key: older ones may be taken away."
    return Printout({"rotated": count, "message": message}, (message,))
