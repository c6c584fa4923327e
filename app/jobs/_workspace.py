"""The files and folders that a run finds, and what is picked up afterwards (spec/workflow-language.md sections 2.5 and 5)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.jobs._dependency import SECURE, Dependency
from app.jobs._variables import HOME, INTEGRATION_VALUES, OUTPUT_LINES, SUMMARY
from app.workflow.definition import Input, Job, Json
from app.workflow.line import Cause
from app.workflow.plan import Checkout, Collect, Joined, PlanInputs, PlannedFile, Restore, Sealed, Unplannable, Value
from app.workflow.variables import text_of

SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

PARAMS = "params"
"""The type whose `_STATE` is a file of `KEY=value` lines."""

_FOLDERS = (HOME, "IN", "OUT", "state", "previousState", "shared", "integrations", "scripts", "secrets", "status")


def folders(steps: Sequence[Dependency]) -> tuple[str, ...]:
    """Also one for each step, with one of its type in it."""
    own = (f"{step.folder}" if _lists_params(step) else step.state for step in steps)
    return (*_FOLDERS, *own)


def files(job: Job, inputs: PlanInputs, steps: Sequence[Dependency]) -> Iterator[PlannedFile]:
    """All but those of integrations."""
    for step in steps:
        yield PlannedFile(f"{step.folder}/version.json", _json(_described(step)))
        yield PlannedFile(_env_file(step.name), "")
        if _lists_params(step):
            yield PlannedFile(step.state, _lines(step.bag.get(PARAMS)))
    yield PlannedFile(_env_file(job.name), "")
    yield PlannedFile("message.json", _json(_message(job, inputs)))
    yield PlannedFile(INTEGRATION_VALUES, "", 0o600)
    yield PlannedFile(OUTPUT_LINES, "")
    yield PlannedFile(SUMMARY, "")


def once(planned: Iterable[PlannedFile]) -> tuple[PlannedFile, ...]:
    """Each path once: a state that is IN and OUT has one `.env` file."""
    return tuple({file.path: file for file in planned}.values())


def checkouts(steps: Sequence[Dependency]) -> Iterator[Checkout]:
    """The repositories among the INs: of a pull request that is built as one the merge with its base, else the commit."""
    for step in steps:
        if isinstance(step.step, Input) and step.repository:
            yield _checkout(step)


def restores(inputs: PlanInputs, steps: Sequence[Dependency]) -> Iterator[Restore]:
    """State files of INs and what the job's last version left."""
    if inputs.previous is not None and inputs.previous.files:
        yield Restore(inputs.previous.files, "previousState")
    for step in steps:
        version = step.held.version
        if isinstance(step.step, Input) and version is not None and version.files:
            yield Restore(version.files, step.state)


def collects(job: Job, steps: Sequence[Dependency], trusted: bool) -> Iterator[Collect]:
    """The job's own state, then each OUT; of a fork's run no OUT (product.md section 8)."""
    own = _env_file(job.name)
    yield Collect("", own, files="state", output="state/outputVersion.json", lines=OUTPUT_LINES, summary=SUMMARY)
    for step in steps:
        if not isinstance(step.step, Input) and trusted:
            holds_files = step.kind is not None and step.kind.files
            yield Collect(step.name, _env_file(step.name), f"{step.folder}/version.json", step.state if holds_files else "")


def _checkout(step: Dependency) -> Checkout:
    bag, number = step.bag, step.bag.get("pullRequest")
    if not bag.get("sha") or not bag.get("repository"):
        source = text_of(bag.get("sourceName")) or "its repository"
        raise Unplannable(f"{step.name} has no commit yet: push to {source}, or ask for a version of it.")
    sha = text_of(bag["sha"])
    if not SHA.fullmatch(sha):
        raise Unplannable(f"{step.name}'s version names no commit: {sha[:40]!r} is not a full SHA.")
    merges = bag.get("merges") is True and isinstance(number, int)
    config = bag.get("gitConfig")
    return Checkout(
        name=step.name,
        path=step.state,
        repository=text_of(bag["repository"]),
        full_name=text_of(bag.get("fullName")),
        sha=sha,
        number=number if merges and isinstance(number, int) else None,
        base_ref=text_of(bag.get("baseBranch")) if merges else "",
        depth=_depth(step),
        config=tuple(text_of(line) for line in (config if isinstance(config, list) else [config] if config else [])),
    )


def _depth(step: Dependency) -> int:
    """Commits of history, 0 for all. Raises `Unplannable`."""
    depth = step.bag.get("depth")
    if depth is None:
        return 0
    if not isinstance(depth, int) or isinstance(depth, bool) or depth < 1:
        raise Unplannable(f"The depth of {step.name} must be a number of commits, 1 or more, not {text_of(depth)[:40]!r}.")
    return depth


def _lists_params(step: Dependency) -> bool:
    return step.held.type == PARAMS and isinstance(step.step, Input)


def _env_file(name: str) -> str:
    return f"state/{name}.env"


def _lines(params: Json) -> Value:
    """`KEY=value` lines, those that are encrypted in their place."""
    pairs = params.items() if isinstance(params, dict) else ()
    parts = tuple(Sealed(text_of(value)) if key == SECURE else f"{key}={text_of(value)}\n" for key, value in pairs)
    return Joined(parts) if any(isinstance(part, Sealed) for part in parts) else "".join(str(part) for part in parts)


def _described(step: Dependency) -> dict[str, Json]:
    """The content of `version.json`."""
    held, version = step.held, step.held.version
    return {
        "name": held.name,
        "type": held.type,
        "operation": step.operation,
        "resourceId": held.id,
        "propertyBag": {"yml": _without_secrets(step)},
        "version": {
            "versionId": held.version_id,
            "versionNumber": version.ref.number if version else None,
            "versionName": step.label,
            "propertyBag": dict(step.bag),
        },
        "versionDependencyPropertyBag": dict(step.step.attributes),
    }


def _without_secrets(step: Dependency) -> Json:
    """The definition as written, but for fields that are never shown, wherever they stand in it."""
    if step.held.resource is None or step.kind is None:
        return {}
    hidden = {name for name, field in step.kind.fields.items() if field.secret}

    def shown(value: Json) -> Json:
        return {key: shown(item) for key, item in value.items() if key not in hidden} if isinstance(value, dict) else value

    return shown(dict(step.held.resource.raw))


def _message(job: Job, inputs: PlanInputs) -> dict[str, Json]:
    """What set the run off."""
    run = inputs.run
    return {
        "job": job.name,
        "number": run.ref.number,
        "lane": inputs.lane.label,
        "trigger": run.trigger,
        "by": run.by.login if run.by else None,
        "causes": [_cause(cause) for cause in run.causes],
    }


def _cause(cause: Cause) -> Json:
    return {
        "kind": cause.kind,
        "repository": cause.full_name,
        "sha": cause.sha,
        "ref": cause.ref,
        "number": cause.number,
        "title": cause.title,
    }


def _json(value: Mapping[str, Json]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
