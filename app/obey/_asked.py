"""What somebody asks, and what they are told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.commands import Spot
from app.forges import Conversation
from app.workflow import say
from app.workflow.comment import Said
from app.workflow.facts import Fact
from app.workflow.line import Actor


@dataclass(frozen=True, slots=True)
class Asked:
    """Calls (and mistakes) of one person, in order.

    `accounts`: those whose line may be meant, the likeliest first; API and command line name one. `via`: the comment's key, `cli`,
    `api`, `page`. `key` counts once: each call's event has `<key>:<index>`. `conversation`, `typed` (the comment's time by the forge's
    clock), `authors` (ids of the pull request's author) and `spot` are only known for comments; a page may give `spot`.
    """

    accounts: tuple[str, ...]
    by: Actor
    said: tuple[Said, ...]
    via: str
    key: str
    spot: Spot | None = None
    conversation: Conversation | None = None
    typed: float | None = None
    authors: frozenset[str] = frozenset()
    edited: bool = False


class Verdict(StrEnum):
    """How it went; the last four are a no. FORBIDDEN: not yours to ask. UNKNOWN: no such job. MISTAKEN: cannot be read."""

    DONE = "done"
    ANSWERED = "answered"
    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"
    MISTAKEN = "mistaken"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one call. `text` is Markdown; `type` is a line that would do what was meant, "" when there is none.

    `facts` were decided. `quiet`: a reaction says enough, `text` need not be posted.
    """

    said: Said
    verdict: Verdict
    text: str
    type: str = ""
    facts: tuple[Fact, ...] = ()
    quiet: bool = False

    @property
    def accepted(self) -> bool:
        return self.verdict in (Verdict.DONE, Verdict.ANSWERED)

    @property
    def comment(self) -> str:
        """As a reply in a conversation: the command quoted, the answer, what to type."""
        return say.reply(self.said.line, self.accepted, self.text, self.type)
