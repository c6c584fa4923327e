"""Facts about where things stand in repositories: tips of refs, lanes, admitted commits."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, update

from app.store.engine import Transaction
from app.store.tables import allowed, lanes, tips
from app.workflow.facts import LaneClosed, LaneOpened, ShaAllowed, TipMoved


def move_tips(transaction: Transaction, account: str, facts: Sequence[TipMoved]) -> None:
    for fact in facts:
        key = {"account": account, "repository": fact.repository, "ref": fact.ref}
        if fact.sha:
            transaction.upsert(tips, [key | {"sha": fact.sha}])
        else:
            transaction.run(delete(tips).filter_by(**key))


def open_lanes(transaction: Transaction, account: str, facts: Sequence[LaneOpened]) -> None:
    for fact in facts:
        said = {name: getattr(fact, name) for name in ("repository", "full_name", "head", "number", "title", "head_ref", "fork")}
        transaction.upsert(lanes, [{"account": account, "lane": fact.lane.key, "closed": None} | said])


def close_lanes(transaction: Transaction, account: str, facts: Sequence[LaneClosed]) -> None:
    for fact in facts:
        this = (lanes.c.account == account, lanes.c.lane == fact.lane.key)
        transaction.run(update(lanes).where(*this).values(closed=fact.at))


def allow_shas(transaction: Transaction, account: str, facts: Sequence[ShaAllowed]) -> None:
    for fact in facts:
        key = {"account": account, "repository": fact.repository, "sha": fact.sha}
        transaction.upsert(allowed, [key | {"number": fact.number, "by": fact.by}])
