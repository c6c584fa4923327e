"""Whose credentials go with a request: a personal token's always, or those of the App's installation that the path belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from github import Auth

from app.errors import NotFound, Permanent
from app.forges.github._errors import Answer
from app.forges.github._json import node, nodes
from app.forges.github._shapes import actor, moment
from app.forges.github._wire import PER_PAGE, Request, Session, ask, connect, route
from app.workflow.line import Actor

MARGIN = 300.0
"""Seconds before its end from which a token is not used any more: a clone may take that long."""
REPOSITORY = re.compile(r"/(repositories/\d+|repos/[^/]+/[^/]+)(?:/|$)")
REMEMBERED = 600.0
"""Seconds for which it is known which installation serves a place: repositories are transferred (trap 33)."""
ORGANISATION = re.compile(r"/(orgs/[^/]+)(?:/|$)")


class Credentials(Protocol):
    """Which session asks for a path, and who that is."""

    @property
    def is_app(self) -> bool: ...
    def session(self, path: str) -> Session:
        """Raises NotFound where the App is not installed, Permanent where it is suspended, or installed nowhere."""
        ...

    def me(self) -> Actor: ...


class PersonalToken:
    """One token for everything, of a person: its owner's comments are told from the bot's by marker and id, not by author."""

    is_app = False

    def __init__(self, api_url: str, token: str, now: Callable[[], float]) -> None:
        self._now = now
        self._session = Session(connect(api_url, Auth.Token(token)), token)

    def session(self, _path: str) -> Session:
        return self._session

    def me(self) -> Actor:
        return actor(node(ask(self._session, Request("GET", "/user"), self._now).body, "user"))


class AppInstallations:
    """A token for each installation of a GitHub App, kept in memory until shortly before its end (spec/forges.md A4)."""

    is_app = True

    def __init__(self, api_url: str, app_id: int, private_key: str, now: Callable[[], float]) -> None:
        self._api_url = api_url
        self._now = now
        self._app = Session(connect(api_url, Auth.AppAuth(app_id, private_key)), "")
        self._installations: dict[str, tuple[float, int]] = {}
        self._sessions: dict[int, tuple[float, Session]] = {}

    def session(self, path: str) -> Session:
        """The session of the installation that `path` belongs to; any for what belongs to nobody (users)."""
        return self._of_installation(self._installation(path))

    def me(self) -> Actor:
        """The App's bot user: it has an id of its own, and the login `<slug>[bot]`."""
        slug = node(self._ask(Request("GET", "/app")).body, "app").text("slug")
        path = route("users", f"{slug}[bot]")
        return actor(node(ask(self.session(path), Request("GET", path), self._now).body, "user"))

    def _ask(self, request: Request) -> Answer:
        return ask(self._app, request, self._now)

    def _installation(self, path: str) -> int:
        found = REPOSITORY.match(path) or ORGANISATION.match(path)
        place = found[1] if found else ""
        asked, installation = self._installations.get(place, (0.0, 0))
        if not installation or self._now() >= asked + REMEMBERED:
            installation = self._installed_on(place) if place else self._any()
            self._installations[place] = (self._now(), installation)
        return installation

    def _installed_on(self, place: str) -> int:
        try:
            return node(self._ask(Request("GET", f"/{place}/installation")).body, "installation").number("id")
        except NotFound:
            raise NotFound(f"The GitHub App is not installed on {place}, or it does not exist: install it there.") from None

    def _any(self) -> int:
        """An installation that works: `suspended_at` marks those that do not."""
        listed = self._ask(Request("GET", "/app/installations", {"per_page": PER_PAGE}))
        usable = (found for found in nodes(listed.body, "installations") if not found.has("suspended_at"))
        for installation in usable:
            return installation.number("id")
        raise Permanent("The GitHub App is installed nowhere: install it on the account whose repositories it should serve.")

    def _of_installation(self, installation: int) -> Session:
        ends, session = self._sessions.get(installation, (0.0, None))
        if session is None or self._now() >= ends - MARGIN:
            ends, session = self._minted(installation)
            self._sessions[installation] = (ends, session)
        return session

    def _minted(self, installation: int) -> tuple[float, Session]:
        """A new token. Where the installation is gone or suspended, what is remembered of it is forgotten."""
        try:
            made = node(self._ask(Request("POST", f"/app/installations/{installation}/access_tokens", payload={})).body, "token")
        except (NotFound, Permanent):
            self._installations = {place: known for place, known in self._installations.items() if known[1] != installation}
            self._sessions.pop(installation, None)
            raise
        token = made.text("token")
        return moment(made, "expires_at"), Session(connect(self._api_url, Auth.Token(token)), token, self._now())
