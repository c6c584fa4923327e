"""What managed jobs share: no scripts of the user's, a log that says what went in and what came out, a version as the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.jobs._dependency import Dependency, dependencies
from app.jobs._variables import job_variables
from app.workflow.definition import Input, Job, JsonMap
from app.workflow.deployment import Manifest, manifests_in, read
from app.workflow.events import Left
from app.workflow.kinds import Fault, Field, Use
from app.workflow.outputs import LABEL
from app.workflow.plan import Plan, PlanInputs, Section, Unplannable

CARRIERS = ("manifest", "release", "deploy")
"""Types of jobs whose versions hold manifests."""

INPUT_FIELDS = {
    "applyTo": Field("any", "Of params and dockerOptions: the names of the images, files or manifests that they are for."),
    "showBuildStatus": Field("bool", "Accepted from old files: every job reports on the commits that caused its runs."),
    "force": Field("bool", "Read by deploy jobs only."),
    "deployName": Field("str", "Read by deploy jobs only."),
}


@dataclass(frozen=True, slots=True)
class Managed:
    """A kind of job whose work is Gateline's own: only NOTIFY in its hooks, no TASK but `managed`."""

    name: str
    code: int
    help: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    input_fields: Mapping[str, Field] = field(default_factory=lambda: INPUT_FIELDS)
    output_fields: Mapping[str, Field] = field(default_factory=dict)
    tasks: Use = Use.NONE
    hook_scripts: bool = False
    reported: bool = False

    def check(self, job: Job) -> Iterable[Fault]:  # noqa: ARG002 - kinds with rules of their own read it
        return ()

    def check_inputs(self, job: Job, types: Mapping[str, str]) -> Iterable[Fault]:  # noqa: ARG002 - see check
        return ()


def taken(job: Job, inputs: PlanInputs) -> tuple[Dependency, ...]:
    """The INs of a run, in their order, with `$NAME` in what definitions wrote replaced (section 2.1). Raises Unplannable."""
    found = dependencies(job, inputs, job_variables(job, inputs))
    return tuple(step for step in found if isinstance(step.step, Input))


def described(steps: Iterable[Dependency]) -> Section:
    """What went in: each IN with its type and version."""
    return Section("Inputs", tuple(_described(step) for step in steps) or ("none",))


def _described(step: Dependency) -> str:
    version = step.held.version
    if version is None:
        return f"{step.name} ({step.held.type})"
    label = f" {step.label}" if step.label else ""
    return f"{step.name} ({step.held.type}) version {version.ref.number}{label}"


def carried(step: Dependency) -> tuple[Manifest, ...]:
    """The manifests that the version of an IN job holds. Raises Unplannable for one that this version of Gateline cannot read."""
    if step.held.type not in CARRIERS or step.held.version is None:
        return ()
    try:
        if step.held.type == "manifest":
            made = read(dict(step.bag))
            return (Manifest(made.name, made.kind, made.parts, made.replicas, step.held.version.ref.number),)
        return manifests_in(step.bag)
    except ValueError:
        raise Unplannable(f"version {step.held.version.ref.number} of {step.name} holds no manifest: run {step.name} again.") from None


def left(bag: JsonMap, label: str = "") -> Left:
    """The job's next version."""
    return Left(keys=((LABEL, label),) if label else (), bag=bag)


def settled(job: Job, inputs: PlanInputs, account: Sequence[Section], own: Left) -> Plan:
    """A run that is done once it is planned."""
    return Plan(job.name, inputs.run.ref.number, env=(), executor="inline", account=tuple(account), own=own)


def passed_over(job: Job, types: Mapping[str, str], of: Iterable[str], why: str) -> Iterator[Fault]:
    """Warns of INs of types that have no effect here."""
    vain = tuple(of)
    for step in job.inputs:
        if types.get(step.name) in vain:
            yield Fault(step.name, f"`{step.name}` is a {types[step.name]} and has no effect: {why}", warning=True)


def complete(job: Job, types: Mapping[str, str]) -> bool:
    """Whether every IN is known, so that one can say what is missing."""
    return all(step.name in types for step in job.inputs)


def names_in(value: object) -> tuple[str, ...]:
    """The names of an `applyTo` of params, dockerOptions or replicas: a list, or one text (section 10 #13)."""
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def applies_to_faults(step: Input, known: Iterable[str], noun: str) -> Iterator[Fault]:
    """Faults of the `applyTo` of one IN of type params, dockerOptions or replicas: it must name some of `known`."""
    value = step.attributes.get("applyTo")
    if value is None:
        return
    names = names_in(value)
    if not names or (isinstance(value, list) and len(names) != len(value)):
        yield Fault(step.name, f"`applyTo` of `{step.name}` must be a list of names of {noun} among the INs.")
    there = tuple(known)
    for name in names:
        if name not in there:
            listed = ", ".join(there) or "none"
            yield Fault(step.name, f"`applyTo` of `{step.name}` names `{name}`, which is none of the {noun} among the INs ({listed}).")
