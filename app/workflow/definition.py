"""What workflow files say, as frozen values: the contract is `spec/workflow-language.md` sections 1 to 3.

Nothing here runs, and nothing here knows YAML: `parse` builds these from files, `link` joins them over an account.
Free-form parts of a definition (a version's content, attributes that only one kind reads) are JSON values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import TypeAlias

from typing_extensions import TypeAliasType

Json = TypeAliasType("Json", "bool | int | float | str | list[Json] | dict[str, Json] | None")
JsonMap = TypeAliasType("JsonMap", Mapping[str, Json])


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in a source's files something stands: `file`, 1-based `line` and `column` (0, 0: the file as a whole)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


NOWHERE = Place("")


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a workflow file: a place, a sentence that says what and how to mend it.

    `subject` is the job or resource that it concerns, "" for the file. `nearest` is the known word that was probably meant.
    """

    place: Place
    severity: Severity
    sentence: str
    subject: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        hint = f" (did you mean {self.nearest}?)" if self.nearest else ""
        return f"{self.place}: {self.severity}: {self.sentence}{hint}"


class Mode(StrEnum):
    """`dependencyMode`: when an upstream event makes a run, and when that run may start (section 4.2)."""

    CHRONO = "chrono"
    IMMEDIATE = "immediate"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Pin:
    """A fixed version of an input: by `number`, or the newest version called `name`. Exactly one is set."""

    number: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Paths:
    """`paths:` of an IN that is a repository: globs of changed files that concern the job, and of those that do not."""

    only: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """An `IN` step. `name` is a job or a resource of the account; `attributes` holds what only some kinds read.

    `lanes` are globs of lane keys other than main in which an event of this input is followed (product.md section 5);
    a gitRepo's own lane versions need none. `on_success`, `on_failure` are `triggerOnSuccess`, `triggerOnFailure`.
    `paths`: of a repository, which changed files concern the job; None for all.
    """

    name: str
    switch: bool = True
    pin: Pin | None = None
    mode: Mode | None = None
    on_success: bool = True
    on_failure: bool = False
    lanes: tuple[str, ...] = ()
    paths: Paths | None = None
    attributes: JsonMap = field(default_factory=dict)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Output:
    """An `OUT` step. `lanes` as for `Input`: where other than main this output is posted."""

    name: str
    replicate: str | None = None
    replicate_on_pull_request: bool = True
    overwrite: bool = False
    on_failure: bool = False
    lanes: tuple[str, ...] = ()
    attributes: JsonMap = field(default_factory=dict)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Image:
    """`runtime.options` of a task: the container it asks for. An empty `name` is the platform's own image."""

    name: str = ""
    tag: str = ""
    pull: bool = True
    options: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A `TASK` step: lines run in order in one shell. `container` None means as the job says."""

    name: str
    script: tuple[str, ...]
    container: bool | None = None
    image: Image | None = None
    env: tuple[tuple[str, str], ...] = ()
    place: Place = NOWHERE


Step: TypeAlias = Input | Output | Task


@dataclass(frozen=True, slots=True)
class Notice:
    """One `NOTIFY`: the notification resource told, and the provider options beside its name."""

    name: str
    options: JsonMap = field(default_factory=dict)


class HookKind(StrEnum):
    """When a hook runs (section 3.2). Only `on_success`, `on_failure` and `always` have scripts."""

    ON_START = "on_start"
    ON_SUCCESS = "on_success"
    ON_FAILURE = "on_failure"
    ON_CANCEL = "on_cancel"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Hook:
    """Script lines and notices of one hook section."""

    script: tuple[str, ...] = ()
    notify: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Runtime:
    """`runtime`: the pool whose workers may run the job ("" is the default pool), and the limit in minutes."""

    pool: str = ""
    container: bool | None = None
    timeout_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """`gate:` of a job (product.md section 4). `timeout` in seconds; `approvers` as written, `restricted` when the key is there.

    Without `approvers`, whoever may write to the source repository approves. `people` (forge-qualified ids) and `teams` (`@org/team`)
    are what the names were found to mean when the file was adopted. `allow_author` is None when the file does not say.
    """

    approvers: tuple[str, ...] = ()
    restricted: bool = False
    people: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    required: int = 1
    allow_author: bool | None = None
    timeout: float | None = None
    on_timeout_reject: bool = False
    reviews: bool = False

    @property
    def author_may_approve(self) -> bool:
        return self.required == 1 if self.allow_author is None else self.allow_author


class Supersede(StrEnum):
    """Which older runs a newer cause cancels. The default is WAITING in lanes, nothing in main."""

    NEVER = "never"
    WAITING = "waiting"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Lock:
    """`lock:` of a job: of all jobs with one name, in all lanes, one run at a time. `through_gate`: from its candidate on."""

    name: str
    through_gate: bool = False


class Trouble(StrEnum):
    """Ends that `retry` may name."""

    FAILURE = "failure"
    TIMEOUT = "timeout"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Retry:
    """`retry:` of a job: at most `times` more tries, `wait` seconds after an end that is `on` or has one of the exit `codes`."""

    times: int
    on: tuple[Trouble, ...] = (Trouble.FAILURE,)
    codes: tuple[int, ...] = ()
    wait: float = 0.0


class Sort(StrEnum):
    """What a value given by hand has to be."""

    STRING = "string"
    NUMBER = "number"
    CHOICE = "choice"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One of `inputs:` of a job: a value that a manual run takes into its environment as `name`."""

    name: str
    sort: Sort = Sort.STRING
    default: str | None = None
    required: bool = False
    pattern: str = ""
    options: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A named activity. `steps` keep their order in the file; `attributes` holds what only this job's type reads.

    `allow_failure`: when its scripts fail, what follows goes on as if they had not.
    `own_definition`: in lanes of pull requests of its repository the request's scripts run (`lane_definition`).
    `parameters` are what `inputs` declares, None when the key is not there: any value may be given then.
    `automatic`: no file defines it; it is there because of what else its repository has, and gives way to a written definition.
    """

    name: str
    type: str
    source: str
    steps: tuple[Step, ...] = ()
    mode: Mode = Mode.CHRONO
    priority: int = 9999
    parallel: bool = False
    runtime: Runtime = Runtime()
    integrations: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    hooks: Mapping[HookKind, Hook] = field(default_factory=dict)
    gate: Gate | None = None
    supersede: Supersede | None = None
    allow_failure: bool = False
    public: bool = False
    lock: Lock | None = None
    retry: Retry | None = None
    own_definition: bool = False
    parameters: tuple[Parameter, ...] | None = None
    automatic: bool = field(default=False, compare=False)
    attributes: JsonMap = field(default_factory=dict)
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def inputs(self) -> tuple[Input, ...]:
        return tuple(step for step in self.steps if isinstance(step, Input))

    @property
    def outputs(self) -> tuple[Output, ...]:
        return tuple(step for step in self.steps if isinstance(step, Output))

    @property
    def tasks(self) -> tuple[Task, ...]:
        return tuple(step for step in self.steps if isinstance(step, Task))


_REPOSITORIES = frozenset({"gitRepo", "ciRepo", "syncRepo"})


@dataclass(frozen=True, slots=True)
class Resource:
    """A named thing with versions. `content` is pointer, seed and version flattened (section 2.1): the next version's bag.

    `raw` is the definition as written (exported to runs as `propertyBag.yml`), `seed` what of it is a start value only.
    `accepts` are the repositories (`owner/name`) whose jobs may write or pin this resource though it is not theirs.
    """

    name: str
    type: str
    source: str
    integration: str | None = None
    content: JsonMap = field(default_factory=dict)
    seed: JsonMap = field(default_factory=dict)
    version_name: str | None = None
    flags: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()
    raw: JsonMap = field(default_factory=dict)
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def watches(self) -> bool:
        """Whether its versions are commits of the repository `sourceName`."""
        return self.type in _REPOSITORIES


@dataclass(frozen=True, slots=True)
class Fragment:
    """What one source's files define at one commit. `source` is its key, `<forge>:<owner>/<name>@<branch>`."""

    source: str
    commit: str
    jobs: tuple[Job, ...] = ()
    resources: tuple[Resource, ...] = ()


@dataclass(frozen=True)
class Workflow:
    """The linked fragments of an account: an immutable graph. Names are unique over jobs and resources together.

    `inconsistent` maps a job's name to the sentences that say why it may not be started (section 1.4).
    """

    jobs: Mapping[str, Job]
    resources: Mapping[str, Resource]
    inconsistent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def consumers(self) -> Mapping[str, tuple[str, ...]]:
        """Name of a job or resource -> jobs that have it as IN, each once, in order of definition."""
        return _index((step.name, job.name) for job in self.jobs.values() for step in job.inputs)

    @cached_property
    def producers(self) -> Mapping[str, tuple[str, ...]]:
        """Name of a resource -> jobs that have it as OUT."""
        return _index((step.name, job.name) for job in self.jobs.values() for step in job.outputs)


def _index(pairs: Iterator[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for key, value in pairs:
        found.setdefault(key, {})[value] = None
    return {key: tuple(values) for key, values in found.items()}


def digest(value: Json) -> str:
    """A stable hex SHA-256 of a JSON value: equal values, equal digests, whatever the order of keys."""
    return sha256(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
