"""Writes an answer below the comment that asked for it, once: it is looked up by its marker before it is made."""

from __future__ import annotations

from dataclasses import dataclass

from app.context import Context
from app.errands._conversation import conversation_of
from app.errands._places import say_once
from app.store import Claimed
from app.workflow.markdown import cut


@dataclass(frozen=True, slots=True)
class Reply:
    """`repository`, `conversation` (number of a pull request or SHA), `comment`, `text`, `mark` (what it answers, unique there)."""

    name: str = "reply"

    def do(self, context: Context, claimed: Claimed) -> str:
        args = claimed.errand.args
        where = conversation_of(str(args["repository"]), args["conversation"])
        mark = str(args.get("mark", args["comment"]))
        subject = f"{where.place} {mark}"
        if context.store.posted("reply", subject):
            return "replied already"
        marker = f"<!-- {context.settings.bot_name}:reply {mark} -->"
        say_once(context, where, "reply", subject, marker, cut(f"{marker}\n\n{args['text']}"))
        return "replied"


plugin = Reply()
