"""Which candidates were announced in a conversation, and when by the forge's clock."""

from __future__ import annotations

from app.commands import Announced
from app.context import Context
from app.forges import CommentKind, Conversation
from app.workflow.line import Candidate


def announced_here(context: Context, account: str, conversation: Conversation, waiting: tuple[Candidate, ...]) -> tuple[Announced, ...]:
    """Those of `waiting` whose announcement stands in `conversation`: the comment is looked at, as it alone knows its forge's time."""
    forge = context.forges[conversation.repository.partition(":")[0]].api
    kind = CommentKind.CONVERSATION if conversation.number else CommentKind.COMMIT
    found = []
    for candidate in waiting:
        posted = context.store.posted("announcement", f"{account} {candidate.job} {candidate.number}")
        if posted is None or posted.place != conversation.place:
            continue
        comment = forge.comment(conversation, kind, posted.id)
        if comment is not None:
            found.append(Announced(candidate.job, candidate.number, comment.created))
    return tuple(found)
