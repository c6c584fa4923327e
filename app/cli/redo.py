"""`gateline redo`: errands that failed or are being put off are done again at once."""

from __future__ import annotations

import click

from app.cli.command import command
from app.cli.here import Here, pass_here
from app.cli.printout import Printout
from app.cli.who import note
from app.errors import NotFound
from app.workflow.errands import ERRANDS


@command("redo", "gateline redo 4711", "gateline redo --all")
@click.argument("errand", type=click.IntRange(min=1), required=False)
@click.option("--all", "everything", is_flag=True, help="All that failed or is being put off.")
@pass_here
def redo(here: Here, errand: int | None, everything: bool) -> Printout:
    """Do an errand again that failed or is put off; `show --problems` lists them."""
    if (errand is None) is not everything:
        raise click.UsageError("Name an errand, or say --all.")
    context = here.served
    stuck = {each.id: each for each in context.store.stuck()}
    wanted = list(stuck) if everything else [errand for errand in (errand,) if errand in stuck]
    if not everything and not wanted:
        raise NotFound(f"Errand {errand} neither failed nor is it being put off: `gateline show --problems` lists those that are.")
    done = [id for id in wanted if context.store.redo(id)]
    for id in done:
        note(context, stuck[id].account, "redo", f"errand {id}", stuck[id].errand.kind)
    if done:
        context.bell.ring(ERRANDS)
    message = f"Due again now: {', '.join(f'{id} ({stuck[id].errand.kind})' for id in done)}." if done else "Nothing is to be done again."
    return Printout({"redone": [*done], "message": message}, (message,))
