"""How a gate that changes lets more or less through (product.md section 4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from app.workflow.definition import Gate
from app.workflow.labels import asked


class Weight(StrEnum):
    """Whether a gate lets more through than before."""

    WEAKER = "weaker"
    STRONGER = "stronger"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class GateChange:
    """One way in which the gate of `job` is another."""

    weight: Weight
    job: str
    sentence: str


def gate_changes(job: str, old: Gate | None, new: Gate | None) -> Iterator[GateChange]:
    """How a gate that changes is weaker or stronger: fewer or more people, more or fewer of whom may approve (product.md section 4)."""
    if old is None or new is None:
        if new is not None:
            yield GateChange(Weight.STRONGER, job, f"it has a gate now, which asks {asked(new)}")
        if old is not None:
            yield GateChange(Weight.WEAKER, job, f"it has no gate any more, which asked {asked(old)}")
        return
    weighed = (
        (new.required < old.required, new.required > old.required, f"{old.required} approvals before, {new.required} now"),
        *_approvers(old, new),
        (*_grown(old.author_may_approve, new.author_may_approve), f"its author may {'' if new.author_may_approve else 'not '}approve"),
        (*_grown(old.reviews, new.reviews), f"approvals by review {'count' if new.reviews else 'do not count any more'}"),
    )
    for weaker, stronger, sentence in weighed:
        if weaker or stronger:
            yield GateChange(Weight.WEAKER if weaker else Weight.STRONGER, job, sentence)
    if (old.timeout, old.on_timeout_reject) != (new.timeout, new.on_timeout_reject):
        yield GateChange(Weight.OTHER, job, "its time limit, or what comes of that, is another")


def _grown(before: bool, after: bool) -> tuple[bool, bool]:
    return after and not before, before and not after


def _approvers(old: Gate, new: Gate) -> Iterator[tuple[bool, bool, str]]:
    if old.restricted != new.restricted:
        yield (
            not new.restricted,
            new.restricted,
            f"{asked(replace(new, required=1))} may approve, before: {asked(replace(old, required=1))}",
        )
        return
    for name in new.approvers:
        yield name not in old.approvers, False, f"{name} may approve too"
    for name in old.approvers:
        yield False, name not in new.approvers, f"{name} may not approve any more"
