"""`gateline validate`: reads workflow files as an adoption would, offline, and says what is wrong and what would run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from rich.console import RenderableType

from app.cli.command import command
from app.cli.offline import COLOURS, Checked, Finding, check, repositories
from app.cli.outline import Entry, outline, outline_table
from app.cli.printout import Printout
from app.workflow.definition import Json

MOST_SHOWN = 200
"""Jobs in the table: more of them nobody reads, and drawing thousands takes longer than checking them."""


@command("validate", "gateline validate", "gateline validate .gateline/deploy.yml", "gateline validate --strict ../app ../infra")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(exists=True, path_type=Path))
@click.option("--strict", is_flag=True, help="A name that is not defined here is an error: these files are the whole line.")
def validate(paths: tuple[Path, ...], strict: bool) -> Printout:
    """Check workflow files without a server: folders (default: this one) or single files."""
    checked = check(repositories(paths or (Path(),)), strict)
    if not checked.files:
        sentence = f"No workflow file in {', '.join(map(str, paths)) or 'this folder'}: a gateline.yml is looked for."
        told: Json = {"files": [], "findings": [each.told for each in checked.findings], "jobs": []}
        return Printout(told, _parts(checked.findings, [], sentence), False)
    entries = outline(checked.workflow, checked.workflow.jobs.values())
    told = {
        "files": list(checked.files),
        "findings": [each.told for each in checked.findings],
        "jobs": [each.told for each in entries],
        "resources": [{"name": each.name, "type": each.type} for each in checked.workflow.resources.values()],
    }
    return Printout(told, _parts(checked.findings, entries, _summary(checked)), not checked.errors)


def _parts(findings: Iterable[Finding], entries: Iterable[Entry], summary: str) -> tuple[RenderableType, ...]:
    shown = list(entries)
    tables: tuple[RenderableType, ...] = (outline_table(shown[:MOST_SHOWN]),) if shown else ()
    if len(shown) > MOST_SHOWN:
        tables = (*tables, f"… and {len(shown) - MOST_SHOWN} more jobs; `gateline validate --json` has all")
    return (*(each.text() for each in findings), *tables, summary)


def _summary(checked: Checked) -> str:
    workflow = checked.workflow
    counts = (
        (len(checked.files), "file"),
        (len(workflow.jobs), "job"),
        (len(workflow.resources), "resource"),
        (sum(job.gate is not None for job in workflow.jobs.values()), "gate"),
        *((checked.count(level), level) for level in COLOURS),
    )
    return ", ".join(f"{number or 'no'} {noun}{'' if number == 1 else 's'}" for number, noun in counts)
