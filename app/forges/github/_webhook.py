"""The part of the GitHub forge that sets up the repository's webhook."""

from __future__ import annotations

from app.errors import NotFound, Permanent
from app.forges.github._client import Part
from app.forges.github._repositories import of_repository
from app.forges.github.hooks import READERS

APP_ONLY = frozenset({"installation", "installation_repositories", "installation_target", "merge_group"})
EVENTS = tuple(sorted(set(READERS) - APP_ONLY))
"""What a repository's webhook is asked for: repositories cannot subscribe to the others (spec/forges.md A2)."""


class Webhook(Part):
    """See `Forge`."""

    def ensure_hook(self, repository: str, url: str, secret: str) -> str:
        """Raises Permanent, saying what to enter by hand, where the credentials may not make hooks or GitHub takes none."""
        if self._client.credentials.is_app:
            return f"The GitHub App's own webhook is used: its address on GitHub must be {url}."
        try:
            return self._ensured(of_repository(repository, "hooks"), url, secret)
        except (NotFound, Permanent) as problem:
            raise Permanent(f"{problem} {_by_hand(url)}") from None

    def _ensured(self, path: str, url: str, secret: str) -> str:
        """A secret cannot be read back, so it is written anew each time."""
        config = {"url": url, "content_type": "json", "secret": secret, "insecure_ssl": "0"}
        settings = {"active": True, "events": list(EVENTS), "config": config}
        for hook in self._client.pages(path):
            if hook.node("config").text("url", "") == url:
                self._client.patch(f"{path}/{hook.number('id')}", settings)
                return f"The webhook for {url} was there and has the right secret and events now."
        self._client.post(path, {"name": "web", **settings})
        return f"A webhook for {url} was made."


def _by_hand(url: str) -> str:
    return (
        f"Or add the webhook by hand in the repository's settings: payload URL {url}, content type application/json, "
        f"the secret in GATELINE_GITHUB_WEBHOOK_SECRET, and the events {', '.join(EVENTS)}."
    )
