"""Says in one status per commit how all its jobs stand, while the forge's API budget is nearly used up (product.md section 6, Budget).

It is written when its state changes and when everything is final, not with every count. The worst report gives the state, so it is
never a success while something is pending or failed. Once begun it is kept true, also when jobs have their own statuses again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from app.context import Context
from app.errands._budget import exhausted, summary_name
from app.errands._places import forge_of
from app.errands.set_status import on_commit, same, write
from app.forges import CommitState
from app.store import Claimed, Standing, Written
from app.workflow.report import Report, worst
from app.workflow.show import counted


@dataclass(frozen=True, slots=True)
class SetSummary:
    """`repository`, `sha`."""

    name: str = "set_summary"

    def do(self, context: Context, claimed: Claimed) -> str:
        repository, sha = str(claimed.errand.args["repository"]), str(claimed.errand.args["sha"])
        last = context.store.written(repository, sha, summary_name(context))
        if last is None and not exhausted(forge_of(context, repository)):
            return "not needed: each job has its own status"
        reports = _reports(context, repository, sha)
        if not reports:
            return "nothing to report"
        state, name = CommitState(worst(reports).shown.value), summary_name(context)
        wanted = Written(repository, sha, name, state, counted(reports), "", context.store.now())
        if same(last, wanted):
            return "says so already"
        if last and last.state is state and not all(report.final for report in reports):
            return "its state is the same, the counts can wait"
        return write(context, claimed, wanted)


def _reports(context: Context, repository: str, sha: str) -> list[Report]:
    """Of each job that has a status here, or would have one."""
    jobs: dict[str, list[Standing]] = defaultdict(list)
    for standing in context.store.standing(repository, sha):
        jobs[standing.job].append(standing)
    found = (on_commit(context, repository, standings) for standings in jobs.values())
    return [each[0] for each in found if not isinstance(each, str)]


plugin = SetSummary()
