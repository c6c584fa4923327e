"""Logging command-line tools in: of each cliConfig IN, the last one of a type of integration, and of git credentials
(spec/workflow-language.md section 3.2, cliConfig INs; section 7).

Where a tool's file is public and stable it is written; otherwise the tool's own command is run. No secret stands on a command line, and
nothing that a workflow file says is pasted into a script: scripts find it in their environment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.jobs._credentials import CLI_CONFIG
from app.jobs._dependency import Dependency
from app.jobs._variables import HOME
from app.workflow.definition import Job, JsonMap
from app.workflow.integrations import lacking
from app.workflow.plan import JOB_PATH, Integration, Joined, Login, PlanInputs, PlannedFile, Secret, Unplannable, Value
from app.workflow.variables import text_of

_REGISTRIES = {"dockerRegistryLogin": "https://index.docker.io/v1/", "quayLogin": "quay.io"}
"""Type of integration -> the registry that is meant when it has no `url`."""
_GCR = ("https://gcr.io", "https://us.gcr.io", "https://eu.gcr.io", "https://asia.gcr.io")
_DOCKER = f"{HOME}/.docker"
_KUBE = f"{HOME}/.kube"
_SCOPES = {"amazonKeys": ("ecr",), "azureKeys": ("aks",), "gcloudKey": ("gke", "gcr")}
_CONFIGURE = "configure"
"""The scope that every cliConfig has without saying so."""

_ECR = """\
account=$(aws sts get-caller-identity --query Account --output text)
aws ecr get-login-password --region "$LOGIN_REGION" |
  docker login --username AWS --password-stdin "$account.dkr.ecr.$LOGIN_REGION.amazonaws.com"
"""
_AZ = 'az login --service-principal --username "$LOGIN_USER" --password "@$LOGIN_SECRET_FILE" --tenant "$LOGIN_TENANT" --output none\n'
_AKS = 'az aks get-credentials --resource-group "$LOGIN_GROUP" --name "$LOGIN_CLUSTER" --overwrite-existing\n'
_GCLOUD = """\
gcloud auth activate-service-account --key-file "$LOGIN_SECRET_FILE" --quiet
LOGIN_PROJECT=$(sed -n 's/.*"project_id"[^"]*"\\([^"]*\\)".*/\\1/p' "$LOGIN_SECRET_FILE")
test -z "$LOGIN_PROJECT" || gcloud config set project "$LOGIN_PROJECT" --quiet
"""
_GKE = """\
gcloud config set container/cluster "$LOGIN_CLUSTER" --quiet
case $LOGIN_REGION in
*-*-[a-z]) where=zone ;;
*) where=region ;;
esac
gcloud config set "compute/$where" "$LOGIN_REGION" --quiet
gcloud container clusters get-credentials "$LOGIN_CLUSTER" "--$where" "$LOGIN_REGION" --quiet
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One login that is asked for: by `name`, with an integration's values, what the resource says, and scopes."""

    name: str
    integration: Integration
    content: JsonMap
    scopes: tuple[str, ...] = ()

    def secret(self, field: str) -> Secret:
        return Secret(self.integration.name, field)

    def has(self, field: str) -> bool:
        return field in self.integration.fields

    def said(self, field: str, scope: str) -> str:
        """What the resource says under `field`, which `scope` needs. Raises Unplannable."""
        text = text_of(self.content.get(field))
        if not text:
            raise Unplannable(f"the scope {scope} of {self.name} needs `{field}`: add it to the cliConfig.")
        return text


def logins(job: Job, inputs: PlanInputs, steps: Sequence[Dependency], trusted: bool, hubs: Iterable[Wanted] = ()) -> tuple[Login, ...]:
    """Those of cliConfig INs, and of the `hubs` of a CI run; of a run that is not `trusted`, none.

    Raises Unplannable when a cliConfig lacks what its integration or a scope needs.
    """
    if not trusted:
        return ()
    found = (_wanted(step, inputs) for step in steps if step.held.type == CLI_CONFIG and step.operation == "IN")
    last = {each.integration.type: each for each in found if each}
    wanted = (*last.values(), *hubs)
    others = (_MAKERS[each.integration.type](each) for each in wanted if each.integration.type in _MAKERS)
    return (*_git(_credentials(job, inputs, steps)), *_docker(wanted), *others)


def _wanted(step: Dependency, inputs: PlanInputs) -> Wanted | None:
    integration = inputs.integrations.get(step.integration or "")
    if integration is None or step.held.resource is None:
        return None
    if missing := lacking(step.held.resource, integration.type):
        raise Unplannable(
            f"{step.name} needs {' and '.join(f'`{field}`' for field in missing)} with an integration of type {integration.type}."
        )
    scopes = _scopes(step.name, step.step.attributes, integration.type)
    return Wanted(step.name, integration, step.bag, scopes)


def _scopes(name: str, attributes: JsonMap, type: str) -> tuple[str, ...]:
    given = attributes.get("scopes")
    asked = tuple(text_of(each) for each in (given if isinstance(given, list) else [given] if given else []))
    known = _SCOPES.get(type, ())
    for scope in asked:
        if scope not in (*known, _CONFIGURE):
            has = f"has {' and '.join(known)}" if known else "has none"
            raise Unplannable(f"{scope} is no scope of {name}: a cliConfig with an integration of type {type} {has}.")
    return asked


# -- files -----------------------------------------------------------------------------------------------------------------


def _file(path: str, *parts: Value) -> PlannedFile:
    return PlannedFile(path, parts[0] if len(parts) == 1 else Joined(parts), 0o600)


def _docker(wanted: Iterable[Wanted]) -> Iterator[Login]:
    """docker's configuration, with all registries in one file."""
    entries = {each.name: tuple(_registries(each)) for each in wanted}
    names = [name for name, found in entries.items() if found]
    if names:
        parts: list[Value] = [part for found in entries.values() for entry in found for part in (", ", entry)]
        file = _file(f"{_DOCKER}/config.json", '{"auths": {', *parts[1:], "}}\n")
        yield Login(" and ".join(names), ("docker",), (file,), traces=(_DOCKER,))


def _registries(wanted: Wanted) -> Iterator[Value]:
    """The entries of docker's file that a login stands for."""
    type = wanted.integration.type
    if type in _REGISTRIES:
        where: Value = wanted.secret("url") if wanted.has("url") else _REGISTRIES[type]
        yield _auth(where, wanted.secret("username"), wanted.secret("password"))
    elif type == "gcloudKey" and "gcr" in wanted.scopes:
        yield from (_auth(where, "_json_key", wanted.secret("JSON_key")) for where in _GCR)


def _auth(where: Value, user: Value, password: Value) -> Value:
    return Joined(('"', Joined((where,), "json"), '": {"auth": "', Joined((user, ":", password), "base64"), '"}'))


def _kubernetes(wanted: Wanted) -> Login:
    return Login(wanted.name, ("kubectl",), (_file(f"{_KUBE}/config", wanted.secret("kubeConfigContent")),), traces=(_KUBE,))


def _artifactory(wanted: Wanted) -> Login:
    fields = (("url", "url"), ("user", "username"), ("password", "password"))
    texts: list[Value] = []
    for key, field in fields:
        texts += [f'"{key}": "', Joined((wanted.secret(field),), "json"), '", ']
    content = ('{"artifactory": [{', *texts, '"serverId": "default", "isDefault": true}], "Version": "1"}\n')
    return Login(wanted.name, ("jfrog",), (_file(f"{HOME}/.jfrog/jfrog-cli.conf", *content),), traces=(f"{HOME}/.jfrog",))


# -- commands --------------------------------------------------------------------------------------------------------------


def _amazon(wanted: Wanted) -> Login:
    """aws and eb read the same files."""
    region = text_of(wanted.content.get("region"))
    keys = ("[default]\naws_access_key_id = ", wanted.secret("accessKey"), "\naws_secret_access_key = ", wanted.secret("secretKey"), "\n")
    files = (_file(f"{HOME}/.aws/credentials", *keys), _file(f"{HOME}/.aws/config", f"[default]\nregion = {region}\noutput = json\n"))
    if "ecr" not in wanted.scopes:
        return Login(wanted.name, ("aws",), files, traces=(f"{HOME}/.aws",))
    return Login(wanted.name, ("aws", "docker"), files, _ECR, (("LOGIN_REGION", region),), (f"{HOME}/.aws", _DOCKER))


def _azure(wanted: Wanted) -> Login:
    secret = f"{HOME}/.azure-secret"
    env: list[tuple[str, Value]] = [
        ("LOGIN_USER", wanted.secret("appId")),
        ("LOGIN_TENANT", wanted.secret("tenant")),
        ("LOGIN_SECRET_FILE", f"{JOB_PATH}/{secret}"),
    ]
    script = _AZ
    if "aks" in wanted.scopes:
        script += _AKS
        env += [("LOGIN_GROUP", wanted.said("groupName", "aks")), ("LOGIN_CLUSTER", wanted.said("clusterName", "aks"))]
    return Login(wanted.name, ("az",), (_file(secret, wanted.secret("password")),), script, tuple(env), (secret, f"{HOME}/.azure", _KUBE))


def _google(wanted: Wanted) -> Login:
    """Region and cluster count with the scope `gke` only."""
    secret = f"{HOME}/.gcloud-key.json"
    env: list[tuple[str, Value]] = [("LOGIN_SECRET_FILE", f"{JOB_PATH}/{secret}")]
    script = _GCLOUD
    if "gke" in wanted.scopes:
        script += _GKE
        env += [("LOGIN_REGION", wanted.said("region", "gke")), ("LOGIN_CLUSTER", wanted.said("clusterName", "gke"))]
    traces = (secret, f"{HOME}/.config/gcloud", _KUBE)
    return Login(wanted.name, ("gcloud",), (_file(secret, wanted.secret("JSON_key")),), script, tuple(env), traces)


_MAKERS: Mapping[str, Callable[[Wanted], Login]] = {
    "kubernetesConfig": _kubernetes,
    "artifactoryKey": _artifactory,
    "amazonKeys": _amazon,
    "azureKeys": _azure,
    "gcloudKey": _google,
}


# -- git -------------------------------------------------------------------------------------------------------------------


def _credentials(job: Job, inputs: PlanInputs, steps: Sequence[Dependency]) -> Iterator[Integration]:
    names = dict.fromkeys((*(step.integration for step in steps if step.held.type == "integration"), *job.integrations))
    found = (inputs.integrations.get(name) for name in names if name)
    return (each for each in found if each is not None and each.type == "gitCredential")


def _git(credentials: Iterable[Integration]) -> Iterator[Login]:
    """`~/.git-credentials`, a host with and without its port, and the setting that makes git read it."""
    lines: list[Value] = []
    names = []
    for each in credentials:
        names.append(each.name)
        user, password = (Joined((Secret(each.name, field),), "url") for field in ("username", "password"))
        for port in ((), (":", Secret(each.name, "port"))) if "port" in each.fields else ((),):
            lines += ["https://", user, ":", password, "@", Secret(each.name, "host"), *port, "\n"]
    if lines:
        path, setting = f"{HOME}/.git-credentials", f"{HOME}/.config/git/config"
        files = (_file(path, *lines), _file(setting, "[credential]\n\thelper = store\n"))
        yield Login(" and ".join(names), ("git",), files, traces=(path, setting))
