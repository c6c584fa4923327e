"""Talking to GitHub, github.com or GHES, as the `Forge` contract says it: the parts together over one client."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.forges.github._client import Client
from app.forges.github._conversations import Conversations
from app.forges.github._credentials import AppInstallations, PersonalToken
from app.forges.github._files import Files
from app.forges.github._people import People
from app.forges.github._pull_requests import PullRequests
from app.forges.github._repositories import Repositories
from app.forges.github._shapes import NAME
from app.forges.github._webhook import Webhook

VERBS = frozenset(
    {"approve", "reject", "trigger", "retry", "cancel", "pause", "resume", "pin", "unpin", "allow", "status", "why", "plan", "help"}
)
"""GitHub swallows none of them: each may be typed bare (product.md section 3)."""


class GithubApi(Repositories, Files, People, Conversations, PullRequests, Webhook):
    """See `Forge`. Each base says its part, over the one client."""

    name = NAME
    bare_commands = VERBS

    def clock_skew(self) -> float:
        return self._client.skew

    def budget(self) -> float:
        return self._client.budget.share

    def budget_reset(self) -> float:
        return self._client.budget.seconds


def with_token(api_url: str, token: str, now: Callable[[], float] = time.time) -> GithubApi:
    """By a personal access token."""
    return GithubApi(Client(PersonalToken(api_url, token, now), now))


def with_app(api_url: str, app_id: int, private_key: str, now: Callable[[], float] = time.time) -> GithubApi:
    """By a GitHub App: `private_key` is its PEM."""
    return GithubApi(Client(AppInstallations(api_url, app_id, private_key, now), now))
