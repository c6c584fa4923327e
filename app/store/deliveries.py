"""Webhook deliveries: kept whole and once, with the errand that will read them, before the forge gets its answer."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from sqlalchemy import Row, select, update

from app.errors import NotFound
from app.forges import Delivery
from app.store.around import deliveries
from app.store.outbox import write_errands
from app.store.part import Part
from app.workflow.errands import Errand


def _delivery_of(row: Row[Any]) -> Delivery:
    return Delivery(row.forge, row.hook, row.delivery, row.event, row.headers, row.body)


class Deliveries(Part):
    def keep_delivery(self, delivery: Delivery) -> int | None:
        """Keeps it with its `handle_delivery` errand in one durable transaction; None for an authentic duplicate
        (same forge, hook, delivery id and body hash)."""
        row = {
            "forge": delivery.forge,
            "hook": delivery.hook,
            "delivery": delivery.id,
            "body_hash": sha256(delivery.body).hexdigest(),
            "event": delivery.event,
            "headers": dict(delivery.headers),
            "body": delivery.body,
        }
        with self.database.write() as transaction:
            new = transaction.insert(deliveries).values(row | {"received": transaction.now}).on_conflict_do_nothing()
            kept = transaction.connection.execute(new.returning(deliveries.c.id)).scalar_one_or_none()
            if kept is not None:
                write_errands(transaction, "", [Errand("handle_delivery", {"delivery": kept})])
            return kept

    def delivery(self, id: int) -> Delivery:
        """Raises NotFound."""
        with self.database.read() as transaction:
            row = transaction.row(select(deliveries).where(deliveries.c.id == id))
        if row is None:
            raise NotFound(f"There is no delivery {id}; it may have been dropped by age.")
        return _delivery_of(row)

    def note_delivery(self, id: int, outcome: str) -> None:
        """Keeps with the delivery what came of it, or why nothing did."""
        with self.database.write() as transaction:
            transaction.run(update(deliveries).where(deliveries.c.id == id).values(outcome=outcome))

    def deliveries(self, limit: int = 50) -> tuple[tuple[int, Delivery, float, str], ...]:
        """Newest first: (id, delivery, when received, outcome)."""
        query = select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
        with self.database.read() as transaction:
            return tuple((row.id, _delivery_of(row), row.received, row.outcome) for row in transaction.rows(query))
