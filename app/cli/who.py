"""Which account a command is about, as whom it is asked, and a note in the audit log of what administrators do at the machine."""

from __future__ import annotations

import getpass

import click

from app.context import Context
from app.errors import NotFound, Refused
from app.forges.local.api import LocalForge
from app.store import AuditEntry
from app.workflow.line import Actor

account_option = click.option("--account", metavar="ACCOUNT", help="The account, as in github:acme; wanted when there are several.")
as_option = click.option(
    "--as",
    "login",
    metavar="LOGIN",
    envvar="GATELINE_USER",
    show_envvar=True,
    help="Who asks, by their login on the forge; default: yours.",
)


def account_of(context: Context, given: str | None, job: str = "") -> str:
    """The account that is meant: `given`, the only one, or the only one that has `job`. Raises NotFound, Refused."""
    known = sorted({source.account for source in context.store.sources()})
    if given is not None:
        if given not in known and given not in context.store.accounts():
            raise NotFound(f"There is no account {given}; there are {', '.join(known) or 'none: add a source first'}.")
        return given
    if not known:
        raise Refused("There is no source yet: add one with `gateline source add FORGE:OWNER/REPO`.")
    having = [account for account in known if job and context.store.ask(account, lambda line: line.node(job).job)]
    meant = known if len(known) == 1 else having
    if len(meant) != 1:
        raise Refused(f"Name the account with --account: {', '.join(known)}.")
    return meant[0]


def person(context: Context, forge: str, login: str | None) -> Actor:
    """Whoever has that login (None: the operating system's) on the forge now. Raises NotFound."""
    port = context.forges.get(forge)
    if port is None:
        raise NotFound(f"The forge {forge} is not configured.")
    name = login or getpass.getuser()
    found = port.api.person(name)
    if found is None:
        remedy = f"add them with `gateline user add {name} write`, or " if forge == "local" else ""
        raise NotFound(f"{forge} knows nobody called {name}: {remedy}say who asks with --as LOGIN.")
    return found


def local_forge(context: Context) -> LocalForge:
    """The forge without a forge. Raises NotFound when this installation has none."""
    port = context.forges.get("local")
    if port is None or not isinstance(port.api, LocalForge):
        raise NotFound("This installation has no local forge.")
    return port.api


def operator() -> Actor:
    """Whoever sits at this machine; no forge knows them by this name."""
    return Actor("", getpass.getuser())


def note(context: Context, account: str, action: str, subject: str, detail: str = "") -> None:
    """Keeps in the audit log what somebody did at this machine, under their name in the operating system."""
    context.store.add_audit(AuditEntry(context.store.now(), account, operator(), action, subject, True, detail, "cli"))
