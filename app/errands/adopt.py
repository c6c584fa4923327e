"""Adopts the sources of a repository that a push may have changed, then lets the push trigger like any other (product.md section 2)."""

from __future__ import annotations

from dataclasses import dataclass

from app.adopt import adopt
from app.context import Context
from app.errands.handle_delivery import everywhere
from app.sources import add_source
from app.store import Claimed
from app.workflow.events import Pushed


@dataclass(frozen=True, slots=True)
class Adopt:
    """`repository`: its id. `delivery`: the push that asked for it. `add`: make the repository a source first."""

    name: str = "adopt"

    def do(self, context: Context, claimed: Claimed) -> str:
        args = claimed.errand.args
        repository = str(args["repository"])
        if args.get("add"):
            return add_source(
                context,
                context.store.repository(repository) or context.forges[repository.partition(":")[0]].api.repository(repository),
            )
        event = self._push(context, args.get("delivery"))
        notes = [
            adopt(context, source, event.pusher) if event else adopt(context, source)
            for source in context.store.sources(repository=repository)
            if event is None or event.ref == f"refs/heads/{source.branch}"
        ]
        if event is not None:
            notes.append(everywhere(context, event))
            context.store.note_delivery(int(str(args["delivery"])), "; ".join(note for note in notes if note))
        return "; ".join(note for note in notes if note)

    def _push(self, context: Context, delivery: object) -> Pushed | None:
        if delivery is None:
            return None
        kept = context.store.delivery(int(str(delivery)))
        parsed = context.forges[kept.forge].hooks.parse(kept, context.store.now())
        return parsed if isinstance(parsed, Pushed) else None


plugin = Adopt()
