"""What the core asks of a kind of resource or job. Kinds are plugins (`app/resources`, `app/jobs`) and are handed in by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from app.workflow.definition import Job, Json, JsonMap, Output, Resource
from app.workflow.events import Event
from app.workflow.line import Cause, Lane
from app.workflow.plan import Plan, PlanInputs, Value


class Part(StrEnum):
    """Where the old syntax puts a field (spec/workflow-language.md section 2.1)."""

    POINTER = "pointer"
    SEED = "seed"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Field:
    """One key that a kind knows. `type` is str, int, number, bool, map, list, strings (a string or a list of them) or any.

    `help` is one sentence for the generated reference. `choices` limits a str. Numbers written where a str is wanted keep
    their source text (fact 10). `secret` fields are never exported to runs nor shown.
    """

    type: str
    help: str
    required: bool = False
    part: Part = Part.POINTER
    choices: tuple[str, ...] = ()
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a kind finds wrong with a definition: where (a key path such as `branches.only`) and a sentence."""

    path: str
    sentence: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A version that an event would make of a resource. `lane` is where it goes, `causes` what it stands for.

    `silent`: record it, start nothing (a late push). `skip`: make no version, report `reason` on the commit instead.
    """

    label: str
    bag: JsonMap
    lane: Lane
    cause: Cause
    silent: bool = False
    skip: bool = False
    reason: str = ""


class Use(StrEnum):
    """Whether something may, must or must not be there."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class ResourceKind(Protocol):
    """A type of resource: what may be written in its definition, and what its versions mean."""

    @property
    def name(self) -> str: ...
    @property
    def code(self) -> int:
        """The contract's numeric type code."""
        ...

    @property
    def help(self) -> str:
        """What it is for, one sentence."""
        ...

    @property
    def fields(self) -> Mapping[str, Field]: ...
    @property
    def integration(self) -> Use: ...
    @property
    def out(self) -> bool:
        """Whether it may be an OUT of a job."""
        ...

    @property
    def silent(self) -> bool:
        """True when its versions never trigger (state)."""
        ...

    @property
    def files(self) -> bool:
        """True when its versions hold files."""
        ...

    @property
    def family(self) -> str:
        """Types of one family may replicate each other; usually the name."""
        ...

    def check(self, resource: Resource) -> Iterable[Fault]:
        """What is wrong with it beyond what `fields` says."""
        ...

    def first(self, resource: Resource) -> tuple[str, JsonMap] | None:
        """The label and bag of the version that its definition makes, None when only events make versions."""
        ...

    def triggers_on_definition(self) -> bool:
        """Whether a changed definition triggers (only `trigger`)."""
        ...

    def draft(self, resource: Resource, event: Event) -> Draft | None:
        """The version that `event` makes of `resource`, None when it is none of its business or filtered out."""
        ...

    def merge(self, bag: JsonMap, keys: Mapping[str, str]) -> dict[str, Json]:
        """`bag` with the key-values that a job posted laid over it (params keep theirs in `params`)."""
        ...

    def rewritten(self, bag: JsonMap, by: JsonMap, taken: Iterable[JsonMap]) -> dict[str, Json]:
        """The bag when a script wrote `by` in place of `bag`. A repository's commit is never a script's to choose: it stays, or is
        that of one of the versions that the run has `taken` (bags)."""
        ...

    def emptied(self, bag: JsonMap) -> dict[str, Json]:
        """What `overwrite` starts from: an empty bag (`params: {}` for params; a repository keeps its commit)."""
        ...

    def replicate(self, bag: JsonMap, source: JsonMap) -> dict[str, Json]:
        """The bag that `replicate` makes: `source`'s content over `bag`, as this family does it."""
        ...

    def environment(self, name: str, resource: Resource, bag: JsonMap) -> Mapping[str, Value]:
        """Variables beyond the common ones (section 2.4), by full name. `name` is the sanitised upper-case name."""
        ...


class JobKind(Protocol):
    """A type of job: what may be written in its definition, and what a run of it does."""

    @property
    def name(self) -> str: ...
    @property
    def code(self) -> int: ...
    @property
    def help(self) -> str: ...
    @property
    def fields(self) -> Mapping[str, Field]:
        """Job-level keys beside the common ones; their values end up in `Job.attributes`."""
        ...

    @property
    def input_fields(self) -> Mapping[str, Field]:
        """IN attributes beside the common ones; their values end up in `Input.attributes`."""
        ...

    @property
    def output_fields(self) -> Mapping[str, Field]: ...
    @property
    def tasks(self) -> Use:
        """Whether `TASK` steps are forbidden, allowed or required."""
        ...

    @property
    def hook_scripts(self) -> bool:
        """Whether `on_success`, `on_failure`, `always` may have scripts (managed jobs: NOTIFY only)."""
        ...

    @property
    def reported(self) -> bool:
        """Whether its runs happen elsewhere and are only reported: no worker carries one out, nobody starts one."""
        ...

    def check(self, job: Job) -> Iterable[Fault]: ...
    def check_inputs(self, job: Job, types: Mapping[str, str]) -> Iterable[Fault]:
        """What is wrong with its INs: `types` has the type of each job and resource among them that somebody defines. The path of a
        fault is the IN's name, "" for the job."""
        ...

    def plan(self, job: Job, inputs: PlanInputs) -> Plan:
        """What a run does, as data. Raises `Unplannable` with a sentence when it cannot (the run ends `errored`)."""
        ...


@runtime_checkable
class MatrixKind(JobKind, Protocol):
    """A type of job whose run has cells, by the CI keys of the commit that it builds. Its `plan` is that of one cell."""

    def builds(self, job: Job) -> str:
        """The IN whose commit is built."""
        ...


@dataclass(frozen=True, slots=True)
class Kinds:
    """All kinds there are, by name."""

    resources: Mapping[str, ResourceKind]
    jobs: Mapping[str, JobKind]

    def may_be_output(self, resource: Resource, step: Output) -> bool:
        """A ciRepo only where it copies another repository's commit (spec/workflow-language.md section 10 #31)."""
        kind = self.resources.get(resource.type)
        return kind is not None and (kind.out or (step.replicate is not None and resource.watches))
