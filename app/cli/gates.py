"""`approve` and `reject`: shows the candidate, asks, and answers for exactly what was shown."""

from __future__ import annotations

from collections.abc import Iterable

import click
from rich.console import RenderableType
from rich.text import Text

from app.cli.asking import Asker
from app.cli.command import command
from app.cli.here import Here, pass_here
from app.cli.printout import Printout, show, table
from app.cli.who import account_option, as_option
from app.cli.words import moment, span
from app.context import Context
from app.errors import Refused
from app.web import shapes
from app.workflow.comment import Call
from app.workflow.definition import Gate
from app.workflow.line import Candidate


@command("approve", "gateline approve deploy-prod", "gateline approve deploy-prod 3f9a1c2b7d4e --reason 'checked on staging'")
@click.argument("job")
@click.argument("digest", default="")
@click.option("--reason", default="", help="Why; kept with the approval.")
@as_option
@account_option
@pass_here
def approve(here: Here, job: str, digest: str, reason: str, login: str | None, account: str | None) -> Printout:
    """Open the gate of JOB for exactly what is shown. With its DIGEST nothing is asked."""
    return _answer("approve", Asker(here, login, account), job, digest, reason)


@command("reject", "gateline reject deploy-prod --reason 'not on a Friday'")
@click.argument("job")
@click.argument("digest", default="")
@click.option("--reason", default="", help="Why; shown with the candidate.")
@as_option
@account_option
@pass_here
def reject(here: Here, job: str, digest: str, reason: str, login: str | None, account: str | None) -> Printout:
    """End what waits at the gate of JOB. With its DIGEST nothing is asked."""
    return _answer("reject", Asker(here, login, account), job, digest, reason)


def _answer(verb: str, asker: Asker, job: str, digest: str, reason: str) -> Printout:
    """Without a digest, the candidate's own: the one that was shown when the answer was given."""
    context, account = asker.here.served, asker.account_for(job)
    waiting = [each for _, each in context.store.candidates(account, job)]
    if not digest and waiting:
        asker.person_in(account)
        digest = _agreed(verb, asker.here, context, account, waiting)
        if not digest:
            return Printout({"accepted": False, "message": "Nothing was done."}, ("Nothing was done.",), fine=False)
    return asker.ask(Call(verb, line=" ".join(f"{verb} {job} {digest}".split()), job=job, digest=digest, reason=reason))


def _agreed(verb: str, here: Here, context: Context, account: str, waiting: list[Candidate]) -> str:
    """The digest of the only candidate, once it was shown and agreed to; "" when it was not."""
    if len(waiting) > 1:
        known = ", ".join(f"{each.short} ({each.lane.label})" for each in waiting)
        raise Refused(f"Several candidates wait: name one by its digest: {known}.")
    if here.json:
        raise click.UsageError(f"With --json nothing is asked: name the digest, {waiting[0].short}.")
    show(Printout(None, candidate_parts(context, account, waiting[0])), as_json=False)
    return waiting[0].digest if click.confirm(f"\n{verb.capitalize()} exactly this?") else ""


def candidate_parts(context: Context, account: str, candidate: Candidate) -> tuple[RenderableType, ...]:
    """A candidate as people see it: frozen versions, what changed, who said yes so far."""
    gate = candidate.definition.gate
    parts: list[RenderableType] = [
        Text.assemble((f"{candidate.job} waits for approval", "bold"), f" in {candidate.lane.label}, digest ", (candidate.short, "bold")),
        f"Approvers: {approvers(gate)}. {progress(candidate)}. {_deadline(context, candidate)}",
        table(("INPUT", "VERSION", "LABEL"), _inputs(context, account, candidate)),
    ]
    if candidate.values:
        parts.append("Values: " + " ".join(f"{key}={value}" for key, value in candidate.values))
    parts.append("Changed since the last approved run:" if candidate.changes else "Nothing changed since the last approved run.")
    return (*parts, *(f"  {change}" for change in candidate.changes))


def candidate_json(candidate: Candidate) -> shapes.Shape:
    return {**shapes.candidate(candidate), "approvers": approvers(candidate.definition.gate)}


def approvers(gate: Gate | None) -> str:
    if gate is None or not gate.restricted:
        return "whoever may write to the source's repository"
    return ", ".join(gate.approvers) or "nobody"


def progress(candidate: Candidate) -> str:
    required = candidate.definition.gate.required if candidate.definition.gate else 1
    said = ", ".join(each.by.login for each in candidate.approvals)
    return f"{len(candidate.approvals)} of {required} approved{f' ({said})' if said else ''}"


def _deadline(context: Context, candidate: Candidate) -> str:
    waits = f"Waits for {span(context.store.now() - candidate.created)}"
    return f"{waits}, expires {moment(candidate.expires)} UTC." if candidate.expires is not None else f"{waits}."


def _inputs(context: Context, account: str, candidate: Candidate) -> Iterable[tuple[str, str, str]]:
    for taken in candidate.inputs:
        found = context.store.version(account, taken.version) if taken.version else None
        yield taken.name, f"#{taken.version.number}" if taken.version else "none yet", found[1].label if found else ""
