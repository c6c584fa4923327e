"""`release`: a semantic version for the manifests that its INs hold (spec/workflow-language.md section 3.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from app.jobs._dependency import Dependency
from app.jobs._managed import CARRIERS, Managed, carried, complete, described, left, settled, taken
from app.workflow.definition import Job, Json
from app.workflow.deployment import merged
from app.workflow.kinds import Fault, Field
from app.workflow.line import Version
from app.workflow.plan import Plan, PlanInputs, Section, Unplannable
from app.workflow.semver import ACTIONS, bump, invalid, newest

DEFAULT_BUMP = "minor"
COUNTED = ("version", *CARRIERS)
"""Types of INs that may give a release something to count from."""


class Release(Managed):
    """Its version's name always begins with `v`; it may be a pure counter, without a manifest (section 10 #23, #24)."""

    __slots__ = ()

    def check_inputs(self, job: Job, types: Mapping[str, str]) -> Iterable[Fault]:
        if complete(job, types) and not any(type in COUNTED for type in types.values()):
            yield Fault("", "a release needs something to count from: an IN of type version, or a release job.")

    def plan(self, job: Job, inputs: PlanInputs) -> Plan:
        steps = taken(job, inputs)
        action = job.attributes.get("bump")
        action = action if isinstance(action, str) else DEFAULT_BUMP
        seed, base = _seed(steps), _base(job, steps, inputs.previous)
        try:
            label = f"v{bump(base, action).removeprefix('v')}"
        except ValueError as problem:
            raise Unplannable(f"{job.name} cannot count on: {problem}") from None
        manifests = merged(carried(step) for step in steps)
        bag: dict[str, Json] = {"manifests": [each.json for each in manifests], "seed": seed, "base": base, "bump": action}
        listed = tuple(each.described for each in manifests) or ("no manifests",)
        account = (described(steps), Section("Release", (f"{base} -> {label} ({action})", *listed)))
        return settled(job, inputs, account, left(bag, label))


def _seed(steps: Sequence[Dependency]) -> str:
    """What the IN of type `version` says, "" without one. Of several the last counts."""
    return next((step.label for step in reversed(steps) if step.held.type == "version"), "")


def _base(job: Job, steps: Sequence[Dependency], previous: Version | None) -> str:
    """The version to bump: that of an IN release; otherwise the greatest of the job's own last one, the seed, and what INs carry.

    The own last one counts on from its seed, so it comes after it, though a pre-release is less than its release. After another seed
    the count begins anew. Raises Unplannable when there is nothing to count from.
    """
    released = [step.label for step in steps if step.held.type == "release" and step.label]
    if released:
        return newest(released)
    seed = _seed(steps)
    found = [step.label for step in steps if step.held.type in CARRIERS and step.label and not invalid(step.label)]
    if previous is not None and previous.label and previous.bag.get("seed") == seed:
        found.append(previous.label)
    elif seed:
        found.append(seed)
    if not found:
        raise Unplannable(f"{job.name} has nothing to count from: give it an IN of type version, or a release job.")
    return newest(found)


plugin = Release(
    name="release",
    code=2008,
    help="Gives the manifests of its INs the next semantic version.",
    fields={"bump": Field("str", "Which part of the version is counted; `minor` unless given.", choices=ACTIONS)},
)
