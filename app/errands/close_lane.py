"""Drops what a closed lane left behind, some days after: its versions and state files (product.md section 5)."""

from __future__ import annotations

from dataclasses import dataclass

from app.context import Context
from app.store import Claimed


@dataclass(frozen=True, slots=True)
class CloseLane:
    """`lane`: its key."""

    name: str = "close_lane"

    def do(self, context: Context, claimed: Claimed) -> str:
        dropped = context.store.drop_lane(claimed.account, str(claimed.errand.args["lane"]))
        return f"{dropped} versions dropped"


plugin = CloseLane()
