"""`webhook`: anybody who has its key posts JSON to it and so makes a version (sections 2.2 and 4.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.resources._base import Kind
from app.workflow.definition import Json, JsonMap, Resource
from app.workflow.events import Event, WebhookReceived
from app.workflow.kinds import Draft, Fault, Field, Part
from app.workflow.line import MAIN, Cause

CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Headers that are how the sender proved itself: not part of what it said."""


@dataclass(frozen=True, slots=True)
class Webhook(Kind):
    """The bag of a version is `payload`, the posted JSON, and `headers`, without the sender's credentials."""

    def check(self, resource: Resource) -> Iterable[Fault]:
        if {"pointer", "seed", "version"} & set(resource.raw):
            yield Fault("webhookKey", "A webhook knows the `versionTemplate` syntax only: put `webhookKey` there.")

    def first(self, resource: Resource) -> tuple[str, JsonMap] | None:  # noqa: ARG002 - only posts make versions
        return None

    def draft(self, resource: Resource, event: Event) -> Draft | None:
        if not isinstance(event, WebhookReceived):
            return Kind.draft(self, resource, event)
        if event.resource != resource.name:
            return None
        bag: dict[str, Json] = {"payload": dict(event.payload), "headers": _public(event.headers)}
        return Draft("", bag, MAIN, Cause(kind="webhook", event=event.key, title=resource.name))


def _public(headers: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in headers.items() if name.lower() not in CREDENTIALS}


plugin = Webhook(
    name="webhook",
    code=1024,
    help="Starts jobs when somebody posts JSON to its address.",
    fields={
        "webhookKey": Field(
            "str", "The password of its address; the user is the resource's name.", required=True, part=Part.VERSION, secret=True
        )
    },
    out=False,
)
