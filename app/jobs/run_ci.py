"""`runCI`: the CI of a repository, by the CI keys of its root `shippable.yml` (spec/ci-integrations-deploy.md section 1).

A run has a cell for each leg of the matrix, and each cell a plan of its own. The pipeline of a cell: `pre_ci` in a shell of its own;
`ci` and `post_ci` in one shell, whose end runs `on_success` or `on_failure` and then `always`; `push` in a shell of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from app.jobs._ci_cache import CACHE, UNPACK, cache_of, packing
from app.jobs._ci_variables import Env, boot_variables, ci_variables, exports, sealed
from app.jobs._credentials import grants
from app.jobs._dependency import INPUT_FIELDS, dependencies, hook_script, of_fork, withheld
from app.jobs._hubs import hubs
from app.jobs._logins import logins
from app.jobs._variables import environment, job_variables
from app.jobs._workspace import checkouts, collects, files, folders, once, restores
from app.workflow.ci.automatic import JOB, repository_of
from app.workflow.ci.configuration import Build
from app.workflow.ci.language import LANGUAGES
from app.workflow.definition import HookKind, Job
from app.workflow.kinds import Fault, Field, Use
from app.workflow.plan import Checkout, CiInputs, Plan, PlanInputs, PlannedTask, Reports, Unplannable
from app.workflow.variables import text_of

LIBRARY = "sqlite"
"""The one service that is a library, which nobody has to start."""

_ENTER = 'cd "$SHIPPABLE_BUILD_DIR"'
_SUBMODULES = "if [ -f .gitmodules ]; then git submodule update --init --recursive; fi"
_HAND_OVER = 'export -p >"$SHIPPABLE_DATA_DIR/pre_ci.sh"'
_TAKE_OVER = (
    'export TASK_CONTAINER_IMAGE="$(if [ -f "$SHIPPABLE_DATA_DIR/pre_ci.sh" ]; then . "$SHIPPABLE_DATA_DIR/pre_ci.sh"; fi; '
    'eval "printf %s \\"$TASK_CONTAINER_IMAGE\\"")"'
)
"""The image's name with the variables that `pre_ci` exported, which `ci` itself does not see (section 1.2)."""


@dataclass(frozen=True, slots=True)
class RunCi:
    """See the module. `builds` makes it an `app.workflow.kinds.MatrixKind`."""

    name: str
    code: int
    help: str
    fields: Mapping[str, Field]
    input_fields: Mapping[str, Field]
    output_fields: Mapping[str, Field]
    tasks: Use = Use.NONE
    hook_scripts: bool = True
    reported: bool = False

    def check(self, job: Job) -> Iterable[Fault]:
        if not job.name.endswith(JOB) or job.name == JOB:
            yield Fault("name", f"a runCI job is called as its repository, with {JOB} behind: `app{JOB}` for a repository `app`")

    def check_inputs(self, job: Job, types: Mapping[str, str]) -> Iterable[Fault]:  # noqa: ARG002 - it takes whatever there is
        return ()

    def builds(self, job: Job) -> str:
        """The IN whose commit is built, and whose repository has the CI keys."""
        return repository_of(job.name)

    def plan(self, job: Job, inputs: PlanInputs) -> Plan:
        ci = inputs.ci
        if ci is None:
            raise Unplannable(f"{job.name} is planned cell by cell, by the CI keys of the commit that it builds.")
        steps = tuple(dependencies(job, inputs, job_variables(job, inputs)))
        source = next((step for step in steps if step.name == ci.repository), None)
        if source is None:
            raise Unplannable(f"{job.name} builds {ci.repository}, which is no IN of it.")
        _refuse_what_is_not_here(job, ci, inputs.host_tasks)
        own = {**job_variables(job, inputs), **ci_variables(inputs, ci, source)}
        trusted = not of_fork(inputs, steps)
        steps = steps if trusted else tuple(withheld(step) for step in steps)
        granted = tuple(grants(job, inputs, steps, trusted))
        secret = sealed(ci, text_of(source.bag.get("repository"))) if trusted else ()
        cache = cache_of(ci, text_of(source.bag.get("repository")), text_of(source.bag.get("message")), trusted)
        minutes = job.runtime.timeout_minutes
        return Plan(
            job=job.name,
            number=inputs.run.ref.number,
            env=environment(own, steps, granted, inputs.run.values),
            files=once((*files(job, inputs, steps), *(file for grant in granted for file in grant.files))),
            folders=(*folders(steps), *((CACHE,) if cache else ())),
            checkouts=tuple(_as_configured(checkout, ci) for checkout in checkouts(steps)),
            restores=tuple(restores(inputs, steps)),
            logins=logins(job, inputs, steps, trusted, hubs(ci.configuration.hubs, inputs, source)),
            tasks=tuple(_tasks(ci, secret)),
            afterwards=(*_push(ci, secret), *packing(ci, cache)),
            on_success=(*ci.cell.build.on_success, *hook_script(job, HookKind.ON_SUCCESS)),
            on_failure=(*ci.cell.build.on_failure, *hook_script(job, HookKind.ON_FAILURE)),
            always=(*ci.cell.build.always, *hook_script(job, HookKind.ALWAYS)),
            timeout=inputs.default_timeout if minutes is None else minutes * 60.0,
            collects=tuple(collects(job, steps, trusted)),
            reports=Reports(f"{source.state}/shippable/testresults", f"{source.state}/shippable/codecoverage"),
            cache=cache,
            previous_files=inputs.previous.files if inputs.previous else None,
        )


def _tasks(ci: CiInputs, secret: Env) -> Iterator[PlannedTask]:
    build, env = ci.cell.build, exports(ci)
    if build.pre_ci:
        yield PlannedTask("pre_ci", (_ENTER, *env, *build.pre_ci, _HAND_OVER), secret)
    start = (_ENTER, *((UNPACK,) if build.cache else ()), *((_SUBMODULES,) if ci.configuration.submodules else ()), *env)
    boot = boot_variables(ci)
    if boot["TASK_CONTAINER_IMAGE"]:
        start = (*start, _TAKE_OVER)
    commands = _commands(build, ci.configuration.language)
    before = len(start) + len(commands)
    sections = ((before, "post_ci"),) if build.post_ci else ()
    yield PlannedTask("ci", (*start, *commands, *build.post_ci), (*secret, *boot.items()), sections)


def _commands(build: Build, language: str) -> tuple[str, ...]:
    """`build.ci`, or what the language does without it (section 1.2)."""
    return LANGUAGES[language].commands if build.ci is None else build.ci


def _push(ci: CiInputs, secret: Env) -> tuple[PlannedTask, ...]:
    script = ci.cell.build.push
    return (PlannedTask("push", (_ENTER, *exports(ci), *script), secret),) if script else ()


def _as_configured(checkout: Checkout, ci: CiInputs) -> Checkout:
    """The repository that is built is cloned as its own file says."""
    if checkout.name != ci.repository:
        return checkout
    configuration = ci.configuration
    return replace(checkout, depth=configuration.depth or checkout.depth, config=(*checkout.config, *configuration.git_config))


def _refuse_what_is_not_here(job: Job, ci: CiInputs, host_tasks: bool) -> None:
    """Cells run on the host: what asks for a container ends before anything starts. Raises `Unplannable`."""
    boot = ci.cell.build.boot
    services = [service for service in ci.configuration.services if service.partition(":")[0] != LIBRARY]
    if host_tasks:
        return
    if boot and boot.image.name:
        raise Unplannable(
            f"{job.name} boots the container image {boot.image.name}; this installation runs tasks on the host only: remove "
            "`pre_ci_boot.image_name`, or ask the administrator to set host_tasks = true for the account."
        )
    if services:
        raise Unplannable(
            f"{job.name} needs {_listed(services)}; this installation starts no services: remove `services`, or ask the administrator "
            "to provide them on the workers' hosts and to set host_tasks = true for the account."
        )


def _listed(services: Iterable[str]) -> str:
    names = tuple(services)
    return f"the service {names[0]}" if len(names) == 1 else f"the services {', '.join(names[:-1])} and {names[-1]}"


plugin = RunCi(
    name="runCI",
    code=2005,
    help="Runs the CI of a repository by the CI keys of its root shippable.yml; `<repository>_runCI` is there without being declared.",
    fields={"allowPublicAccess": Field("bool", "Whether everybody may see the job and its log.")},
    input_fields=INPUT_FIELDS,
    output_fields={},
)
