"""The double's routes about people: users, rights, teams, and the App's installations."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint

from tests.fakes.github import shapes
from tests.fakes.github.asking import check_app, grant, listed, routes, world
from tests.fakes.github.refusals import Refusal, not_found
from tests.fakes.github.world import PUBLIC_ROLES, Grant, Installation, Person, Repo, stamp

people = Blueprint("people", __name__)
TOKEN_LIFE = 3600


def _somebody(found: Person | None) -> Any:
    if found is None:
        raise not_found()
    return shapes.person(found)


@people.get("/user")
def me() -> Any:
    asker = grant()
    if asker.installation is not None:
        raise Refusal(403, "Resource not accessible by integration")
    return shapes.person(asker.person)


@people.get("/user/<int:number>")
def by_id(number: int) -> Any:
    grant()
    return _somebody(world().people.get(number))


@people.get("/users/<login>")
def by_login(login: str) -> Any:
    grant()
    return _somebody(world().find_person(login))


@routes(people, "GET", "/collaborators/<login>/permission")
def permission(repo: Repo, login: str) -> Any:
    """`maintain` is shown as write, `triage` as read; a custom role (`name:base`) by its base and its own name."""
    found = world().find_person(login)
    if found is None:
        raise not_found()
    name, _, base = repo.role_of(found).partition(":")
    return {"permission": PUBLIC_ROLES[base or name], "role_name": name, "user": shapes.person(found)}


@people.get("/orgs/<organisation>/teams/<slug>/memberships/<login>")
def membership(organisation: str, slug: str, login: str) -> Any:
    grant()
    found = world().find_person(login)
    state = world().teams.get(f"{organisation}/{slug}".lower(), {}).get(found.id if found else 0)
    if state is None:
        raise not_found()
    return {"state": state, "role": "member", "url": ""}


# -- the App ---------------------------------------------------------------------------------------------------------------


@people.get("/app")
def app() -> Any:
    check_app()
    found = world().app
    return {"id": found.id, "slug": found.slug, "name": found.slug} if found is not None else {}


@people.get("/app/installations")
def installations() -> Any:
    check_app()
    return listed([shapes.installation(one) for one in world().installations.values()])


@people.post("/app/installations/<int:number>/access_tokens")
def access_token(number: int) -> Any:
    """Long, with dots and underscores: nobody may count on 40 characters (spec/forges.md A4)."""
    check_app()
    found, app = world().installations.get(number), world().app
    if found is None or app is None:
        raise not_found()
    if found.suspended_at is not None:
        raise Refusal(403, "This installation has been suspended")
    token = f"ghs_{app.id}_{secrets.token_urlsafe(60)}.{secrets.token_urlsafe(60)}"
    world().tokens[token] = Grant(app.bot, installation=found)
    return {"token": token, "expires_at": stamp(world().clock() + TOKEN_LIFE), "permissions": {}}, 201


@people.get("/repositories/<int:number>/installation")
def installation_by_id(number: int) -> Any:
    check_app()
    repo = world().repositories.get(number)
    return shapes.installation(_installed(repo.owner if repo else None))


@people.get("/repos/<owner>/<name>/installation")
def installation_by_name(owner: str, name: str) -> Any:
    check_app()
    repo = world().find_repository(f"{owner}/{name}")
    return shapes.installation(_installed(repo.owner if repo else None))


@people.get("/orgs/<organisation>/installation")
def installation_of(organisation: str) -> Any:
    check_app()
    return shapes.installation(_installed(world().find_person(organisation)))


def _installed(account: Person | None) -> Installation:
    for found in world().installations.values():
        if account is found.account:
            return found
    raise not_found()
