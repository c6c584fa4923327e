"""Sends what `integrations.notifications` of a CI file asks for (spec/ci-integrations-deploy.md section 1.9). At least once.

Each notification is an errand of its own, so that one that cannot be sent keeps no other back.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.context import Context
from app.errands._ci import CiFiles, branch_of
from app.errands.notify import message, provider
from app.errors import Permanent
from app.store import Claimed, RunView
from app.workflow.ci.configuration import Notification
from app.workflow.ci.notify import Happened, told
from app.workflow.definition import HookKind, Json, Resource
from app.workflow.errands import Errand
from app.workflow.kinds import MatrixKind
from app.workflow.line import RunRef, Status

BY_METHOD = ("email", "irc")
"""Types that need no integration, whatever `integrationName` says: the administrator's settings send them."""
MOST_LOOKED_AT = 50
"""Runs among which the branch's run before is looked for."""


@dataclass(frozen=True, slots=True)
class NotifyCi:
    """`job`, `number`: the run. `event`: start or end. `notification`: the index of one in the file; without it all are looked at."""

    name: str = "notify_ci"

    def do(self, context: Context, claimed: Claimed) -> str:
        args = claimed.errand.args
        view = context.store.run(claimed.account, RunRef(str(args["job"]), int(str(args["number"]))))
        configuration = CiFiles(context.store.ci_files(view.id), "").read().configuration if view else None
        if view is None or configuration is None:
            return "the run never had a CI file"
        index = args.get("notification")
        if isinstance(index, int):
            return _send(context, view, configuration.notifications[index], str(args["event"]))
        indexes = told(configuration.notifications, _happened(context, view, str(args["event"])))
        context.store.add_errands(
            claimed.account, [Errand("notify_ci", {**args, "notification": index}, due=context.store.now()) for index in indexes]
        )
        return f"{len(indexes)} of {len(configuration.notifications)} notifications"


def _happened(context: Context, view: RunView, event: str) -> Happened:
    run = view.run
    job = context.store.definition_at(view.account, run.ref)
    kind = context.kinds.jobs[job.type]
    built = kind.builds(job) if isinstance(kind, MatrixKind) else ""
    taken = next((each.version for each in run.inputs if each.name == built), None)
    found = context.store.version(view.account, taken) if taken else None
    branch = branch_of(found[1].bag) if found else ""
    return Happened(Status.RUNNING if event == "start" else run.status, branch, _before(context, view), run.lane.kind == "pr")


def _before(context: Context, view: RunView) -> Status | None:
    """How the run before this one ended on the same branch: in the same lane, of the same ref."""
    run = view.run
    refs = {cause.ref for cause in run.causes}
    for each in context.store.runs(view.account, run.ref.job, live=False, limit=MOST_LOOKED_AT):
        earlier = each.run.ref.number < run.ref.number and each.run.lane == run.lane and each.run.status.executed
        if earlier and refs & {cause.ref for cause in each.run.causes}:
            return each.run.status
    return None


def _send(context: Context, view: RunView, notification: Notification, event: str) -> str:
    """By its integration, which the source of the job has to see, or by e-mail or IRC. Raises Permanent with what to set."""
    integration = None if notification.type in BY_METHOD else notification.integration
    if not integration and notification.type not in BY_METHOD:
        raise Permanent(f"a notification of type {notification.type or 'none'} in the CI file names no `integrationName`")
    job = context.store.definition_at(view.account, view.run.ref)
    content: dict[str, Json] = {"recipients": list(notification.recipients), "method": notification.type}
    resource = Resource(f"{job.name}: {integration or notification.type}", "notification", job.source, integration, content)
    notifier, credentials = provider(context, view.account, resource)
    told_what = message(context, view, HookKind.ON_START if event == "start" else HookKind.ALWAYS, resource)
    notifier.send(told_what, credentials, context.outward)
    return f"told {integration or notification.type}"


plugin = NotifyCi()
