"""`trigger`: any change of its definition starts the jobs that have it as IN (section 2.2)."""

from __future__ import annotations

from dataclasses import dataclass

from app.resources._base import Kind
from app.workflow.kinds import Field, Part


@dataclass(frozen=True, slots=True)
class Trigger(Kind):
    """The one kind whose definition triggers (section 4.1, E6)."""

    def triggers_on_definition(self) -> bool:
        return True


plugin = Trigger(
    name="trigger",
    code=1013,
    help="Starts jobs when its definition changes.",
    fields={"counter": Field("number", "Any number; change it to trigger.", required=True, part=Part.VERSION)},
    out=False,
)
