"""Compares a repository's tips and open pull requests with what is known, in turn with its adoptions."""

from __future__ import annotations

from dataclasses import dataclass

from app.context import Context
from app.store import Claimed
from app.tips import compare


@dataclass(frozen=True, slots=True)
class CompareTips:
    """`repository`: its id."""

    name: str = "compare_tips"

    def do(self, context: Context, claimed: Claimed) -> str:
        return compare(context, str(claimed.errand.args["repository"]))


plugin = CompareTips()
