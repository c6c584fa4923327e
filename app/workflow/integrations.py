"""The types of integrations: their fields, other names for them, and what they are for (spec/workflow-language.md section 7;
spec/ci-integrations-deploy.md section 2).

Values are stored by the administrator (`gateline secret set`), never written in workflow files; here are names only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.workflow._keys import nearest
from app.workflow.definition import Resource, Workflow

_REPOSITORIES = "gitRepo, ciRepo, syncRepo"
_DEAD = "cluster (its platform is gone)"


@dataclass(frozen=True, slots=True)
class IntegrationField:
    """One value. `many`: a list, written with commas."""

    name: str
    secret: bool = False
    required: bool = True
    many: bool = False


@dataclass(frozen=True, slots=True)
class IntegrationType:
    """`also`: other names of the type. `either`: fields of which one is needed. `free`: any key may be set, and becomes a variable.

    `renamed`: what older pages call some fields -> the field.
    """

    name: str
    fields: tuple[IntegrationField, ...]
    used_by: str
    also: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    free: bool = False
    renamed: tuple[tuple[str, str], ...] = ()


def _fields(text: str) -> tuple[IntegrationField, ...]:
    """`name`, followed by `!` when it is secret, `?` when it may be missing, `*` for a list."""
    return tuple(IntegrationField(word.rstrip("!?*"), "!" in word, "?" not in word, "*" in word) for word in text.split())


_AWS_NAMES = (("aws_access_key_id", "accessKey"), ("aws_secret_access_key", "secretKey"), ("accesskeyid", "accessKey"))

TYPES = (
    IntegrationType("github", _fields("url? token!"), _REPOSITORIES),
    IntegrationType("githubEnterprise", _fields("url token!"), _REPOSITORIES),
    IntegrationType("gitlab", _fields("url? token!"), _REPOSITORIES),
    IntegrationType("bitbucket", _fields("url? token!"), _REPOSITORIES),
    IntegrationType("bitbucketServer", _fields("username url token!"), _REPOSITORIES),
    IntegrationType("bitbucketServerBasic", _fields("username url password!"), _REPOSITORIES),
    IntegrationType("gerritBasic", _fields("username url password! publicKey? privateKey!?"), _REPOSITORIES, ("gerrit",)),
    IntegrationType("gitCredential", _fields("host port? username password!"), "git over HTTPS in scripts (`~/.git-credentials`)"),
    IntegrationType(
        "amazonKeys",
        _fields("accessKey secretKey!"),
        "cliConfig, cluster, image, CI hub `ecr`",
        ("aws", "ecr", "amazon"),
        renamed=_AWS_NAMES,
    ),
    IntegrationType("amazonIamRole", _fields("assumeRoleARN awsAccountId?"), "cluster", ("awsIamRole",)),
    IntegrationType("azureKeys", _fields("appId password! tenant"), "cliConfig, cluster, loadBalancer", ("azure",)),
    IntegrationType("azureDcosKey", _fields("username url dcosPublicKey? dcosPrivateKey!?"), _DEAD, ("azureDcos",)),
    IntegrationType(
        "gcloudKey", _fields("JSON_key!"), "cliConfig, cluster, image, loadBalancer, CI hub", ("gcr", "gke", "gcl", "gce", "googleCloud")
    ),
    IntegrationType(
        "kubernetesConfig",
        _fields("kubeConfigContent!"),
        "cliConfig, cluster, loadBalancer",
        ("kubernetes",),
        renamed=(("key", "kubeConfigContent"),),
    ),
    IntegrationType(
        "dockerRegistryLogin",
        _fields("url? username password! email?"),
        "cliConfig, image, CI hub",
        ("docker", "dockerhub", "privateDockerRegistry", "dockerTrustedRegistry", "dockerRegistry"),
    ),
    IntegrationType("quayLogin", _fields("url? username password! email? accessToken!?"), "cliConfig, image, CI hub", ("quay",)),
    IntegrationType("artifactoryKey", _fields("url username password!"), "cliConfig, file, CI hub", ("artifactory",)),
    IntegrationType("ddcKey", _fields("username password! url"), _DEAD),
    IntegrationType("dclKey", _fields("username token! url"), _DEAD),
    IntegrationType("joyentTritonKey", _fields("username url validityPeriod publicKey privateKey! certificates!"), _DEAD),
    IntegrationType("nodeCluster", _fields("nodes* publicKey privateKey!"), "cluster"),
    IntegrationType("DOC", _fields("apiToken!"), "cliConfig", ("digitalOcean",)),
    IntegrationType("sshKey", _fields("publicKey? privateKey!"), "bastion hosts, scripts, CI keys"),
    IntegrationType("pemKey", _fields("key!"), "bastion hosts, scripts, CI keys"),
    IntegrationType("keyValuePair", (), "scripts, CI generic", ("envs",), free=True),
    IntegrationType(
        "slackKey",
        _fields("webhookUrl!? token!? channel?"),
        "notification",
        ("slack",),
        ("webhookUrl", "token"),
        renamed=(("url", "webhookUrl"),),
    ),
    IntegrationType("hipchatKey", _fields("token!"), "notification", ("hipchat",)),
    IntegrationType(
        "webhookV2", _fields("webhookURL! authorization!?"), "notification", ("webhook", "eventTrigger"), renamed=(("url", "webhookURL"),)
    ),
    IntegrationType("apprise", _fields("url!"), "notification"),
    IntegrationType("airBrakeKey", _fields("url token!"), "notification", ("airbrake",)),
    IntegrationType("newRelicKey", _fields("url token!"), "notification", ("newRelic",)),
    IntegrationType("jira", _fields("url username token!"), "notification"),
)


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


_BY_NAME = {_plain(name): each for each in TYPES for name in (each.name, *each.also)}


_NONE = {
    "email": "a notification with `method: email` needs no integration",
    "irc": "a notification with `method: irc` needs no integration",
    "jenkins": "there are no integrations with Jenkins any more: it posts to an externalCI job",
}
"""Types that were, and what there is instead."""


class Unfit(ValueError):
    """What was given is no integration of its type: the text says why, and tells no value."""


def type_called(name: str) -> IntegrationType:
    """The type that is called so, whatever the case, blanks and dashes. Raises Unfit."""
    found = _BY_NAME.get(_plain(name))
    if found is None and _plain(name) in _NONE:
        raise Unfit(_NONE[_plain(name)])
    if found is None:
        names = [each.name for each in TYPES]
        guess = nearest(name, names)
        hint = f"did you mean {guess}?" if guess else f"the types are {', '.join(names)}"
        raise Unfit(f"{name!r} is no type of integration; {hint}")
    return found


def fitted(type: IntegrationType, given: Mapping[str, str]) -> dict[str, str]:
    """The values by the names of the type's fields, empty ones left out; each item of a list as a field of its own too. Raises Unfit."""
    if type.free:
        return dict(given)
    known = {field.name: field for field in type.fields}
    spelled = {_plain(name): name for name in known} | {_plain(old): name for old, name in type.renamed}
    values = {spelled.get(_plain(name), name): value for name, value in given.items() if value}
    if wrong := [*_unknown(values, known), *_missing(values, type)]:
        raise Unfit(f"{type.name}: {'; '.join(wrong)}")
    lists = [name for name in values if known[name].many]
    return {**values, **{key: value for name in lists for key, value in _listed(name, values[name])}}


def _unknown(values: Mapping[str, str], known: Mapping[str, IntegrationField]) -> Iterator[str]:
    for name in values:
        if name not in known:
            guess = nearest(name, known)
            yield f"it has no field {name}; {f'did you mean {guess}?' if guess else f'its fields are {chr(44).join(known)}'}"


def _missing(values: Mapping[str, str], type: IntegrationType) -> Iterator[str]:
    yield from (f"{field.name} is missing" for field in type.fields if field.required and not values.get(field.name))
    if type.either and not any(values.get(name) for name in type.either):
        yield f"{' or '.join(type.either)} is missing"


def _listed(name: str, text: str) -> Iterator[tuple[str, str]]:
    """`NODES` is the items in quotes with commas, `NODES_0` … are the items."""
    items = [item.strip().strip('"') for item in text.split(",")]
    yield name, ",".join(f'"{item}"' for item in items)
    yield from ((f"{name}_{index}", item) for index, item in enumerate(items))


_NEEDED = {
    ("cliConfig", "amazonKeys"): ("region",),
    ("cluster", "amazonKeys"): ("region", "sourceName"),
    ("cluster", "amazonIamRole"): ("region", "sourceName"),
    ("cluster", "azureKeys"): ("groupName", "sourceName"),
    ("cluster", "gcloudKey"): ("region", "sourceName"),
    ("cluster", "dclKey"): ("sourceName",),
    ("cluster", "joyentTritonKey"): ("region",),
}
"""Type of resource and of its integration -> the fields that it then needs (section 2.2)."""


def lacking(resource: Resource, integration: str) -> tuple[str, ...]:
    """The fields that `resource` needs with an integration of that type and does not have."""
    return tuple(field for field in _NEEDED.get((resource.type, integration), ()) if not resource.content.get(field))


def users(workflow: Workflow, integration: str) -> tuple[str, ...]:
    """The jobs and resources that name an integration."""
    jobs = (f"job {job.name}" for job in workflow.jobs.values() if integration in job.integrations)
    resources = (f"{each.type} {each.name}" for each in workflow.resources.values() if each.integration == integration)
    return (*jobs, *resources)
