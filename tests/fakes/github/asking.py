"""A request to the double: who asks, about which repository, and which answers are refusals. Routes are registered with `routes`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import jwt
from flask import Blueprint, Response, jsonify, request

from tests.fakes.github.deliveries import Deliveries
from tests.fakes.github.happenings import Happenings
from tests.fakes.github.refusals import Refusal, check_writable, not_found, unprocessable
from tests.fakes.github.world import Comment, Grant, Pull, Repo, World

View = Callable[..., Any]
KEY = "tests.fakes.github"


@dataclass
class Recorded:
    """A request as it came, with what was answered. `problems`: where it departs from GitHub's description."""

    verb: str
    path: str
    query: str
    body: Any
    headers: dict[str, str]
    status: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass
class Failure:
    """An answer to be given once, or `times`, to requests whose `<verb> <path>` contains `matching`, whatever they say."""

    status: int
    body: Any
    headers: dict[str, str]
    matching: str = ""
    times: int = 1


@dataclass
class Double:
    """All the state of a double."""

    world: World
    deliveries: Deliveries
    happenings: Happenings
    requests: list[Recorded] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    loopback_hooks: bool = True
    check_pace: bool = True
    url: str = ""


def double() -> Double:
    """The one that this request came to: all share one Flask application, whose routes take a while to compile."""
    found: Double = request.environ[KEY]
    return found


def world() -> World:
    return double().world


def body() -> dict[str, Any]:
    found = request.get_json(silent=True)
    return found if isinstance(found, dict) else {}


# -- who asks --------------------------------------------------------------------------------------------------------------


def grant() -> Grant:
    """Whoever's token came along. Raises 401, also for a token that is too new to be known everywhere."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    found = world().tokens.get(token) if kind.lower() in ("token", "bearer") else None
    if found is None or world().clock() < found.usable_from:
        raise Refusal(401, "Bad credentials")
    return found


def check_app() -> None:
    """That the App itself asks, by a JWT of its key that lives ten minutes at most (spec/forges.md A4)."""
    app = world().app
    _, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        claims = jwt.decode(token, app.public_key if app else "", algorithms=["RS256"], options={"verify_aud": False})
    except jwt.PyJWTError:
        raise Refusal(401, "A JSON web token could not be decoded") from None
    if app is None or str(claims["iss"]) != str(app.id) or claims["exp"] - claims["iat"] > 660:
        raise Refusal(401, "'Issuer' claim ('iss') must be an Integer or 'Expiration time' claim ('exp') is too far in the future")


# -- about what ------------------------------------------------------------------------------------------------------------


def repository(number: int | None, owner: str, name: str) -> Repo:
    """The repository of the path. Raises 404 when there is none or the asker may not see it, 301/307 when it was renamed."""
    asker, known = grant(), world()
    found = known.repositories.get(number) if number is not None else known.find_repository(f"{owner}/{name}")
    if found is None and f"{owner}/{name}".lower() in known.moved:
        raise _moved(known.moved[f"{owner}/{name}".lower()], owner, name)
    if found is None or not _visible(found, asker):
        raise not_found()
    return found


def _moved(number: int, owner: str, name: str) -> Refusal:
    target = request.path.replace(f"/repos/{owner}/{name}", f"/repositories/{number}", 1)
    status = 301 if request.method == "GET" else 307
    return Refusal(status, "Moved Permanently", {"Location": f"{double().url}{target}"})


def _visible(repo: Repo, asker: Grant) -> bool:
    if asker.installation is not None:
        return asker.installation.account is repo.owner or not repo.private
    return repo.role_of(asker.person) != "none"


def writable(repo: Repo, needed: str) -> Grant:
    """The asker, who may write here. Raises 403."""
    asker = grant()
    check_writable(repo, asker, needed)
    return asker


def administered(repo: Repo) -> Grant:
    """The asker, who administers the repository: GitHub says 404 to others."""
    asker = writable(repo, "repository_hooks=write")
    if asker.installation is None and repo.role_of(asker.person) != "admin":
        raise not_found()
    return asker


def pull_of(repo: Repo, number: int) -> Pull:
    if not 1 <= number <= len(repo.pulls):
        raise not_found()
    return repo.pulls[number - 1]


def comment_of(repo: Repo, number: int, kind: str) -> Comment:
    for found in repo.comments:
        if (found.id, found.kind) == (number, kind):
            return found
    raise not_found()


def commit_of(repo: Repo, sha: str) -> str:
    """The full SHA. An empty repository answers 409 (trap 40), an unknown commit 422."""
    if not repo.git.refs():
        raise Refusal(409, "Git Repository is empty.")
    found = repo.git.resolve(sha)
    if found is None:
        raise unprocessable(f"No commit found for SHA: {sha}")
    return found


# -- answers ---------------------------------------------------------------------------------------------------------------


def listed(items: Iterator[Any] | list[Any], member: str = "", **more: Any) -> Response:
    """A page of a list, with the header that names the next one."""
    size = min(int(request.args.get("per_page", 30)), 100)
    page = int(request.args.get("page", 1))
    found = list(islice(items, (page - 1) * size, page * size + 1))
    shown = found[:size]
    answer = jsonify({**more, member: shown} if member else shown)
    if len(found) > size:
        answer.headers["Link"] = f'<{request.base_url}?page={page + 1}>; rel="next"'
    return answer


def routes(blueprint: Blueprint, verb: str, rule: str) -> Callable[[View], View]:
    """Registers a view of a repository under its id and under its name; the view gets the `Repo`."""

    def register(view: View) -> View:
        def by_id(repository_id: int, **rest: Any) -> Any:
            return view(repository(repository_id, "", ""), **rest)

        def by_name(owner: str, name: str, **rest: Any) -> Any:
            return view(repository(None, owner, name), **rest)

        known = f"{verb} {rule}".replace(".", "_")
        blueprint.add_url_rule(f"/repositories/<int:repository_id>{rule}", f"{known}_by_id", by_id, methods=[verb])
        blueprint.add_url_rule(f"/repos/<owner>/<name>{rule}", f"{known}_by_name", by_name, methods=[verb])
        return view

    return register
