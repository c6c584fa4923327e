"""The event of a manual run, which `trigger` makes, and `approve` where there is no gate."""

from __future__ import annotations

from app.commands import Scene, Wish
from app.workflow.comment import Call
from app.workflow.events import Triggered
from app.workflow.line import MAIN, Lane


def manual_run(call: Call, scene: Scene, lane: Lane | None = None) -> Wish:
    """In `lane`; None: that of the conversation's commit, or main."""
    spot = scene.spot
    return Wish(
        (
            Triggered(
                key=scene.key,
                at=scene.now,
                by=scene.by,
                via=scene.via,
                job=scene.job.name,
                lane=lane or (spot.lane if spot else MAIN),
                values=call.values,
                repository=spot.repository if spot else "",
                full_name=spot.full_name if spot else "",
                sha=spot.sha if spot else "",
                pull_request=spot.number if spot else None,
                break_glass=call.break_glass,
            ),
        )
    )
