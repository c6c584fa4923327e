"""Reports on the source's commit whether its workflow files were adopted: the `<bot>: sync` status, and a comment with every problem."""

from __future__ import annotations

from dataclasses import dataclass

from app.context import Context
from app.errands._places import conversations, forge_of, say_once
from app.forges import CommitState
from app.store import Claimed, Written
from app.workflow.definition import Severity
from app.workflow.show import sync_comment, sync_marker, sync_status


@dataclass(frozen=True, slots=True)
class ReportSync:
    """`source`: its key."""

    name: str = "report_sync"

    def do(self, context: Context, claimed: Claimed) -> str:
        source = context.store.source(str(claimed.errand.args["source"]))
        if source is None or not source.sha_seen:
            return "nothing to report"
        adopted = source.commit == source.sha_seen
        shown, description = sync_status(source.problems, adopted)
        wanted = Written(
            source.repository,
            source.sha_seen,
            f"{context.settings.bot_name}: sync",
            CommitState(shown.value),
            description,
            "",
            context.store.now(),
        )
        last = context.store.written(wanted.repository, wanted.sha, wanted.context)
        if last is None or (last.state, last.description) != (wanted.state, wanted.description):
            forge_of(context, source.repository).set_status(
                wanted.repository, wanted.sha, wanted.context, wanted.state, wanted.description, wanted.url
            )
            context.store.set_written(wanted)
        if any(problem.severity is Severity.ERROR for problem in source.problems):
            marker = sync_marker(context.settings.bot_name, source.key, source.sha_seen)
            body = sync_comment(source.problems, source.sha_seen, adopted, marker)
            where = conversations(context, source.repository, source.sha_seen)[0]
            say_once(context, where, "sync", f"{source.key} {source.sha_seen}", marker, body)
        return description


plugin = ReportSync()
