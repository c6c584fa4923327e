"""`time`: a clock that makes a version at each tick of a cron expression, in UTC (sections 2.2 and 4.8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.resources._base import Kind, text, written
from app.workflow.definition import JsonMap, Resource
from app.workflow.events import Event, Ticked
from app.workflow.kinds import Draft, Fault, Field, Part
from app.workflow.line import MAIN, Cause
from app.workflow.schedule import invalid


@dataclass(frozen=True, slots=True)
class Time(Kind):
    """Versions are ticks; the bag says which moment (`scheduledAt`, ISO 8601) the tick was due for."""

    def check(self, resource: Resource) -> Iterable[Fault]:
        sentence = invalid(text(resource.content, "interval"))
        return (Fault("interval", sentence),) if sentence else ()

    def first(self, resource: Resource) -> tuple[str, JsonMap] | None:  # noqa: ARG002 - only ticks make versions
        return None

    def draft(self, resource: Resource, event: Event) -> Draft | None:
        if not isinstance(event, Ticked):
            return Kind.draft(self, resource, event)
        if event.resource != resource.name:
            return None
        moment = datetime.fromtimestamp(event.scheduled, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        bag = {**written(resource, self.fields), "scheduledAt": moment}
        return Draft("", bag, MAIN, Cause(kind="tick", event=event.key, title=f"{resource.name} at {moment}"))


plugin = Time(
    name="time",
    code=1010,
    help="A clock: starts jobs at the times of a cron expression.",
    fields={"interval": Field("str", "A cron expression of five fields, in UTC.", required=True, part=Part.SEED)},
    out=False,
)
