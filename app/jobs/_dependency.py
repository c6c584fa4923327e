"""The IN and OUT steps of one run, in their order, with what each holds and which variables it brings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from app.workflow.definition import HookKind, Input, Job, Json, JsonMap, Output
from app.workflow.kinds import Field, ResourceKind
from app.workflow.names import env_name
from app.workflow.plan import JOB_PATH, Held, PlanInputs, Unplannable, Value
from app.workflow.variables import expand

INPUT_FIELDS: Mapping[str, Field] = {
    "showBuildStatus": Field("bool", "Accepted from old files: every job reports on the commits that caused its runs."),
    "pull": Field("bool", "Of an image: fetch it before the tasks run."),
    "scopes": Field("strings", "Of a cliConfig: what to log in as well: `ecr` (AWS), `aks` (Azure), `gke` and `gcr` (Google Cloud)."),
    "vote": Field("any", "Accepted from old files; Gerrit only."),
    "applyTo": Field("any", "Read by manifest and deploy jobs only."),
    "force": Field("bool", "Read by deploy jobs only."),
    "deployName": Field("str", "Read by deploy jobs only."),
}
"""IN attributes of jobs that run scripts."""

UNEXPANDED = "params"
"""The type whose values are not templates (spec/workflow-language.md section 2.1)."""
SECURE = "secure"
"""The key of params that is encrypted."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """One step. `kind` is None for a job. `label` and `bag` are the version's, with `$NAME` in what the definition wrote replaced."""

    step: Input | Output
    held: Held
    kind: ResourceKind | None
    label: str
    bag: JsonMap

    @property
    def name(self) -> str:
        return self.held.name

    @property
    def prefix(self) -> str:
        """`<NAME>` of section 2.4."""
        return env_name(self.name)

    @property
    def operation(self) -> str:
        return "IN" if isinstance(self.step, Input) else "OUT"

    @property
    def folder(self) -> str:
        return f"{self.operation}/{self.name}"

    @property
    def state(self) -> str:
        """Clone, state files or, of params, a file."""
        return f"{self.folder}/{self.held.type}"

    @property
    def integration(self) -> str | None:
        return self.held.resource.integration if self.held.resource else None

    @property
    def repository(self) -> bool:
        return self.kind is not None and self.kind.family == "repository"


def dependencies(job: Job, inputs: PlanInputs, known: Mapping[str, Value]) -> Iterator[Dependency]:
    """The steps in order. Texts of a version see `known` and the variables of the INs before it. Raises `Unplannable`."""
    texts = {name: value for name, value in known.items() if isinstance(value, str)}
    for step in job.steps:
        if not isinstance(step, Input | Output):
            continue
        dependency = _resolved(step, inputs, texts)
        if isinstance(step, Input):
            texts |= {name: value for name, value in variables(dependency).items() if isinstance(value, str)}
        yield dependency


def withheld(dependency: Dependency) -> Dependency:
    """The same for a run that may see no secrets: without what is encrypted (product.md section 8)."""
    params = dependency.bag.get("params")
    if dependency.held.type != UNEXPANDED or not isinstance(params, dict):
        return dependency
    return replace(dependency, bag={**dependency.bag, "params": {key: value for key, value in params.items() if key != SECURE}})


def variables(dependency: Dependency) -> dict[str, Value]:
    """What a step exports by section 2.4, its integration apart. Keys of params come from INs only."""
    held, prefix = dependency.held, dependency.prefix
    found: dict[str, Value] = {}
    if dependency.kind is not None and held.resource is not None:
        found |= dependency.kind.environment(prefix, held.resource, dependency.bag)
    if isinstance(dependency.step, Output):
        found = {name: value for name, value in found.items() if _of_output(prefix, name)}
    return found | _common(dependency)


def _of_output(prefix: str, name: str) -> bool:
    return name.startswith(f"{prefix}_") and not name.startswith(f"{prefix}_PARAMS_")


def _common(dependency: Dependency) -> dict[str, Value]:
    held, version = dependency.held, dependency.held.version
    found: dict[str, Value] = {
        "NAME": held.name,
        "ID": held.id,
        "TYPE": held.type,
        "OPERATION": dependency.operation,
        "PATH": f"{JOB_PATH}/{dependency.folder}",
        "META": f"{JOB_PATH}/{dependency.folder}",
        "STATE": f"{JOB_PATH}/{dependency.state}",
    }
    if version is not None:
        found |= {"VERSIONID": held.version_id, "VERSIONNUMBER": str(version.ref.number), "VERSIONNAME": dependency.label}
    source = dependency.bag.get("sourceName")
    if isinstance(source, str):
        found["SOURCENAME"] = source
    return {f"{dependency.prefix}_{suffix}": value for suffix, value in found.items()}


def _resolved(step: Input | Output, inputs: PlanInputs, texts: Mapping[str, str]) -> Dependency:
    held = (inputs.inputs if isinstance(step, Input) else inputs.outputs).get(step.name)
    if held is None or not held.type:
        raise Unplannable(f"{step.name} is an input or output of this job but nobody defines it any more.")
    if "/" in held.name or held.name in (".", ".."):
        raise Unplannable(f"{held.name} cannot be the name of a folder: rename it.")
    if held.resource is None:
        return _unexpanded(step, held, None)
    if held.type not in inputs.kinds:
        raise Unplannable(f"{held.name} is of type {held.type}, which this installation does not know.")
    dependency = _unexpanded(step, held, inputs.kinds[held.type])
    return dependency if held.type == UNEXPANDED else _expanded(dependency, texts)


def _unexpanded(step: Input | Output, held: Held, kind: ResourceKind | None) -> Dependency:
    version = held.version
    return Dependency(step, held, kind, version.label if version else "", version.bag if version else {})


def _expanded(dependency: Dependency, texts: Mapping[str, str]) -> Dependency:
    """Templates are what the definition wrote: its keys and the label. Commits, payloads and headers are not ours to read so."""
    templates = dependency.held.resource.content if dependency.held.resource else {}
    bag = {key: _filled(value, texts) if key in templates else value for key, value in dependency.bag.items()}
    return Dependency(dependency.step, dependency.held, dependency.kind, expand(dependency.label, texts), bag)


def _filled(value: Json, texts: Mapping[str, str]) -> Json:
    if isinstance(value, str):
        return expand(value, texts)
    if isinstance(value, list):
        return [_filled(item, texts) for item in value]
    return {key: _filled(item, texts) for key, item in value.items()} if isinstance(value, dict) else value


def of_fork(inputs: PlanInputs, steps: Iterable[Dependency]) -> bool:
    """Whether a fork's commit caused the run or is what it takes (product.md section 8)."""
    taken = any(step.repository and step.operation == "IN" and step.bag.get("fork") is True for step in steps)
    return taken or any(cause.fork for cause in inputs.run.causes)


def hook_script(job: Job, kind: HookKind) -> tuple[str, ...]:
    hook = job.hooks.get(kind)
    return hook.script if hook else ()
