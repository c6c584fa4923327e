"""Announces that an administrator passed a gate (`--break-glass`): on the commit and in Slack (product.md section 4)."""

from __future__ import annotations

from dataclasses import dataclass

from app.context import Context
from app.errands._channels import tell
from app.errands._lineage import speaking_place
from app.errands._places import run_url, say_once
from app.notifiers import Message
from app.store import Claimed, RunView
from app.workflow.line import RunRef, VersionRef
from app.workflow.report import Shown
from app.workflow.show import COLOURS, passing, passing_marker


@dataclass(frozen=True, slots=True)
class AnnouncePassing:
    """`job`, `number`: the run. `reason`: who passed the gate and why."""

    name: str = "announce_passing"

    def do(self, context: Context, claimed: Claimed) -> str:
        ref = RunRef(str(claimed.errand.args["job"]), int(str(claimed.errand.args["number"])))
        reason = str(claimed.errand.args["reason"])
        view = context.store.run(claimed.account, ref)
        if view is None:
            return "there is no such run"
        of = claimed.account, ref.job
        where = speaking_place(context, of, view.run.lane, view.run.causes, _taken(context, view))
        url = run_url(context, claimed.account, view.run)
        if where is not None:
            marker = passing_marker(context.settings.bot_name, claimed.account, ref)
            say_once(context, where, "passing", f"{claimed.account} {ref}", marker, passing(ref, reason, url, marker))
        tell(context, f"passing {claimed.account} {ref}", Message(f"{ref}: {reason}", url, colour=COLOURS[Shown.PENDING]))
        return f"announced on {where.place}" if where else "no commit to announce it on"


def _taken(context: Context, view: RunView) -> list[VersionRef]:
    """What the run takes, or would take now when it has not started."""
    if view.run.inputs:
        return [taken.version for taken in view.run.inputs if taken.version]
    job = context.store.definition_at(view.account, view.run.ref)
    newest = [context.store.versions(view.account, step.name, limit=1) for step in job.inputs]
    return [found[0][1].ref for found in newest if found]


plugin = AnnouncePassing()
