"""Who asks the API: a bearer token, bound to one forge user, with scopes and an end. Its rights are the user's, asked of the forge."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, request

from app.context import Context
from app.forges import Level
from app.store import Source, Token
from app.web.errors import Answer

INCLUDED: Mapping[str, frozenset[str]] = {
    "read": frozenset({"read", "write", "admin"}),
    "write": frozenset({"write", "admin"}),
    "admin": frozenset({"admin"}),
}
"""Scope wanted -> scopes of a token that have it."""


SCHEMES = ("bearer", "apitoken")


def authenticate(context: Context) -> None:
    """Finds the request's token: `Bearer`, or `apiToken` as the original had it. Raises Answer 401."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    token = context.store.check_token(text.strip()) if scheme.lower() in SCHEMES and text.strip() else None
    if token is None:
        hint = "Send `Authorization: Bearer <token>`; make a token with `gateline token`."
        raise Answer(401, "The token is missing, unknown or expired.", hint, {"WWW-Authenticate": 'Bearer realm="gateline"'})
    g.token = token


def allowed(scope: str) -> Token:
    """The request's token, if it has `scope`. Raises Answer 403."""
    token: Token = g.token
    if not INCLUDED[scope] & set(token.scopes):
        had = ", ".join(token.scopes) or "none"
        raise Answer(403, f"This needs a token with the scope {scope}; this one has {had}.", "Make another with `gateline token`.")
    return token


def may(context: Context, token: Token, source: Source, level: Level) -> bool:
    """Whether the token's user may do that in the source's repository, asked of the forge now. Administrators' tokens may."""
    if token.admin or (level is Level.READ and not source.private):
        return True
    if token.actor.id.partition(":")[0] != source.forge:
        return False
    return context.forges[source.forge].api.permission(source.repository, token.actor) >= level


def visible(context: Context, token: Token) -> dict[str, Source]:
    """The sources of the token's account that its user may read, by key."""
    return {source.key: source for source in context.store.sources(token.account) if may(context, token, source, Level.READ)}
