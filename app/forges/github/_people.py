"""The part of the GitHub forge about people: who somebody is now, and what they may do (spec/forges.md A5).

`author_association`, which comments carry, is never looked at: it hides private members and says nothing of rights.
"""

from __future__ import annotations

import re

from app.forges import Level
from app.forges.github._client import Part
from app.forges.github._repositories import number_of, of_repository
from app.forges.github._shapes import actor, qualified
from app.forges.github._wire import route
from app.workflow.line import Actor

TEAM = re.compile(r"@?(?P<organisation>[\w.-]+)/(?P<slug>[\w.-]+)", re.ASCII)
LEVELS = {"admin": Level.ADMIN, "maintain": Level.MAINTAIN, "write": Level.WRITE, "triage": Level.TRIAGE, "read": Level.READ}
REFINED = {(Level.WRITE, "maintain"): Level.MAINTAIN, (Level.READ, "triage"): Level.TRIAGE}
"""`permission` shows maintain as write and triage as read; `role_name` may be a custom role's name, which says nothing."""


class People(Part):
    """See `Forge`."""

    def permission(self, repository: str, person: Actor) -> Level:
        """Asked by the login that the id has now: logins change hands (trap 44). An organisation's stranger has NONE."""
        login = self._login_of(person)
        if not login:
            return Level.NONE
        found = self._client.find(of_repository(repository, "collaborators", login, "permission"))
        if found is None:
            return Level.NONE
        asked = found.maybe("user")
        if asked is not None and qualified(asked.number("id")) != person.id:
            return Level.NONE
        level = LEVELS.get(found.text("permission"), Level.NONE)
        return REFINED.get((level, found.text("role_name", "")), level)

    def in_team(self, team: str, person: Actor) -> bool:
        """Members of child teams count, invitations do not."""
        named = TEAM.fullmatch(team)
        login = self._login_of(person) if named else ""
        if named is None or not login:
            return False
        found = self._client.find(route("orgs", named["organisation"], "teams", named["slug"], "memberships", login))
        return found is not None and found.text("state") == "active"

    def person(self, login: str) -> Actor | None:
        """An organisation has a login too, and is nobody."""
        found = self._client.find(route("users", login)) if login else None
        return actor(found) if found is not None and found.text("type", "User") != "Organization" else None

    def me(self) -> Actor:
        return self._client.me()

    def _login_of(self, person: Actor) -> str:
        """The login that the person has now, "" for nobody."""
        if not person.id:
            return ""
        found = self._client.find(route("user", number_of(person.id)))
        return found.text("login") if found is not None else ""
