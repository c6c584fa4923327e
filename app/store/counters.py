"""Nodes as owners of numbers: one counter each for runs, versions and candidates, over all lanes."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, case, update

from app.store.engine import Transaction
from app.store.tables import nodes


def ensure_nodes(transaction: Transaction, account: str, names: Iterable[str]) -> None:
    transaction.add_missing(nodes, [{"account": account, "name": name} for name in sorted(set(names))])


def used(transaction: Transaction, account: str, counter: str, numbers: Iterable[tuple[str, int]]) -> None:
    """These (name, number) are taken: `counter` (`next_run`, `next_version`, `next_candidate`) of each name moves past them."""
    highest: dict[str, int] = {}
    for name, number in numbers:
        highest[name] = max(number, highest.get(name, 0))
    ensure_nodes(transaction, account, highest)
    column, past = nodes.c[counter], bindparam("past", type_=nodes.c[counter].type)
    statement = (
        update(nodes)
        .where(nodes.c.account == account, nodes.c.name == bindparam("node"))
        .values({counter: case((column < past, past), else_=column)})
    )
    transaction.run(statement, [{"node": name, "past": number + 1} for name, number in highest.items()])
