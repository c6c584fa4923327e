"""`gateline source`: which repositories' workflow files make up the line."""

from __future__ import annotations

import sys

import click
from rich.console import RenderableType
from rich.text import Text

from app.cli.command import Group
from app.cli.here import Here, pass_here
from app.cli.outline import Entry, outline, outline_table
from app.cli.printout import Printout, show, table
from app.cli.progress import progress
from app.cli.who import note, operator
from app.cli.words import NONE
from app.context import Context
from app.errors import NotFound, Refused
from app.sources import Check, Examined, add_source, examine, remove_source
from app.store import Source
from app.web import shapes
from app.workflow.definition import Json, Severity
from app.workflow.link import link


@click.group("source", cls=Group)
def source() -> None:
    """Add, list and remove the repositories that make up the line."""


@source.command(
    "add",
    examples=(
        "gateline source add github:acme/app",
        "gateline source add github:acme/app@release --yes",
        "gateline source add local:acme/app",
    ),
)
@click.argument("spec", metavar="FORGE:OWNER/REPO[@BRANCH]")
@click.option("--yes", is_flag=True, help="Do not ask, even when something has to be mended first.")
@pass_here
def add(here: Here, spec: str, yes: bool) -> Printout:
    """Check everything that a source needs, show what would run, and add it. Adding runs nothing."""
    context = here.served
    with progress(f"Looking at {spec}"):
        examined = _examined(context, spec)
    entries = _entries(context, examined)
    told: dict[str, Json] = {
        "source": examined.source.key,
        "checks": [
            {"subject": each.subject, "fine": each.fine, "sentence": each.sentence, "remedy": each.remedy} for each in examined.checks
        ],
        "problems": [str(problem) for problem in examined.reading.problems],
        "jobs": [each.told for each in entries],
    }
    parts = (*_checks(examined), *_plan(examined, entries))
    known = context.store.source(examined.source.key) is not None
    refusal = "" if known or yes else _refusal(here, examined, parts)
    asked = not yes and not known and _interactive(here)
    if refusal:
        return Printout({**told, "added": False, "message": refusal}, (refusal,) if asked else (*parts, refusal), fine=False)
    with progress(f"Reading the workflow files of {examined.source.full_name}"):
        said = add_source(context, examined.repository, examined.source.branch)
    if not known:
        note(context, examined.source.account, "source add", examined.source.key)
    message = said if known else f"Added {examined.source.key}. {said}."
    return Printout({**told, "added": not known, "message": message}, (message,) if asked else (*parts, message))


def _interactive(here: Here) -> bool:
    return sys.stdin.isatty() and not here.json


def _refusal(here: Here, examined: Examined, parts: tuple[RenderableType, ...]) -> str:
    """Why it is not added after all, "" when it is: a person says so, or nobody is there to ask and something is wrong."""
    if not _interactive(here):
        return "" if examined.fine else "Not added: mend what is marked ✗, or say --yes."
    show(Printout(None, parts), as_json=False)
    return "" if click.confirm(f"\nAdd {examined.source.key}?", default=examined.fine) else "Nothing was added."


def _examined(context: Context, spec: str) -> Examined:
    try:
        return examine(context, spec)
    except NotFound as problem:
        name = spec.partition(":")[2].partition("@")[0]
        raise NotFound(f"{problem}: make it with `gateline repo create {name}`." if spec.startswith("local:") else str(problem)) from None


def _checks(examined: Examined) -> list[RenderableType]:
    return [_check(each) for each in examined.checks]


def _check(check: Check) -> Text:
    mark = ("✓ ", "green") if check.fine else ("✗ ", "red")
    remedy = f"\n  to do: {check.remedy}" if check.remedy else ""
    return Text.assemble(mark, (f"{check.subject}: ", "bold"), check.sentence, (remedy, "yellow"))


def _entries(context: Context, examined: Examined) -> tuple[Entry, ...]:
    """What the source's own jobs would be, linked with the account's other sources."""
    fragment = examined.reading.fragment
    if fragment is None:
        return ()
    others = context.store.ask(examined.source.account, lambda line: line.fragments().of)
    linked = link({**{key: each for key, each in others.items() if key != fragment.source}, fragment.source: fragment}, kinds=context.kinds)
    return outline(linked.workflow, (job for job in linked.workflow.jobs.values() if job.source == fragment.source))


def _plan(examined: Examined, entries: tuple[Entry, ...]) -> list[RenderableType]:
    if examined.reading.tip is None:
        return []
    shown = [Text(f"  {problem}", "red" if problem.severity is Severity.ERROR else "yellow") for problem in examined.reading.problems[:20]]
    shown += [Text(f"  {entry.job}: {sentence}", "red") for entry in entries for sentence in entry.problems]
    return [*shown, *((outline_table(entries),) if entries else ())]


@source.command("list", examples=("gateline source list",))
@pass_here
def list_(here: Here) -> Printout:
    """List the sources, with the commit whose files are in force."""
    found = here.served.store.sources()
    rows = [(each.key, each.account, each.commit[:12] or NONE, _state(each)) for each in found]
    shown = table(("SOURCE", "ACCOUNT", "ADOPTED", "STATE"), rows) if found else "No sources yet: gateline source add FORGE:OWNER/REPO"
    return Printout([shapes.source(each) for each in found], (shown,))


def _state(source: Source) -> str:
    errors = sum(problem.severity is Severity.ERROR for problem in source.problems)
    if not source.commit:
        return "nothing adopted yet" if not errors else f"nothing adopted yet, {errors} errors"
    return f"{errors} errors, see `gateline show --problems`" if errors else "fine"


@source.command("remove", examples=("gateline source remove github:acme/app@main",))
@click.argument("key", metavar="FORGE:OWNER/REPO[@BRANCH]")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_here
def remove(here: Here, key: str, yes: bool) -> Printout:
    """Take a source away: its jobs and resources go, waiting gates end."""
    context = here.served
    known = _known(context, key)
    if not yes and _interactive(here) and not click.confirm(f"Remove {known.key}, and with it all its jobs and resources?"):
        return Printout({"removed": False, "message": "Nothing was removed."}, ("Nothing was removed.",), fine=False)
    left = remove_source(context, known.key, operator())
    note(context, known.account, "source remove", known.key)
    message = f"Removed {known.key}."
    parts = [message, *(f"The secret {name} was only for it and stays: gateline secret remove {name}" for name in left)]
    return Printout({"removed": True, "message": message, "secrets": list(left)}, tuple(parts))


def _known(context: Context, key: str) -> Source:
    """By its key, or without the branch where that is unique. Raises NotFound, Refused."""
    found = [each for each in context.store.sources() if key in (each.key, f"{each.forge}:{each.full_name}")]
    if len(found) > 1:
        raise Refused(f"Several sources are meant: {', '.join(each.key for each in found)}.")
    if not found:
        known = ", ".join(each.key for each in context.store.sources()) or "none"
        raise NotFound(f"{key} is no source; sources are: {known}.")
    return found[0]
