"""`gateline graph`: draws the line that workflow files make, offline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from app.cli.command import command
from app.cli.offline import check, repositories
from app.cli.printout import Printout, dumped
from app.wire import kinds
from app.workflow.drawing.dot import dot
from app.workflow.drawing.mermaid import mermaid
from app.workflow.drawing.svg import svg
from app.workflow.drawing.tree import tree
from app.workflow.graph import Graph, graph_of


def _json(graph: Graph) -> str:
    return dumped(graph.told, indent=2)


FORMATS: Mapping[str, Callable[[Graph], str]] = {"text": tree, "mermaid": mermaid, "dot": dot, "json": _json, "svg": svg}


@command("graph", "gateline graph", "gateline graph --format svg . > line.svg", "gateline graph ../app ../infra --format mermaid")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(tuple(FORMATS)), default="text", show_default=True, help="How to draw it.")
def graph(paths: tuple[Path, ...], form: str) -> Printout:
    """Draw the line that workflow files make: solid triggers, dotted does not."""
    checked = check(repositories(paths or (Path(),)))
    for finding in checked.errors:
        click.echo(finding.text().plain, err=True)
    drawn = graph_of(checked.workflow, kinds())
    if not drawn.vertices:
        return Printout(drawn.told, ("Nothing to draw: these files define no job and no resource.",), False)
    return Printout(drawn.told, (FORMATS[form](drawn),), not checked.errors)
