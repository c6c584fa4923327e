"""Asks for something as a comment would: the same commands, rights and audit log, with `cli` as the way it came."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from app.cli.here import Here
from app.cli.printout import Printout
from app.cli.who import account_of, person
from app.cli.words import typed_here
from app.commands import Spot
from app.context import Context
from app.errors import NotFound
from app.forges import Forge
from app.forges.local.api import LocalForge
from app.obey import Asked, Reply, obey
from app.workflow.comment import Call
from app.workflow.definition import Json
from app.workflow.events import Repository
from app.workflow.facts import CandidateProposed, LaneOpened, RunAdded
from app.workflow.line import MAIN, Actor, Lane

DIGITS = re.compile(r"[0-9a-fA-F]{4,40}")
"""Of a commit's SHA; git itself names none with fewer."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks (`login` None: the operating system's name), in which account (None: the only one, or the only one with the job)."""

    here: Here
    login: str | None
    account: str | None

    def account_for(self, job: str) -> str:
        return account_of(self.here.served, self.account, job)

    def person_in(self, account: str) -> Actor:
        """Raises NotFound for somebody whom the account's forge does not know."""
        return person(self.here.served, account.partition(":")[0], self.login)

    def ask(self, call: Call, spot: Spot | None = None) -> Printout:
        """Does what `call` says. Raises NotFound for a person or account that nobody knows."""
        context, account = self.here.served, self.account_for(call.job)
        asked = Asked((account,), self.person_in(account), (call,), "cli", f"cli:{secrets.token_hex(16)}", spot)
        replies = obey(context, asked)
        shown = [_text(reply, context.settings.bot_name) for reply in replies]
        told: list[Json] = [_json(reply, context.settings.bot_name) for reply in replies]
        return Printout(told[0] if len(told) == 1 else told, tuple(shown), all(reply.accepted for reply in replies))


def _text(reply: Reply, bot: str) -> RenderableType:
    answer = typed_here(reply.text, bot)
    if reply.accepted:
        return answer
    suggested = f"\nTry: {_suggested(reply, bot)}" if reply.type else ""
    return Text.assemble(("No: ", "bold red"), answer, suggested)


def _suggested(reply: Reply, bot: str) -> str:
    """The line to type: what the command line sent itself has no prefix to replace."""
    typed = typed_here(reply.type, bot)
    return typed if not typed or typed.startswith("gateline ") else f"gateline {typed}"


def _json(reply: Reply, bot: str) -> Json:
    runs: list[Json] = [str(fact.run.ref) for fact in reply.facts if isinstance(fact, RunAdded)]
    proposed: list[Json] = [fact.candidate.digest for fact in reply.facts if isinstance(fact, CandidateProposed)]
    return {
        "verdict": reply.verdict.value,
        "accepted": reply.accepted,
        "message": typed_here(reply.text, bot),
        "type": _suggested(reply, bot),
        "runs": runs,
        "candidates": proposed,
    }


# -- where ---------------------------------------------------------------------------------------------------------------------


def commit_named(context: Context, account: str, text: str) -> tuple[Repository, str]:
    """The commit with that SHA (or its first digits): one that something ran for, else in a source's repository. Raises NotFound."""
    for view in context.store.runs(account, limit=500):
        for cause in view.run.causes:
            repository = context.store.repository(cause.repository) if cause.sha.startswith(text.lower()) and cause.sha else None
            if repository:
                return repository, cause.sha
    for source in context.store.sources(account):
        forge = context.forges[source.forge].api
        try:
            return forge.repository(source.repository), whole_sha(forge, source.repository, text)
        except NotFound:
            continue
    raise NotFound(f"No repository of {account}'s sources has a commit {text}.")


def whole_sha(forge: Forge, repository: str, digits: str) -> str:
    """The commit whose SHA begins with `digits`. Raises NotFound."""
    found = forge.bare(repository).sha_of(digits) if isinstance(forge, LocalForge) and DIGITS.fullmatch(digits) else None
    return found or forge.commit(repository, digits).sha


def commit_spot(context: Context, account: str, sha: str) -> Spot:
    """The commit as a conversation would be about it: in main when anything of it ran there, else where its newest run is."""
    repository, full = commit_named(context, account, sha)
    lanes = [view.run.lane for view in context.store.runs_of_commit(repository.id, full)]
    lane = MAIN if MAIN in lanes or not lanes else lanes[0]
    return Spot(repository.id, repository.full_name, full, lane)


def lane_spot(context: Context, account: str, label: str) -> Spot | None:
    """The newest commit of the open lane that users see as `label` (`pr/7`); None for main. Raises NotFound."""
    if label == MAIN.key:
        return None
    opened = [found for key in _lane_keys(context, account, label) if (found := _opened(context, account, Lane(key)))]
    if len(opened) != 1:
        places = ", ".join(lane.full_name for lane in opened)
        why = f"is open in several repositories ({places}): use --commit" if opened else "is not open: main, pr/7, branch/topic are lanes"
        raise NotFound(f"The lane {label} {why}.")
    (lane,) = opened
    return Spot(lane.repository, lane.full_name, lane.head, lane.lane, lane.number)


def _lane_keys(context: Context, account: str, label: str) -> list[str]:
    repositories = [source.repository for source in context.store.sources(account)]
    seen = [view.run.lane.key for view in context.store.runs(account, limit=500) if view.run.lane.label == label]
    return list(dict.fromkeys([*(f"{label}@{repository}" for repository in repositories), *seen]))


def _opened(context: Context, account: str, lane: Lane) -> LaneOpened | None:
    return context.store.ask(account, lambda line: line.opened(lane))
