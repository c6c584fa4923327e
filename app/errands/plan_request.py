"""Tells a pull request that edits workflow files what it would change: a comment, edited in place, and the `<bot>: plan` status.

Desired state: it reads the request as it is when the errand is done. Forks' requests too, because nothing of them runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.context import Context
from app.errands._budget import exhausted, until_whole
from app.errands._drain import LEASE
from app.errands._places import forge_of, say_once
from app.errands._proposed import proposed
from app.errands.set_status import same, write
from app.errors import NotFound
from app.forges import CommitState, Conversation, PullRequest
from app.store import Claimed, Source, Written
from app.workflow.report import Shown
from app.workflow.show_plan import WITHDRAWN, plan_comment, plan_marker, plan_status, plan_withdrawn


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """`repository`, `number`."""

    name: str = "plan_request"

    def do(self, context: Context, claimed: Claimed) -> str:
        repository, number = str(claimed.errand.args["repository"]), int(str(claimed.errand.args["number"]))
        sources = context.store.sources(repository=repository)
        if not sources:
            return "no source"
        forge = forge_of(context, repository)
        if exhausted(forge):
            context.store.add_errands(claimed.account, [replace(claimed.errand, due=context.store.now() + until_whole(forge))])
            return f"when {forge.name} takes more requests: {forge.budget():.0%} are left"
        try:
            request = forge.pull_request(repository, number)
        except NotFound:
            return f"pull request {number} is gone"
        if not request.open:
            return f"pull request {number} is closed"
        meant = [source for source in sources if source.branch == request.base_ref and source.commit]
        return "; ".join(self._tell(context, claimed, source, request) for source in meant) or "it goes to no source's branch"

    def _tell(self, context: Context, claimed: Claimed, source: Source, request: PullRequest) -> str:
        marker = plan_marker(context.settings.bot_name, source.key, request.number)
        where = Conversation(source.repository, number=request.number)
        subject = f"{source.key} {request.number}"
        proposal = proposed(context, source, request)
        if proposal is None and context.store.posted("plan", subject) is None:
            return "no workflow file differs"
        shown, description = plan_status(proposal) if proposal else (Shown.SUCCESS, WITHDRAWN)
        body = plan_comment(proposal, marker) if proposal else plan_withdrawn(request.head, marker)
        name = f"{context.settings.bot_name}: plan"
        wanted = Written(source.repository, request.head, name, CommitState(shown.value), description, "", context.store.now())
        context.store.renew_errand(claimed, LEASE)
        if not same(context.store.written(source.repository, request.head, name), wanted):
            write(context, claimed, wanted)
        say_once(context, where, "plan", subject, marker, body)
        return description


plugin = PlanRequest()
