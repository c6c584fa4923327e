"""What a run will execute, as data. A plan names secrets and holds none; paths are relative to the run's `$JOB_PATH`.

`jobs.<type>.plan` makes it from a `Job` and `PlanInputs` (pure); an executor carries it out in a workspace. Everything a script
can see comes from here: the environment is built from nothing (spec/workflow-language.md sections 2.4, 2.5, 3.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from app.workflow.ci.configuration import Configuration
from app.workflow.ci.matrix import Cell
from app.workflow.ci.reports import Report
from app.workflow.definition import Resource
from app.workflow.deployment import Deployment, Provision
from app.workflow.events import Left
from app.workflow.line import Lane, Run, Status, Version
from app.workflow.synced import Sync

if TYPE_CHECKING:
    from app.workflow.kinds import ResourceKind

JOB_PATH = "@JOB_PATH@"
"""Stands in a plan for the workspace's absolute path, which only the executor knows. It replaces the token in environment values
and in planned files whose content is a str; paths of files, folders, checkouts, restores and collects are relative without it."""


class Unplannable(ValueError):
    """A run cannot be planned: the text is the sentence that the user reads."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A value to be filled in where the run executes, from the integration called `integration`.

    `form` `raw`: the text of `field`. `json`: all fields as one JSON object. `env`: all fields as `key="value"` lines.
    """

    integration: str
    field: str = ""
    form: str = "raw"


@dataclass(frozen=True, slots=True)
class Sealed:
    """Encrypted `secure:` text, which stands for key-values that only the executor learns (spec/workflow-language.md section 7).

    In an environment it sets a variable for each key, and one behind `prefix` if there is one; the name that it stands under is not set.
    In a file it is a line `KEY=value` for each. `repository` is whose key opens it (`github:123`), "" for that of the job's source.
    """

    text: str
    prefix: str = ""
    repository: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """Values one behind the other, the whole written as `form` says: `raw`, `base64`, `url` (percent-encoded) or `json` (what stands
    between the quotes of a JSON string)."""

    parts: tuple[Value, ...]
    form: str = "raw"


Value: TypeAlias = "str | Secret | Sealed | Joined"


@dataclass(frozen=True, slots=True)
class Integration:
    """What a plan may know of an integration: its type and the names of its fields."""

    name: str
    type: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """One dependency of a run: the resource or job (`type`, `id` as the API gives them) and the version it takes, if any.

    `previous` of an OUT is its current version in the lane. `resource` is None for a job.
    """

    name: str
    type: str
    id: str
    resource: Resource | None
    version: Version | None
    version_id: str = ""


@dataclass(frozen=True, slots=True)
class CiInputs:
    """What a cell of a CI run is planned from, beside the run's own inputs. `repository` is the IN that is built.

    `last_success`: when the job last succeeded in the lane (seconds since the epoch), None for never.
    """

    repository: str
    configuration: Configuration
    cell: Cell
    last_success: float | None = None


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """All that a plan depends on beside the job. `inputs`, `outputs`: by step name, as frozen at claim.

    `previous` is the job's own last version in its lane (or main's). `urls`: `run` (its page), `www` (the base URL).
    `account`: the account's key. `integrations`: those that the job names or its resources use, and may see.
    `host_tasks`: the account lets tasks that name an image run on the host. `default_timeout` in seconds. `kinds`: all kinds of
    resources by name, for their environment. `architecture` and `operating_system` are the worker's (`x86_64`, `Ubuntu_24.04`).
    `ci`: the cell that is planned, of a CI run.
    """

    run: Run
    run_id: str
    job_id: str
    account: str
    lane: Lane
    inputs: Mapping[str, Held]
    outputs: Mapping[str, Held]
    previous: Version | None
    integrations: Mapping[str, Integration]
    urls: Mapping[str, str]
    host_tasks: bool = False
    default_timeout: float = 3600.0
    kinds: Mapping[str, ResourceKind] = field(default_factory=dict)
    architecture: str = ""
    operating_system: str = ""
    ci: CiInputs | None = None


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file to write before anything runs, with its octal `mode`."""

    path: str
    content: Value
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Restore:
    """State files, by storage key, to lay down under `path`."""

    files: str
    path: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """A working tree to make under `path` from repository `repository` (`github:123`; `full_name` for showing and cloning).

    `sha` is checked out. For a pull request (`number` set) the head is fetched by `sha` and `base_ref` (a branch) merged into it.
    `config` are `key value` lines set for the clone. `depth` 0 is the whole history.
    """

    name: str
    path: str
    repository: str
    full_name: str
    sha: str
    number: int | None = None
    base_ref: str = ""
    depth: int = 0
    config: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """One shell: `env` over the plan's environment, then `script` line by line (each is `eval`ed).

    `sections`: (index of a line, name): there a new section of the log begins; the first is the task's own.
    """

    name: str
    script: tuple[str, ...]
    env: tuple[tuple[str, Value], ...] = ()
    sections: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Login:
    """What is done before each task so that command-line tools are logged in (spec/workflow-language.md section 3.2).

    `name` is whose login it is. `files` are written, then `script` runs with `env` over the plan's environment; without a script the
    files are enough, and `tools` need not be there. After the task `traces`, files and folders, are removed.
    """

    name: str
    tools: tuple[str, ...]
    files: tuple[PlannedFile, ...] = ()
    script: str = ""
    env: tuple[tuple[str, Value], ...] = ()
    traces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collect:
    """What to pick up afterwards for one output (`name` "" is the job itself).

    `env`: the `.env` file; `bag`: the `version.json` whose edited propertyBag counts; `files`: the folder of state files, "" for
    none. `output` (the job only): `outputVersion.json`; `lines`: the file of `$GATELINE_OUTPUT`; `summary`: that of `$GATELINE_SUMMARY`.
    """

    name: str
    env: str
    bag: str = ""
    files: str = ""
    output: str = ""
    lines: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a run's log that is known before anything runs: what goes in, what comes out."""

    name: str
    lines: tuple[str, ...]


OLD_CACHE, NEW_CACHE = "cache/old.tar", "cache/new.tar"
"""Where a run finds its repository's cache, and where it leaves the new one."""


@dataclass(frozen=True, slots=True)
class PlannedCache:
    """The cache of `repository` (`github:123`): whether it is laid down before the tasks, and whether what they left is kept."""

    repository: str
    restore: bool
    save: bool


@dataclass(frozen=True, slots=True)
class Reports:
    """Folders with report files: JUnit XML of tests, Cobertura or JaCoCo XML of coverage."""

    tests: str
    coverage: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. Timeouts in seconds, set-up included. `previous_files`: what a failed run's state is restored from.

    `executor` names who carries it out. Of a managed job `account` opens the log, `own` is the job's next version when all went well,
    and `work` is what a deploy, provision or rSync job does. `afterwards` are tasks that follow the hooks when all has passed;
    they have none themselves.
    """

    job: str
    number: int
    env: tuple[tuple[str, Value], ...]
    files: tuple[PlannedFile, ...] = ()
    folders: tuple[str, ...] = ()
    checkouts: tuple[Checkout, ...] = ()
    restores: tuple[Restore, ...] = ()
    logins: tuple[Login, ...] = ()
    tasks: tuple[PlannedTask, ...] = ()
    afterwards: tuple[PlannedTask, ...] = ()
    on_success: tuple[str, ...] = ()
    on_failure: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    timeout: float = 3600.0
    collects: tuple[Collect, ...] = ()
    reports: Reports | None = None
    cache: PlannedCache | None = None
    previous_files: str | None = None
    executor: str = "local"
    account: tuple[Section, ...] = ()
    own: Left = field(default_factory=Left)
    work: Deployment | Provision | Sync | None = None

    def hidden(self) -> Iterator[Secret | Sealed]:
        """All that the plan names and does not hold."""
        files = (*self.files, *(file for login in self.logins for file in login.files))
        of_tasks = (pair for task in (*self.tasks, *self.afterwards) for pair in task.env)
        variables = (*self.env, *(pair for login in self.logins for pair in login.env), *of_tasks)
        for value in (*(value for _, value in variables), *(file.content for file in files)):
            yield from _hidden(value)
        if isinstance(self.work, Deployment | Provision):
            yield from (Secret(name, form="json") for name in sorted(self.work.integrations))
            yield from (Sealed(text) for text in sorted(self.work.sealed))


def _hidden(value: Value) -> Iterator[Secret | Sealed]:
    if isinstance(value, Joined):
        for part in value.parts:
            yield from _hidden(part)
    elif not isinstance(value, str):
        yield value


@dataclass(frozen=True, slots=True)
class Result:
    """How an execution ended: SUCCEEDED, FAILED (`code` is the exit code), ERRORED (set-up), TIMED_OUT or CANCELLED; of CI also
    UNSTABLE (tests failed though the commands passed) and SKIPPED. `report` is what it told of tests."""

    status: Status
    reason: str = ""
    code: int | None = None
    own: Left = field(default_factory=Left)
    outputs: Mapping[str, Left] = field(default_factory=dict)
    report: Report | None = None
