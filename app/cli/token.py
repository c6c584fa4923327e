"""`gateline token`: tokens for the API, each bound to one forge user."""

from __future__ import annotations

import click
from rich.text import Text

from app.cli.command import Group
from app.cli.here import Here, pass_here
from app.cli.printout import Printout, table
from app.cli.who import account_of, account_option, note, person
from app.cli.words import moment
from app.errors import NotFound
from app.store import Token
from app.web.shapes import Shape
from app.web.shapes import person as person_told

DAY = 86_400.0
SCOPES = ("read", "write", "admin")


@click.group("token", cls=Group)
def token() -> None:
    """Create, list and revoke tokens for the API."""


@token.command(
    "create",
    examples=("gateline token create --as alice --scope write --days 90", "gateline token create --as alice --json | jq -r .token"),
)
@click.option("--as", "login", metavar="LOGIN", required=True, help="Whose rights on the forge the token has.")
@click.option("--scope", type=click.Choice(SCOPES), default="read", show_default=True, help="The most that it is good for.")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="How long it lasts.")
@account_option
@pass_here
def create(here: Here, login: str, scope: str, days: int, account: str | None) -> Printout:
    """Make a token. It is shown once. One of scope admin passes the forge's rights, and opens no gates."""
    context = here.served
    owner = account_of(context, account)
    actor = person(context, owner.partition(":")[0], login)
    expires = context.store.now() + days * DAY
    text = context.store.issue_token(owner, actor, (scope,), expires, admin=scope == "admin")
    note(context, owner, "token create", actor.login, f"scope {scope}, until {moment(expires)} UTC")
    told: Shape = {"token": text, "account": owner, "as": person_told(actor), "scopes": [scope], "expires": expires}
    about = f"For {actor.login} in {owner}, scope {scope}, until {moment(expires)} UTC. It is not shown again."
    return Printout(told, (Text(text, "bold"), about))


@token.command("list", examples=("gateline token list",))
@account_option
@pass_here
def list_(here: Here, account: str | None) -> Printout:
    """List the tokens, expired ones too; their texts are not kept."""
    context = here.served
    found, now = context.store.tokens(account), context.store.now()
    rows = [(str(each.id), each.account, each.actor.login, ", ".join(each.scopes), _end(each, now)) for each in found]
    return Printout([_told(each) for each in found], (table(("ID", "ACCOUNT", "AS", "SCOPE", "EXPIRES"), rows) if rows else "No tokens.",))


def _end(token: Token, now: float) -> Text:
    return Text(moment(token.expires), "" if token.expires > now else "red")


def _told(token: Token) -> Shape:
    told: Shape = {"id": token.id, "account": token.account, "as": person_told(token.actor)}
    return {**told, "scopes": [*token.scopes], "expires": token.expires, "admin": token.admin}


@token.command("revoke", examples=("gateline token revoke 3",))
@click.argument("id", type=int)
@pass_here
def revoke(here: Here, id: int) -> Printout:
    """Revoke the token ID at once."""
    context = here.served
    known = next((each for each in context.store.tokens() if each.id == id), None)
    if known is None or not context.store.revoke_token(id):
        raise NotFound(f"There is no token {id}: `gateline token list` shows those there are.")
    note(context, known.account, "token revoke", known.actor.login)
    return Printout({"revoked": id, "message": f"Revoked token {id}."}, (f"Revoked token {id}.",))
