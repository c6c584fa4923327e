"""How much may be written when the forge's API budget runs short (product.md section 6, Budget).

Under half of an hour's budget a job's status says only finals and waiting gates. Under a tenth it says nothing: one summary per commit
does (`set_summary`), and what is final or a gate is put off until the budget is whole again, so that no job goes without its report,
failed ones included: the summary is red meanwhile. Only a success that is none any more is taken back at once.
"""

from __future__ import annotations

from app.context import Context
from app.errors import Temporary
from app.forges import Forge
from app.workflow.errands import Errand
from app.workflow.line import CandidateState
from app.workflow.report import Report

HALF = 0.5
TENTH = 0.1
LOOK_AGAIN = 60.0
"""Seconds to wait at least: a budget that nearly came back, or whose end the forge did not tell, is asked for again then."""


def short(forge: Forge) -> bool:
    """Whether only finals and gates are worth a request."""
    return forge.budget() < HALF


def exhausted(forge: Forge) -> bool:
    """Whether one summary per commit has to do."""
    return forge.budget() < TENTH


def worth_a_request(report: Report) -> bool:
    """Finals and gates: somebody waits for these, or has to act."""
    candidate = report.entry.candidate
    return report.final or (candidate is not None and candidate.state is CandidateState.OPEN)


def until_whole(forge: Forge) -> float:
    """Seconds until the budget may be whole again."""
    return max(forge.budget_reset(), LOOK_AGAIN)


def later(forge: Forge) -> Temporary:
    """What puts an errand off until then."""
    return Temporary(
        f"{forge.budget():.0%} of this hour's requests to {forge.name} are left: a summary has to do until then", until_whole(forge)
    )


def summary_name(context: Context) -> str:
    """The context of a commit's summary."""
    return f"{context.settings.bot_name}: summary"


def summary_errand(repository: str, sha: str, due: float) -> Errand:
    args = {"repository": repository, "sha": sha}
    return Errand("set_summary", args, key=f"summary:{repository}:{sha}", replaces=True, due=due)
