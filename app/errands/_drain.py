"""Doing errands until none is due: what an errand worker does when the bell rings."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import structlog

from app.context import Context
from app.errands import ErrandKind
from app.errors import GatelineError, Temporary
from app.leaving import Leaving
from app.registry import load
from app.store import Claimed, Stale

log = structlog.get_logger(__name__)

LEASE = 20.0
"""Seconds that an errand worker has an errand to itself, from the last renewal."""
RENEW = 5.0
"""Seconds between renewals of the errand in hand: one that takes long is not done twice at once."""
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


def do_one(context: Context, claimed: Claimed, every: float = RENEW) -> None:
    """Does one errand, which stays this worker's for as long as it takes, and writes down how it went.

    Whatever goes wrong with it stays its own affair. `every`: seconds between renewals.
    """
    bound = log.bind(errand=claimed.errand.kind, id=claimed.id, account=claimed.account, attempt=claimed.attempts)
    try:
        with _held(context, claimed, every):
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


@contextmanager
def _held(context: Context, claimed: Claimed, every: float) -> Iterator[None]:
    """Renews the errand's lease from a thread of its own until the block ends or the errand is somebody else's."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(every):
            try:
                context.store.renew_errand(claimed, LEASE)
            except Stale:
                return
            except Exception as problem:  # noqa: BLE001 - a renewal that fails for any reason is one that was missed; the next may not
                log.warning("errand.not_renewed", errand=claimed.errand.kind, id=claimed.id, problem=str(problem))

    thread = threading.Thread(target=renew, name=f"errand {claimed.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


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
