"""The GitHub forge: github.com or GHES, by a personal token or a GitHub App (spec/forges.md A)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.forges import ForgePort
from app.forges.github._shapes import NAME
from app.forges.github.api import GithubApi, with_app, with_token
from app.forges.github.hooks import GithubHooks

if TYPE_CHECKING:
    from config.settings import Settings

UNSIGNED = "GATELINE_GITHUB_WEBHOOK_SECRET is not set: every webhook of GitHub's will be refused."


@dataclass(frozen=True, slots=True)
class GithubKind:
    """How GitHub becomes a port."""

    name: str = NAME

    def build(self, settings: Settings, desk: object = None) -> ForgePort | None:  # noqa: ARG002 - see below
        """Both halves by the settings; None when neither a token nor an App is set. An App comes before a token.

        `desk` is for forges that keep their rows with us: GitHub keeps its own.
        """
        api = _api(settings)
        if api is None:
            return None
        secret = settings.github_webhook_secret
        hooks = GithubHooks(secret.get_secret_value().encode() if secret else b"", settings.github_app_id)
        return ForgePort(self.name, hooks, api, () if secret else (UNSIGNED,))


def _api(settings: Settings) -> GithubApi | None:
    if settings.github_app_id is not None and settings.github_app_private_key is not None:
        key = settings.github_app_private_key.get_secret_value()
        return with_app(settings.github_api_url, settings.github_app_id, key)
    if settings.github_token is not None:
        return with_token(settings.github_api_url, settings.github_token.get_secret_value())
    return None


plugin = GithubKind()
