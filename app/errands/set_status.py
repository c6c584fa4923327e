"""Makes a commit status say what is so: desired state, read when it is done (product.md section 6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.context import Context
from app.errands._drain import LEASE
from app.errands._places import context_name, forge_of, report_of, report_url, visible
from app.errors import NotFound
from app.forges import CommitState
from app.store import Claimed, Standing, Written
from app.workflow.report import SEVERITY


@dataclass(frozen=True, slots=True)
class SetStatus:
    """`repository`, `sha`, `job`."""

    name: str = "set_status"

    def do(self, context: Context, claimed: Claimed) -> str:
        args = {name: str(value) for name, value in claimed.errand.args.items()}
        repository, sha = args["repository"], args["sha"]
        wanted = _wanted(context, repository, sha, context.store.standing(repository, sha, args["job"]))
        return self._write(context, claimed, wanted) if isinstance(wanted, Written) else wanted

    def _write(self, context: Context, claimed: Claimed, wanted: Written) -> str:
        last = context.store.written(wanted.repository, wanted.sha, wanted.context)
        if last and (last.state, last.description, last.url) == (wanted.state, wanted.description, wanted.url):
            return "says so already"
        context.store.renew_errand(claimed, LEASE)
        forge = forge_of(context, wanted.repository)
        try:
            forge.set_status(wanted.repository, wanted.sha, wanted.context, wanted.state, wanted.description, wanted.url)
        except NotFound as problem:
            return f"the commit is gone: {problem}"
        context.store.set_written(wanted)
        return f"{wanted.context}: {wanted.state} {wanted.description}"


def _wanted(context: Context, repository: str, sha: str, standings: Iterable[Standing]) -> Written | str:
    """The status as it should be, or why none should. Of two accounts that watch one repository the worse report is written."""
    known = [(report, standing) for standing in standings if (report := report_of(context, standing, repository))]
    if not known:
        return "nothing to report"
    report, standing = max(known, key=lambda each: SEVERITY[each[0].shown])
    if report.entry.omission and not standing.reported:
        return "never reported here: silence"
    if not visible(context, repository, standing.account, standing.job, standing.reported):
        return "readers of this repository may not see it"
    url, name = report_url(context, standing.account, report), context_name(context, standing.job)
    return Written(repository, sha, name, CommitState(report.shown.value), report.description, url, context.store.now())


plugin = SetStatus()
