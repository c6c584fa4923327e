"""Names, where a pull request was closed, the files of states that go with its lane (product.md section 5). Without any: silence."""

from __future__ import annotations

from dataclasses import dataclass

from app.context import Context
from app.errands._places import conversations, say_once, visible
from app.store import Claimed
from app.workflow.line import Lane
from app.workflow.show import closing_marker, closing_note


@dataclass(frozen=True, slots=True)
class ClosingNote:
    """`lane`: the key of a pull request's closed lane."""

    name: str = "closing_note"

    def do(self, context: Context, claimed: Claimed) -> str:
        lane = Lane(str(claimed.errand.args["lane"]))
        head = context.store.lane_head(claimed.account, lane.key)
        if head is None:
            return "there was no such lane"
        repository, sha = head
        states = [
            (name, context.store.file_names(key))
            for name, key in context.store.lane_files(claimed.account, lane.key)
            if visible(context, repository, claimed.account, name)
        ]
        if not states:
            return "no files go with it"
        for where in conversations(context, repository, sha, lane):
            marker = closing_marker(context.settings.bot_name, lane)
            say_once(context, where, "closing", f"{claimed.account} {lane.key}", marker, closing_note(lane, states, marker))
        return f"files of {len(states)} states named"


plugin = ClosingNote()
