"""Doing errands until none is due: what an errand worker does when the bell rings."""

from __future__ import annotations

import random
from typing import cast

import structlog

from app.context import Context
from app.errands import ErrandKind
from app.errors import GatelineError, Temporary
from app.leaving import Leaving
from app.registry import load
from app.store import Claimed, Stale

log = structlog.get_logger(__name__)

LEASE = 60.0
"""Seconds that an errand worker has an errand to itself; no errand takes longer than its forge's time-outs together."""
LONGEST = 24 * 3600.0
"""Seconds after which an errand that keeps failing is given up (architecture.md section 6, rule 5)."""


def drain_errands(context: Context, worker: str, leaving: Leaving) -> int:
    """Does what is due until nothing is or the process leaves; returns how many were done."""
    done = 0
    while leaving.claims():
        claimed = context.store.claim_errand(worker, LEASE)
        if claimed is None:
            break
        do_one(context, claimed)
        done += 1
    return done


def do_one(context: Context, claimed: Claimed) -> None:
    """Does one errand and writes down how it went. Whatever goes wrong with it stays its own affair."""
    bound = log.bind(errand=claimed.errand.kind, id=claimed.id, account=claimed.account, attempt=claimed.attempts)
    try:
        note = _kind(claimed.errand.kind).do(context, claimed)
        context.store.errand_done(claimed, note)
        bound.info("errand.done", note=note)
    except Stale:
        bound.warning("errand.stale")
    except Temporary as problem:
        _put_off(context, claimed, problem, bound)
    except GatelineError as problem:
        context.store.errand_failed(claimed, str(problem))
        bound.warning("errand.failed", problem=str(problem))
    except Exception as problem:  # noqa: BLE001 - a bug in one errand must not stop the others; it is kept, shown and retried
        bound.exception("errand.crashed")
        _put_off(context, claimed, Temporary(f"{type(problem).__name__}: {problem}"), bound)


def _kind(name: str) -> ErrandKind:
    return cast(ErrandKind, load("app.errands")[name])


def _put_off(context: Context, claimed: Claimed, problem: Temporary, bound: structlog.stdlib.BoundLogger) -> None:
    if context.store.now() - claimed.first > LONGEST:
        context.store.errand_failed(claimed, f"given up after 24 hours: {problem}")
        bound.error("errand.given_up", problem=str(problem))
        return
    after = problem.after if problem.after is not None else backoff(claimed.attempts, random.random())  # noqa: S311 - jitter, no secret
    context.store.errand_put_off(claimed, after, str(problem))
    bound.warning("errand.put_off", after=round(after, 1), problem=str(problem))


def backoff(attempt: int, chance: float) -> float:
    """Seconds before the try after `attempt` (from 1): 1, 2, 4 … 300, each shortened by up to half by `chance` in 0..1."""
    whole = min(300.0, 2.0 ** (attempt - 1))
    return max(1.0, whole * (1 - chance / 2))
