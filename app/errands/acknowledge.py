"""Reacts to a comment: 👀 when it is heard, 🚀 or 👎 when it is done. Decoration: its failure changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from app.context import Context
from app.errands._conversation import conversation_of
from app.errands._places import forge_of
from app.errors import GatelineError
from app.forges import CommentKind
from app.store import Claimed


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """`repository`, `conversation` (number of a pull request or SHA), `comment`, `kind` of comment, `reaction`."""

    name: str = "acknowledge"

    def do(self, context: Context, claimed: Claimed) -> str:
        args = claimed.errand.args
        where = conversation_of(str(args["repository"]), args["conversation"])
        try:
            forge = forge_of(context, where.repository)
            forge.react(where, CommentKind(str(args["kind"])), str(args["comment"]), str(args["reaction"]))
        except GatelineError as problem:
            return f"let pass: {problem}"
        return str(args["reaction"])


plugin = Acknowledge()
