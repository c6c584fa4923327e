"""`manifest`: images or files at concrete versions, with their options, as one deployable unit (spec/workflow-language.md section 3.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from app.jobs._dependency import Dependency
from app.jobs._managed import Managed, applies_to_faults, complete, described, left, passed_over, settled, taken
from app.jobs._merging import overlaid, with_defaults
from app.workflow.definition import Job
from app.workflow.deployment import Manifest, Part
from app.workflow.kinds import Fault
from app.workflow.plan import Plan, PlanInputs, Section, Unplannable

UNITS = ("image", "file")
MERGED = ("dockerOptions", "params", "replicas")


class ManifestKind(Managed):
    """Its version is immutable, and new on every run. INs of other types only trigger."""

    __slots__ = ()

    def check_inputs(self, job: Job, types: Mapping[str, str]) -> Iterable[Fault]:
        units = {step.name: types[step.name] for step in job.inputs if types.get(step.name) in UNITS}
        if len(set(units.values())) > 1:
            first = next(iter(units.values()))
            other = next(name for name, type in units.items() if type != first)
            yield Fault(other, f"a manifest has images or files, never both: `{other}` is a {units[other]}. Make it two manifests.")
        if not units and complete(job, types):
            yield Fault("", "a manifest needs at least one IN of type image or file.")
        if "file" in units.values():
            yield from passed_over(job, types, ("dockerOptions", "replicas"), "it is for images, and this manifest has files.")
        for step in job.inputs:
            if types.get(step.name) in MERGED and (units or complete(job, types)):
                yield from applies_to_faults(step, units, "images or files")

    def plan(self, job: Job, inputs: PlanInputs) -> Plan:
        steps = taken(job, inputs)
        made = _manifest(job, steps)
        account = (described(steps), Section("Manifest", tuple(_account(made))))
        return settled(job, inputs, account, left(made.json))


def _manifest(job: Job, steps: tuple[Dependency, ...]) -> Manifest:
    units = [step for step in steps if step.held.type in UNITS]
    kinds = {step.held.type for step in units}
    if len(kinds) != 1:
        raise Unplannable(f"{job.name} needs INs of type image, or of type file, and has {' and '.join(sorted(kinds)) or 'neither'}.")
    bare = Manifest(job.name, units[0].held.type, tuple(_part(step) for step in units))
    return with_defaults(overlaid(bare, steps))


def _part(step: Dependency) -> Part:
    source, version = step.bag.get("sourceName"), step.held.version
    if not isinstance(source, str) or version is None:
        raise Unplannable(f"{step.name} does not say what it refers to: give it a `sourceName`.")
    return Part(step.name, source, step.label, version.ref.number, step.integration or "")


def _account(made: Manifest) -> Iterator[str]:
    """Values of params are named, not shown."""
    for part in made.parts:
        yield f"{part.name}: {part.source}:{part.label}"
        if part.options:
            yield f"  options: {', '.join(f'{key}={value}' for key, value in sorted(part.options.items()))}"
        if part.env:
            yield f"  params: {', '.join(sorted(part.env))}"
    if made.replicas:
        yield f"replicas: {', '.join(f'{key}={value}' for key, value in sorted(made.replicas.items()))}"


plugin = ManifestKind(
    name="manifest",
    code=2000,
    help="Puts images, or files, at concrete versions together with their options as one deployable unit.",
)
