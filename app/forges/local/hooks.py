"""Webhooks of the local forge turned into events, without any I/O."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

from app.forges import (
    BadPayload,
    BadSignature,
    Comment,
    Commented,
    CommentKind,
    Conversation,
    Delivery,
    Nothing,
    Parsed,
)
from app.forges.local import payload
from app.workflow.events import PullRequestChanged, Pushed

ACTIONS = ("opened", "updated", "closed")


@dataclass(frozen=True, slots=True)
class LocalHooks:
    """`secret` signs the webhooks of this installation."""

    secret: bytes

    def verify(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        known = {name.lower(): value for name, value in headers.items()}
        wanted = b"sha256=" + hmac.new(self.secret, body, "sha256").hexdigest().encode()
        signature = known.get("x-gateline-signature-256", "").encode(errors="replace")
        if not self.secret or not hmac.compare_digest(signature, wanted):
            raise BadSignature("the signature in X-Gateline-Signature-256 is missing or wrong")
        named = {name: value for name, value in known.items() if name.startswith("x-gateline-")}
        delivery = named.get("x-gateline-delivery", "")
        if not delivery:
            raise BadPayload("the header X-Gateline-Delivery is missing")
        return Delivery("local", _repository(body), delivery, named.get("x-gateline-event", ""), named, body)

    def parse(self, delivery: Delivery, at: float) -> Parsed:
        match delivery.event:
            case "push":
                return _pushed(delivery, at)
            case "pull_request":
                return _pull_request_changed(delivery, at)
            case "comment":
                return _commented(delivery)
        return Nothing(f"the local forge has no event {delivery.event!r}")


def _repository(body: bytes) -> str:
    """The id of the repository that a body is about. Raises BadPayload unless it is an object of JSON that says so."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise BadPayload(f"the body is not JSON: {problem}") from None
    repository = told.get("repository") if isinstance(told, dict) else None
    if not isinstance(repository, dict) or not isinstance(repository.get("id"), str):
        raise BadPayload("the body is no object with a repository that has an id")
    return str(repository["id"])


def _pushed(delivery: Delivery, at: float) -> Pushed:
    """Only one hook tells of a push, and a ref may go back and forth, so the delivery's id is the key."""
    push = payload.read(payload.Push, delivery.body)
    return Pushed(
        key=f"local:push:{delivery.id}",
        at=at,
        repository=push.repository,
        ref=push.ref,
        before=push.before,
        after=push.after,
        commit=push.commit,
        pusher=push.pusher,
    )


def _pull_request_changed(delivery: Delivery, at: float) -> Parsed:
    told = payload.read(payload.PullRequestEvent, delivery.body)
    if told.action not in ACTIONS:
        return Nothing(f"a pull request was {told.action}")
    return PullRequestChanged(
        key=f"local:pull_request:{delivery.id}",
        at=at,
        repository=told.repository,
        number=told.number,
        action=told.action,
        title=told.title,
        head=told.head,
        head_ref=told.head_ref,
        head_repository=told.repository.id,
        base_ref=told.base_ref,
        base_sha=told.base_sha,
        authors=told.authors,
        fork=False,
        merged=told.merged,
    )


def _commented(delivery: Delivery) -> Commented:
    told = payload.read(payload.CommentEvent, delivery.body)
    kind = CommentKind.COMMIT if told.number is None else CommentKind.CONVERSATION
    conversation = Conversation(told.repository.id, told.number, told.sha)
    comment = Comment(told.id, conversation, kind, told.body, told.author, told.created)
    return Commented(told.repository, comment, told.author, sha=told.sha)
