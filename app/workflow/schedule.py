"""When clocks tick: cron expressions of five fields, in UTC (spec/workflow-language.md sections 2.2 and 4.8)."""

from __future__ import annotations

from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

CATCH_UP = 3600.0
"""How late, in seconds, a missed tick may still be made up for (architecture.md section 5: at most one, at most this late)."""

_ANCHOR = datetime(2024, 1, 1, tzinfo=UTC)


def invalid(expression: str) -> str:
    """What is wrong with a cron expression, as a sentence; "" when nothing is."""
    if len(expression.split()) != 5:
        return f"`{expression}` is no cron expression: it needs five fields, minute hour day month weekday, as in `0 4 * * 1-5`."
    try:
        if _next(expression, _ANCHOR) is None:
            return f"`{expression}` never comes: there is no such day."
    except CronSimError as problem:
        return f"`{expression}` is no cron expression: {str(problem)[:1].lower()}{str(problem)[1:]}."
    return ""


def next_tick(expression: str, after: float) -> float | None:
    """The first tick later than `after`, in seconds since the epoch; None when the expression is invalid or never comes."""
    if invalid(expression):
        return None
    tick = _next(expression, datetime.fromtimestamp(after, UTC))
    return tick.timestamp() if tick else None


def due(expression: str, after: float, now: float) -> float | None:
    """The one tick to make now when ticks up to and including `after` are done; None when there is none.

    Of several missed ticks only the last counts, and only if it is at most `CATCH_UP` late.
    """
    if invalid(expression):
        return None
    beyond = datetime.fromtimestamp(int(now) + 1, UTC)  # ticks are whole seconds, and the search leaves its start out
    newest = next(CronSim(expression, beyond, reverse=True), None)
    if newest is None or newest.timestamp() <= after or now - newest.timestamp() > CATCH_UP:
        return None
    return newest.timestamp()


def _next(expression: str, after: datetime) -> datetime | None:
    return next(CronSim(expression, after), None)
