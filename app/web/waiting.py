"""Why a run does not run yet, in sentences: what `trigger` says, and whether anybody serves its pool."""

from __future__ import annotations

from app.context import Context
from app.store import RunView
from app.workflow.trigger import blocked


def why_waiting(context: Context, view: RunView) -> tuple[str, ...]:
    """For a run that is waiting or queued: what stands in its way."""
    run = view.run
    reasons = context.store.ask(view.account, lambda line: blocked(line, run, context.kinds))
    if reasons:
        return tuple(f"{reason.sentence[:1].upper()}{reason.sentence[1:]}." for reason in reasons)
    pool = run.pool or "default"
    if pool not in context.store.pools_served():
        return (f"It may start, but no worker serves the pool {pool}: add it to GATELINE_POOLS of a machine.",)
    return (f"It may start, and waits for a free worker of the pool {pool}.",)
