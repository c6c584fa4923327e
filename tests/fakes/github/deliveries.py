"""The double's webhooks: signed requests to the hooks that subscribed, sent one after another by a thread, never repeated."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import threading
import uuid
from dataclasses import dataclass, field

import requests

from tests.fakes.github import shapes
from tests.fakes.github.shapes import Shape
from tests.fakes.github.world import Person, Repo, World

APP_EVENTS = frozenset({"installation", "installation_repositories", "merge_group"})
"""Repositories' own hooks do not get these."""
DEADLINE = 10.0


@dataclass(frozen=True)
class Target:
    """Where a hook sends to, and as what."""

    url: str
    secret: str
    kind: str
    id: int
    installation: int | None = None


@dataclass
class Sent:
    """A delivery: `status` is what the receiver answered, 0 for no answer."""

    event: str
    action: str
    guid: str
    url: str
    payload: Shape
    status: int = 0


@dataclass
class Deliveries:
    """All that was sent, in order. `settle` waits until nothing is on its way."""

    world: World
    log: list[Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting: queue.Queue[tuple[Sent, Target] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._send_all, name="github-double-hooks", daemon=True)
        self._thread.start()

    def emit(self, event: str, payload: Shape, sender: Person, repo: Repo | None = None) -> None:
        """One event to each hook that has subscribed to it: all get the same delivery GUID (spec/forges.md A1)."""
        guid = str(uuid.uuid4())
        full = payload | {"sender": shapes.person(sender)} | ({"repository": shapes.repository(repo)} if repo else {})
        if event == "push" and repo is not None:
            full["repository"] |= {"pushed_at": int(self.world.clock())}
        for target in self._targets(event, repo, payload.get("hook_id")):
            own = full | ({"installation": {"id": target.installation}} if target.installation and "installation" not in full else {})
            self._waiting.put((Sent(event, str(payload.get("action", "")), guid, target.url, own), target))

    def settle(self) -> None:
        """Returns when each delivery was answered or failed."""
        self._waiting.join()

    def close(self) -> None:
        self._waiting.put(None)
        self._thread.join()

    def redeliver(self, sent: Sent) -> None:
        """The same delivery again, with the same GUID."""
        repo = self.world.repository(sent.payload["repository"]["full_name"])
        for target in self._targets(sent.event, repo):
            if target.url == sent.url:
                self._waiting.put((Sent(sent.event, sent.action, sent.guid, sent.url, sent.payload), target))

    def _targets(self, event: str, repo: Repo | None, pinged: int | None = None) -> list[Target]:
        """`pinged`: the hook that a ping is for, which needs no subscription."""
        targets = []
        if repo is not None and event not in APP_EVENTS:
            targets = [
                Target(hook.config["url"], hook.config.get("secret", ""), "repository", repo.id)
                for hook in repo.hooks
                if hook.active and (hook.id == pinged if pinged else event in hook.events or "*" in hook.events)
            ]
        app = self.world.app
        if app is not None and app.hook_url:
            owner = repo.owner.id if repo is not None else None
            found = [one.id for one in self.world.installations.values() if owner in (None, one.account.id)]
            if found:
                targets.append(Target(app.hook_url, app.secret, "integration", app.id, found[0]))
        return targets

    def _send_all(self) -> None:
        while (item := self._waiting.get()) is not None:
            sent, target = item
            try:
                sent.status = _send(sent, target, self._routed(target.url))
            finally:
                self.log.append(sent)
                self._waiting.task_done()
        self._waiting.task_done()

    def _routed(self, url: str) -> str:
        public = next((public for public in self.world.routes if url.startswith(public)), "")
        return self.world.routes.get(public, "") + url.removeprefix(public)


def _send(sent: Sent, target: Target, url: str) -> int:
    body = json.dumps(sent.payload).encode()
    try:
        return requests.post(url, data=body, headers=signed_headers(sent, target, body), timeout=DEADLINE).status_code
    except requests.RequestException:
        return 0


def signed_headers(sent: Sent, target: Target, body: bytes) -> dict[str, str]:
    """The headers of a delivery; the signature only where the hook has a secret."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/double",
        "X-GitHub-Event": sent.event,
        "X-GitHub-Delivery": sent.guid,
        "X-GitHub-Hook-ID": str(target.id),
        "X-GitHub-Hook-Installation-Target-ID": str(target.id),
        "X-GitHub-Hook-Installation-Target-Type": target.kind,
    }
    if target.secret:
        headers["X-Hub-Signature-256"] = "sha256=" + hmac.new(target.secret.encode(), body, hashlib.sha256).hexdigest()
    return headers
