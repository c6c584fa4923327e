"""Brings a commit's statuses up to date when a lane that counted for it has closed (product.md section 5, last rule)."""

from __future__ import annotations

from dataclasses import dataclass

from app.context import Context
from app.store import Claimed
from app.workflow.errands import status_errand


@dataclass(frozen=True, slots=True)
class Restate:
    """`lane`: the key of a closed lane."""

    name: str = "restate"

    def do(self, context: Context, claimed: Claimed) -> str:
        head = context.store.lane_head(claimed.account, str(claimed.errand.args["lane"]))
        if head is None:
            return "there was no such lane"
        repository, sha = head
        jobs = [standing.job for standing in context.store.standing(repository, sha)]
        now = context.store.now()
        context.store.add_errands(claimed.account, [status_errand(repository, sha, job, now) for job in jobs])
        return f"{len(jobs)} statuses looked at"


plugin = Restate()
