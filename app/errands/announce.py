"""Announces a gate's candidate by a new comment that mentions the approvers, and edits the older one to point there."""

from __future__ import annotations

from dataclasses import dataclass

from app.context import Context
from app.errands._lineage import speaking_place
from app.errands._places import at_place, say_once
from app.forges import Conversation
from app.obey import count_reviews
from app.store import Claimed
from app.workflow.line import Candidate, CandidateState
from app.workflow.show import announcement, announcement_over, gate_marker


@dataclass(frozen=True, slots=True)
class Announce:
    """`job`, `number`: the candidate. Done again when it is final: then the comment says what became of it."""

    name: str = "announce"

    def do(self, context: Context, claimed: Claimed) -> str:
        job, number = str(claimed.errand.args["job"]), int(str(claimed.errand.args["number"]))
        candidate = context.store.candidate(claimed.account, job, number)
        if candidate is None:
            return "there is no such candidate"
        posted = context.store.posted("announcement", _subject(claimed.account, candidate))
        if posted is None and candidate.state is CandidateState.OPEN and count_reviews(context, claimed.account, candidate):
            candidate = context.store.candidate(claimed.account, job, number) or candidate
        if posted is None and candidate.state is not CandidateState.OPEN:
            return f"{candidate.state} before anybody was told of it"
        where = at_place(posted.place) if posted else _where(context, claimed.account, candidate)
        if where is None:
            return "no commit to announce it on: notifications have it"
        marker = gate_marker(context.settings.bot_name, claimed.account, candidate)
        text = _text(context, claimed.account, candidate, marker)
        say_once(context, where, "announcement", _subject(claimed.account, candidate), marker, text)
        return f"{candidate.state} on {where.place}"


def _subject(account: str, candidate: Candidate) -> str:
    return f"{account} {candidate.job} {candidate.number}"


def _text(context: Context, account: str, candidate: Candidate, marker: str) -> str:
    bot = context.settings.bot_name
    if candidate.state is not CandidateState.OPEN:
        return announcement_over(candidate, marker, _newer(context, account, candidate))
    before = context.store.ask(account, lambda line: line.past(candidate.job, candidate.lane).approved)
    return announcement(bot, candidate, marker, _inputs(context, account, candidate), again=before is not None)


def _inputs(context: Context, account: str, candidate: Candidate) -> list[str]:
    """The frozen versions and values, one line each: `app 1f2e3d4c5b6a (version 12)`."""
    lines = []
    for taken in candidate.inputs:
        found = context.store.version(account, taken.version) if taken.version else None
        version = found[1] if found else None
        label = f" {version.label[:40]}" if version and version.label else ""
        lines.append(f"{taken.name}{label} (version {version.ref.number})" if version else f"{taken.name} (no version)")
    return [*lines, *(f"{name}={value}" for name, value in candidate.values)]


def _where(context: Context, account: str, candidate: Candidate) -> Conversation | None:
    taken = [each.version for each in candidate.inputs if each.version]
    return speaking_place(context, (account, candidate.job), candidate.lane, candidate.causes, taken)


def _newer(context: Context, account: str, candidate: Candidate) -> str:
    """The digest of the candidate that replaced this one, "" when none has."""
    later = [each for _, each in context.store.candidates(account, candidate.job, open_only=False) if each.lane == candidate.lane]
    return next((each.short for each in later if each.number > candidate.number), "")


plugin = Announce()
