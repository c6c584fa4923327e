"""The conversation that an errand's arguments name."""

from __future__ import annotations

from app.forges import Conversation


def conversation_of(repository: str, where: object) -> Conversation:
    """A pull request by its number, a commit by its SHA."""
    return Conversation(repository, number=where) if isinstance(where, int) else Conversation(repository, sha=str(where))
