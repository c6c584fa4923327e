"""`gateline encrypt`, `decrypt` and `key`: `secure:` texts and the key pairs that they are made for (workflow-language.md section 7)."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.cli.command import Group, command
from app.cli.here import Here, pass_here
from app.cli.printout import Printout
from app.cli.who import account_of, account_option, note
from app.context import Context
from app.errors import NotFound, Refused
from app.store.keys import encrypt as encrypted
from app.workflow.secure import pairs

repo_option = click.option("--repo", metavar="OWNER/NAME", help="The key of this repository; default: the account's own key.")


@command(
    "encrypt",
    "gateline encrypt --repo acme/app <password.txt",
    "gateline encrypt 'USER=ci PASSWORD=\"two words\"'",
)
@click.argument("text", required=False)
@repo_option
@account_option
@pass_here
def encrypt(here: Here, text: str | None, repo: str | None, account: str | None) -> Printout:
    """Encrypt KEY=VALUE pairs, from TEXT or standard input, for `params` or `env`. What stands on a command line is seen by others."""
    context = here.served
    owner, repository = _whose(context, account, repo)
    plain = _given(text)
    try:
        pairs(plain)
    except ValueError as problem:
        raise click.UsageError(f"What is encrypted must be KEY=VALUE pairs: {problem}.") from None
    secure = encrypted(context.store.key(owner, repository), plain)
    return Printout({"secure": secure}, (f"secure: {secure}",))


@command("decrypt", "gateline decrypt --repo acme/app <secure.txt")
@click.argument("text", required=False)
@repo_option
@account_option
@pass_here
def decrypt(here: Here, text: str | None, repo: str | None, account: str | None) -> Printout:
    """Decrypt a `secure` text, as the administrator of this installation. The audit log keeps that it was done."""
    context = here.served
    owner, repository = _whose(context, account, repo)
    cipher = _given(text).removeprefix("secure:")
    plain = context.store.unseal(owner, repository, cipher)
    note(context, owner, "decrypt", repo or owner)
    return Printout({"text": plain}, (plain,))


@click.group("key", cls=Group)
def key() -> None:
    """Show, reset and import the key pairs of `secure` texts."""


@key.command("show", examples=("gateline key show --repo acme/app",))
@repo_option
@account_option
@pass_here
def show(here: Here, repo: str | None, account: str | None) -> Printout:
    """Print the public key, which anybody may encrypt with; it is made when there is none."""
    context = here.served
    owner, repository = _whose(context, account, repo)
    return _told(context.store.key(owner, repository), "")


@key.command("reset", examples=("gateline key reset --repo acme/app --yes",))
@repo_option
@account_option
@click.option("--yes", is_flag=True, help="Without asking.")
@pass_here
def reset(here: Here, repo: str | None, account: str | None, yes: bool) -> Printout:
    """Make a new key pair: whatever was encrypted with the old one cannot be read any more."""
    context = here.served
    owner, repository = _whose(context, account, repo)
    if not yes:
        click.confirm(f"Nothing that was encrypted for {repo or owner} can be read afterwards. Go on?", abort=True, err=True)
    public = context.store.reset_key(owner, repository)
    note(context, owner, "key reset", repo or owner)
    return _told(public, f"{repo or owner} has a new key: encrypt its `secure` texts again.")


@key.command("import", examples=("gateline key import shippable-private-key.pem --repo acme/app",))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@repo_option
@account_option
@pass_here
def import_(here: Here, file: Path, repo: str | None, account: str | None) -> Printout:
    """Take over a private key (PEM, RSA of 2048 bits, no passphrase), so that texts made for it can be read; it replaces the old one."""
    context = here.served
    owner, repository = _whose(context, account, repo)
    pem = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    public = context.store.import_key(owner, repository, pem)
    note(context, owner, "key import", repo or owner)
    return _told(public, f"{repo or owner} has the key of {file} now.")


def _told(public: str, message: str) -> Printout:
    return Printout({"public": public, "message": message}, tuple(line for line in (public.strip(), message) if line))


def _given(text: str | None) -> str:
    """TEXT, or all of standard input. Raises UsageError when there is none."""
    found = (sys.stdin.read() if text in (None, "-") else text or "").strip()
    if not found:
        raise click.UsageError("There is nothing to read: give TEXT, or standard input.")
    return found


def _whose(context: Context, account: str | None, repo: str | None) -> tuple[str, str]:
    """The account, and the id of the repository, "" for the account's own key. Raises NotFound, Refused."""
    if repo is None:
        return account_of(context, account), ""
    named = [
        each
        for each in context.store.sources(account)
        if repo.lower() in (each.full_name.lower(), f"{each.forge}:{each.full_name}".lower())
    ]
    found = {(each.account, each.repository) for each in named}
    if not found:
        known = ", ".join(dict.fromkeys(each.full_name for each in context.store.sources(account)))
        raise NotFound(f"{repo} is the repository of no source; there are {known or 'none'}.")
    if len(found) > 1:
        raise Refused(f"{repo} is there more than once: name the forge, as in github:{repo}.")
    return found.pop()
