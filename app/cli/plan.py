"""`gateline plan`: what adopting other workflow files would change, offline."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import RenderableType
from rich.text import Text

from app.cli.command import command
from app.cli.offline import Checked, check
from app.cli.printout import Printout
from app.cli.revision import files_of
from app.wire import kinds
from app.workflow.definition import Json
from app.workflow.diff import Diff, diff, told
from app.workflow.diff_text import NOTHING, sections, summary

COLOURS = {"+": "green", "-": "red", "!": "yellow"}


@command("plan", "gateline plan main HEAD", "gateline plan main", "gateline plan ../before ../after --json")
@click.argument("old")
@click.argument("new", default=".")
@click.option(
    "-C", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path(), help="A folder of the repository."
)
def plan(old: str, new: str, folder: Path) -> Printout:
    """Show what changing the workflow files from OLD to NEW changes: each a folder, a file or a git revision."""
    before, after = (check([files_of(place, folder)]) for place in (old, new))
    found = diff(before.workflow, after.workflow, kinds())
    shown: dict[str, Json] = {"findings": [each.told for each in after.findings], "plan": told(found), "summary": summary(found)}
    return Printout(
        shown, (*_unreadable(old, before), *(each.text() for each in after.errors), *_drawn(found)), not (after.errors or before.errors)
    )


def _unreadable(name: str, checked: Checked) -> tuple[str, ...]:
    """What is wrong with what it is compared with: a job left out there looks added."""
    if not checked.errors:
        return ()
    return (
        f"{name} has errors itself, so that what is wrong there is missing from the comparison:",
        *(str(each.problem) for each in checked.errors),
        "",
    )


def _drawn(found: Diff) -> tuple[RenderableType, ...]:
    if found.empty:
        return (NOTHING,)
    parts: list[RenderableType] = []
    for section in sections(found):
        parts += [Text(section.heading, "bold"), *(Text(f"  {line}", COLOURS[line[0]]) for line in section.lines)]
    return (*parts, summary(found))
