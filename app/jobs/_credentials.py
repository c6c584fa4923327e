"""What a run gets of integrations: variables and files that name values, and hold none (spec/workflow-language.md section 7).

Gateline clones with the forge's own token: a gitRepo has no deploy key, so no `_KEYPATH`, unless its integration brings one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.jobs._dependency import Dependency
from app.workflow.definition import Job
from app.workflow.kinds import Use
from app.workflow.names import env_name, field_name
from app.workflow.plan import JOB_PATH, Integration, PlanInputs, PlannedFile, Secret, Unplannable, Value
from app.workflow.variables import is_name, is_reserved

KEY_VALUE, DIGITAL_OCEAN = "keyValuePair", "DOC"
CLI_CONFIG = "cliConfig"
SECRET_MODE = 0o600
_KEY_FILES = {"privateKey": "_key", "publicKey": "_key.pub", "key": "_key.pem"}
"""Field of an ssh or pem key -> how its file's name ends."""
_KEY_TYPES = {"sshKey": ("privateKey", "publicKey"), "pemKey": ("key",)}


@dataclass(frozen=True, slots=True)
class Grant:
    """What one use of an integration brings: `keys` as they are called, `variables` by the name of who uses it, `files`."""

    keys: dict[str, Value] = field(default_factory=dict)
    variables: dict[str, Value] = field(default_factory=dict)
    files: tuple[PlannedFile, ...] = ()


def grants(job: Job, inputs: PlanInputs, steps: Sequence[Dependency], trusted: bool) -> Iterator[Grant]:
    """Those of the steps' resources, then the job's own. A run that is not `trusted` gets names and no values (product.md section 8).

    Raises `Unplannable` when one that is asked for by name is not there for this run.
    """
    for step in steps:
        if step.integration is not None:
            required = step.kind is not None and step.kind.integration is Use.REQUIRED
            found = _found(step.integration, inputs, trusted, required)
            yield _grant(step.prefix, step.name, step.folder, found)
            if found.type == DIGITAL_OCEAN and step.held.type == CLI_CONFIG:
                yield Grant({"DIGITALOCEAN_ACCESS_TOKEN": Secret(found.name, "apiToken")})
    for name in job.integrations:
        yield _grant(env_name(name), name, f"integrations/{name}", _found(name, inputs, trusted, required=True))


def _found(name: str, inputs: PlanInputs, trusted: bool, required: bool) -> Integration:
    known = inputs.integrations.get(name)
    if known is not None and trusted:
        return known
    if required and trusted:
        raise Unplannable(
            f"the integration {name} is not there for this run: set it with `gateline secret set {name}`, for this job's source; one that "
            "is set for gated runs only needs a gate on this job."
        )
    return Integration(name, "", ())


def _grant(prefix: str, name: str, folder: str, integration: Integration) -> Grant:
    variables: dict[str, Value] = {f"{prefix}_INTEGRATION_NAME": integration.name}
    if integration.type:
        variables[f"{prefix}_INTEGRATION_MASTERNAME"] = integration.type
    for each in integration.fields:
        variables[f"{prefix}_INTEGRATION_{field_name(each)}"] = Secret(integration.name, each)
    keys: dict[str, Value] = {}
    if integration.type == KEY_VALUE:
        keys = {each: Secret(integration.name, each) for each in integration.fields if is_name(each) and not is_reserved(each)}
    if not integration.fields:
        return Grant({}, variables)
    return Grant(keys, variables | _key_variables(prefix, name, folder, integration), _files(name, folder, integration))


def _key_fields(integration: Integration) -> tuple[str, ...]:
    return tuple(each for each in _KEY_TYPES.get(integration.type, ()) if each in integration.fields)


def _key_variables(prefix: str, name: str, folder: str, integration: Integration) -> dict[str, Value]:
    """Paths of keys; of an ssh key both documented spellings of the values too (section 10 #16)."""
    found: dict[str, Value] = {}
    for each in _key_fields(integration):
        path = f"{JOB_PATH}/{folder}/{name}{_KEY_FILES[each]}"
        if each != "publicKey":
            found[f"{prefix}_KEYPATH"] = path
        if each != "key":
            found[f"{prefix}_{'PRIVATE' if each == 'privateKey' else 'PUBLIC'}_KEY_PATH"] = path
            found[f"{prefix}_{field_name(each)}"] = Secret(integration.name, each)
    return found


def _files(name: str, folder: str, integration: Integration) -> tuple[PlannedFile, ...]:
    keys = tuple(
        PlannedFile(f"{folder}/{name}{_KEY_FILES[each]}", Secret(integration.name, each), SECRET_MODE) for each in _key_fields(integration)
    )
    return (
        PlannedFile(f"{folder}/integration.json", Secret(integration.name, form="json"), SECRET_MODE),
        PlannedFile(f"{folder}/integration.env", Secret(integration.name, form="env"), SECRET_MODE),
        *keys,
    )
