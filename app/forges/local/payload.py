"""The webhooks of the local forge, as JSON: what `post_receive.py` and `actions.py` send and `hooks.py` reads.

Headers: `X-Gateline-Event` (push, pull_request, comment), `X-Gateline-Delivery` (a UUID), `X-Gateline-Signature-256`
(`sha256=` and the hex HMAC-SHA256 of the body under the secret of this installation). The body is one of the classes below,
its fields by their names.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from app.forges import BadPayload
from app.workflow.events import Commit, Repository
from app.workflow.line import Actor

Body = TypeVar("Body")


@dataclass(frozen=True, slots=True)
class Push:
    """`ref` moved from `before` to `after` ("" for made and deleted); `commit` is what `after` names, a tag peeled."""

    repository: Repository
    ref: str
    before: str
    after: str
    commit: Commit
    pusher: Actor


@dataclass(frozen=True, slots=True)
class PullRequestEvent:
    """`action` is opened, updated or closed; `authors` are who opened it and, for an update, who pushed."""

    repository: Repository
    number: int
    action: str
    title: str
    head: Commit
    head_ref: str
    base_ref: str
    base_sha: str
    authors: tuple[Actor, ...]
    merged: bool = False


@dataclass(frozen=True, slots=True)
class CommentEvent:
    """A new comment, on pull request `number` or, when that is null, on commit `sha`. `created` in seconds since the epoch."""

    repository: Repository
    id: str
    number: int | None
    sha: str
    body: str
    author: Actor
    created: float


@cache
def _adapter(shape: type[Body]) -> TypeAdapter[Body]:
    return TypeAdapter(shape)


def write(body: Push | PullRequestEvent | CommentEvent) -> bytes:
    return _adapter(type(body)).dump_json(body)  # type: ignore[arg-type]  # mypy takes the class's own __hash__ for its type's


def read(shape: type[Body], body: bytes) -> Body:
    """Raises BadPayload naming every field that is wrong."""
    try:
        return _adapter(shape).validate_json(body)  # type: ignore[arg-type, no-any-return]  # likewise
    except ValidationError as problem:
        wrong = "; ".join(f"{'.'.join(map(str, error['loc'])) or 'body'}: {error['msg']}" for error in problem.errors())
        raise BadPayload(f"{shape.__name__}: {wrong}") from None
