"""The table of integration types (spec/workflow-language.md section 7; spec/ci-integrations-deploy.md section 2)."""

from __future__ import annotations

import pytest

from app.workflow.definition import Job, Json, Resource, Workflow
from app.workflow.integrations import TYPES, Unfit, fitted, lacking, type_called, users


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("amazonKeys", "amazonKeys"),
        ("aws", "amazonKeys"),
        ("ecr", "amazonKeys"),
        ("gcr", "gcloudKey"),
        ("gke", "gcloudKey"),
        ("gcl", "gcloudKey"),
        ("quay", "quayLogin"),
        ("dockerhub", "dockerRegistryLogin"),
        ("private docker registry", "dockerRegistryLogin"),
        ("Docker Trusted Registry", "dockerRegistryLogin"),
        ("slack", "slackKey"),
        ("hipchat", "hipchatKey"),
        ("ssh-key", "sshKey"),
        ("pem-key", "pemKey"),
        ("artifactory", "artifactoryKey"),
        ("event trigger", "webhookV2"),
        ("kubernetes", "kubernetesConfig"),
    ],
)
def test_deprecated_types_are_other_names_of_those_that_took_over(called: str, name: str) -> None:
    assert type_called(called).name == name


def test_no_name_means_two_types() -> None:
    names = [name.lower() for each in TYPES for name in (each.name, *each.also)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("called", "sentence"), [("email", "needs no integration"), ("irc", "needs no integration"), ("zzz", "the types are")]
)
def test_what_is_no_type_is_answered_with_what_there_is(called: str, sentence: str) -> None:
    with pytest.raises(Unfit, match=sentence):
        type_called(called)


@pytest.mark.parametrize(
    ("type", "given", "values"),
    [
        ("kubernetesConfig", {"key": "k"}, {"kubeConfigContent": "k"}),
        ("webhookV2", {"url": "u"}, {"webhookURL": "u"}),
        ("gcloudKey", {"json_key": "{}"}, {"JSON_key": "{}"}),
        ("amazonKeys", {"accesskeyid": "a", "secret-key": "s"}, {"accessKey": "a", "secretKey": "s"}),
        ("keyValuePair", {"any-thing": "x", "empty": ""}, {"any-thing": "x", "empty": ""}),
        ("dockerRegistryLogin", {"url": "", "username": "u", "password": "p"}, {"username": "u", "password": "p"}),
    ],
)
def test_fields_are_understood_by_their_documented_other_names(type: str, given: dict[str, str], values: dict[str, str]) -> None:
    assert fitted(type_called(type), given) == values


@pytest.mark.parametrize(
    ("type", "integration", "content", "missing"),
    [
        ("cliConfig", "amazonKeys", {}, ("region",)),
        ("cliConfig", "amazonKeys", {"region": "eu"}, ()),
        ("cliConfig", "gcloudKey", {}, ()),
        ("cluster", "azureKeys", {"sourceName": "c"}, ("groupName",)),
        ("cluster", "gcloudKey", {}, ("region", "sourceName")),
        ("cluster", "kubernetesConfig", {}, ()),
    ],
)
def test_what_a_resource_needs_depends_on_the_type_of_its_integration(
    type: str, integration: str, content: dict[str, Json], missing: tuple[str, ...]
) -> None:
    assert lacking(Resource("x", type, "s", content=content), integration) == missing


def test_users_are_the_jobs_and_resources_that_name_it() -> None:
    job, other = Job("build", "runSh", "s", integrations=("aws", "gcp")), Job("test", "runSh", "s")
    workflow = Workflow({"build": job, "test": other}, {"logo": Resource("logo", "image", "s", "aws")})
    assert users(workflow, "aws") == ("job build", "image logo")
    assert users(workflow, "azure") == ()
