"""`gateline schema`: the JSON Schema of workflow files, for editors."""

from __future__ import annotations

from app.cli.command import command
from app.cli.printout import Printout, dumped
from app.wire import kinds
from app.workflow.json_schema import schema as schema_of


@command("schema", "gateline schema > gateline.schema.json")
def schema() -> Printout:
    """Print the JSON Schema of workflow files, with which editors complete and check them."""
    found = schema_of(kinds())
    return Printout(found, (dumped(found, indent=2),))
