"""The one loop: the only way a line's state changes (architecture.md section 1)."""

from __future__ import annotations

from app.context import Context
from app.store import AccountTransaction, Outcome
from app.workflow.decide import decide
from app.workflow.errands import ERRANDS, Errand, errands_for
from app.workflow.events import Event
from app.workflow.facts import Fact, RunAdded, RunQueued
from app.workflow.kinds import Kinds
from app.workflow.line import Line, Status, Unloaded


def react(context: Context, account: str, event: Event) -> Outcome:
    """Locks the account, refuses a key it has seen, decides, writes facts and errands in one transaction, then rings.

    Returns the facts; those of the first time, marked `duplicate`, for an event whose key was seen.
    """
    with context.store.decision(account) as transaction:
        seen = transaction.seen(event.key)
        if seen is not None:
            return seen
        facts, errands = _decide(transaction, event, context.kinds)
        transaction.write(event, facts, errands)
    for queue in sorted(queues_of(facts) | ({ERRANDS} if errands else set())):
        context.bell.ring(queue)
    return Outcome(facts)


def _decide(transaction: AccountTransaction, event: Event, kinds: Kinds) -> tuple[tuple[Fact, ...], tuple[Errand, ...]]:
    """Decides, loading more of the account each time that this turns out to need it."""
    line = Line()
    while True:
        try:
            facts = decide(line, event, kinds)
            return facts, errands_for(line.after(*facts), event, facts)
        except Unloaded as missing:
            line = line.knowing(transaction.load(missing.needs))


def queues_of(facts: tuple[Fact, ...]) -> set[str]:
    """Queues in which `facts` made a run startable."""
    added = {f"runs:{fact.run.pool}" for fact in facts if isinstance(fact, RunAdded) and fact.run.status is Status.QUEUED}
    return added | {f"runs:{fact.pool}" for fact in facts if isinstance(fact, RunQueued)}
