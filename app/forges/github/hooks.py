"""GitHub's webhooks without I/O: is a request authentic, and what does it say (spec/forges.md A1, A2)?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.forges import BadPayload, Delivery, Nothing, Parsed
from app.forges.github import _hooked_code as code
from app.forges.github import _hooked_places as places
from app.forges.github import _hooked_talk as talk
from app.forges.github._json import Malformed, Node, node
from app.forges.github._signature import verified

Reader = Callable[[Node, float], Parsed]

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "push": code.push,
        "pull_request": code.pull_request_changed,
        "release": code.release,
        "merge_group": code.merge_group,
        "issue_comment": talk.issue_comment,
        "commit_comment": talk.commit_comment,
        "pull_request_review": talk.review,
        "pull_request_review_comment": talk.review_comment,
        "repository": places.repository_changed,
        "installation": places.installation,
        "installation_repositories": places.installation_repositories,
        "installation_target": places.installation_target,
    }
)
CHECKS: Mapping[str, Callable[[Node, int | None], Parsed]] = MappingProxyType(
    {"check_run": talk.check_run, "check_suite": talk.check_suite}
)
IGNORED = MappingProxyType(
    {
        "ping": "GitHub asks whether anybody is there",
        "create": "the push of the same ref counts",
        "delete": "the push of the same ref counts",
        "public": "the repository event publicized counts",
    }
)
"""Events that are known and mean nothing to us, because."""


@dataclass(frozen=True, slots=True)
class GithubHooks:
    """Hooks signed with `secret` (empty: none is believed). `app_id` is our App's, whose checks are ours."""

    secret: bytes = field(repr=False)
    app_id: int | None = None

    def verify(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """See `ForgeHooks.verify`. The delivery's body is JSON, also where a form brought it."""
        return verified(self.secret, headers, body)

    def parse(self, delivery: Delivery, at: float) -> Parsed:
        """See `ForgeHooks.parse`. GitHub adds events and actions without notice: those are Nothing (spec/forges.md A1)."""
        event = delivery.event
        if event in IGNORED:
            return Nothing(IGNORED[event])
        if event not in READERS and event not in CHECKS:
            return Nothing(f"the event {event} has no meaning here")
        try:
            payload = node(json.loads(delivery.body), event)
            return CHECKS[event](payload, self.app_id) if event in CHECKS else READERS[event](payload, at)
        except (Malformed, ValueError) as problem:
            raise BadPayload(f"This {event} event cannot be read: {problem}.") from None
