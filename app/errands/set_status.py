"""Makes a commit status say what is so: desired state, read when it is done, as far as the forge's budget goes (product.md section 6).

What is not written for want of budget comes with the job's next errand; what is final or a gate is put off and comes by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.context import Context
from app.errands._budget import exhausted, later, short, summary_errand, summary_name, worth_a_request
from app.errands._drain import LEASE
from app.errands._places import context_name, forge_of, report_of, report_url, visible
from app.forges import CommitState, Forge
from app.store import Claimed, Standing, Written
from app.workflow.errands import FIRST_REPORT
from app.workflow.report import SEVERITY, Report, Shown


@dataclass(frozen=True, slots=True)
class SetStatus:
    """`repository`, `sha`, `job`."""

    name: str = "set_status"

    def do(self, context: Context, claimed: Claimed) -> str:
        args = {name: str(value) for name, value in claimed.errand.args.items()}
        repository, sha = args["repository"], args["sha"]
        found = on_commit(context, repository, context.store.standing(repository, sha, args["job"]))
        if isinstance(found, str):
            return found
        report, standing = found
        url, name = report_url(context, standing.account, report), context_name(context, standing.job)
        wanted = Written(repository, sha, name, CommitState(report.shown.value), report.description, url, context.store.now())
        last = {each.context: each for each in context.store.written_on(repository, sha)}
        forge = forge_of(context, repository)
        if exhausted(forge) or summary_name(context) in last:
            context.store.add_errands(claimed.account, [summary_errand(repository, sha, context.store.now() + FIRST_REPORT)])
        if same(last.get(name), wanted):
            return "says so already"
        return _too_dear(forge, last.get(name), report) or write(context, claimed, wanted)


def _too_dear(forge: Forge, last: Written | None, report: Report) -> str:
    """Why the budget does not allow for this status, "" when it does. Raises Temporary for one that has to come later.

    A success that is none any more is taken back whatever is left.
    """
    if last is not None and last.state is CommitState.SUCCESS and report.shown is not Shown.SUCCESS:
        return ""
    if exhausted(forge) and worth_a_request(report):
        raise later(forge)
    if exhausted(forge):
        return f"a summary has to do: {forge.name} takes few requests more this hour"
    if short(forge) and not worth_a_request(report):
        return f"not written: {forge.name} takes finals and gates only for the rest of this hour"
    return ""


def same(last: Written | None, wanted: Written) -> bool:
    """Whether a status says so already."""
    return last is not None and (last.state, last.description, last.url) == (wanted.state, wanted.description, wanted.url)


def write(context: Context, claimed: Claimed, wanted: Written) -> str:
    """Sets the status and remembers it."""
    context.store.renew_errand(claimed, LEASE)
    forge = forge_of(context, wanted.repository)
    if not forge.set_status(wanted.repository, wanted.sha, wanted.context, wanted.state, wanted.description, wanted.url):
        return f"there is no commit {wanted.sha} any more"
    context.store.set_written(wanted)
    return f"{wanted.context}: {wanted.state} {wanted.description}"


def on_commit(context: Context, repository: str, standings: Iterable[Standing]) -> tuple[Report, Standing] | str:
    """What a job's status should say, and of which account, or why there should be none. Of two accounts that watch one repository
    the worse report counts."""
    known = [(report, standing) for standing in standings if (report := report_of(context, standing, repository))]
    if not known:
        return "nothing to report"
    report, standing = max(known, key=lambda each: SEVERITY[each[0].shown])
    if report.entry.omission and not standing.reported:
        return "never reported here: silence"
    if not visible(context, repository, standing.account, standing.job, standing.reported):
        return "readers of this repository may not see it"
    return report, standing


plugin = SetStatus()
