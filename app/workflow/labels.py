"""A resource and a gate in a few words, for tables and drawings."""

from __future__ import annotations

from app.workflow.definition import Gate, Resource

POINTERS = ("sourceName", "interval")
"""What of a resource's content says what it stands for."""


def pointer(resource: Resource) -> str:
    """`acme/app`, `0 3 * * *`; "" when nothing of its content says what it stands for."""
    return next((str(resource.content[key]) for key in POINTERS if resource.content.get(key)), "")


def typed(resource: Resource) -> str:
    """`gitRepo acme/app`."""
    return f"{resource.type} {pointer(resource)}".rstrip()


def asked(gate: Gate | None) -> str:
    """Who is asked: `2 of alice, @acme/ops`; "" without a gate."""
    if gate is None:
        return ""
    who = ", ".join(gate.approvers) or "nobody" if gate.restricted else "write access"
    return f"{gate.required} of {who}" if gate.required > 1 else who
