"""`allow`: admits a fork's commit, named by its SHA."""

from __future__ import annotations

from dataclasses import dataclass

from app.commands import Reading, Refusal, Right, Scene, Wish
from app.commands._typed import hexadecimal, line_of
from app.workflow import say
from app.workflow.comment import Call
from app.workflow.events import CommitAllowed
from app.workflow.line import Line

DIGITS = 12
"""Fewest digits of a SHA that admit a commit (product.md section 3)."""


@dataclass(frozen=True, slots=True)
class Allow:
    name: str = "allow"
    usage: str = "allow [SHA]"
    help: str = "Admits the commit SHA (12 digits or more, the head now) of a pull request from a fork or an untrusted bot."
    examples: tuple[str, ...] = ("allow 3f9a1c2b7d4e",)
    right: Right = Right.ADMIT

    def read(self, line: Line, call: Call, scene: Scene) -> Reading:  # noqa: ARG002 - the contract's signature
        spot = scene.spot
        if spot is None or spot.number is None:
            return Refusal(say.NEEDS_PULL_REQUEST)
        suggested = line_of(scene, self.name, spot.sha[:DIGITS])
        if not call.sha:
            return Refusal(say.allow_which(spot.sha[:DIGITS], stale=False), suggested)
        if not hexadecimal(call.sha, DIGITS):
            return Refusal(say.bad_hex("SHA", call.sha, DIGITS), suggested)
        if not spot.sha.startswith(call.sha.casefold()):
            return Refusal(say.allow_which(spot.sha[:DIGITS], stale=True), suggested)
        allowed = CommitAllowed(
            key=scene.key,
            at=scene.now,
            by=scene.by,
            via=scene.via,
            repository=spot.repository,
            number=spot.number,
            sha=spot.sha,
        )
        return Wish((allowed,))


plugin = Allow()
