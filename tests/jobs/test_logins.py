"""Logging command-line tools in, as it is planned: the table of cliConfig INs in spec/workflow-language.md section 3.2."""

from __future__ import annotations

from typing import Any

import pytest

from app.workflow.plan import Held, Integration, Joined, Login, Secret, Unplannable, Value
from tests.jobs.planning import FORK, env, held, in_lane, integration, job, plan, take, version

AWS = integration("aws", "amazonKeys", "accessKey", "secretKey")
AZURE = integration("azure", "azureKeys", "appId", "password", "tenant")
GOOGLE = integration("gcp", "gcloudKey", "JSON_key")
KUBERNETES = integration("k8s", "kubernetesConfig", "kubeConfigContent")
HUB = integration("hub", "dockerRegistryLogin", "username", "password")
OWN = integration("own", "dockerRegistryLogin", "url", "username", "password")
QUAY = integration("quay", "quayLogin", "username", "password")
JFROG = integration("jfrog", "artifactoryKey", "url", "username", "password")
OCEAN = integration("do", "DOC", "apiToken")
GIT = integration("forge", "gitCredential", "host", "port", "username", "password")


def cli(name: str, of: Integration, **content: Any) -> Held:
    return held(name, "cliConfig", version(name, **content), integration=of.name, **content)


def logins(given: Held, of: Integration, *scopes: str) -> tuple[Login, ...]:
    return plan(job(take(given.name, scopes=list(scopes))), given, integrations=(of,)).logins


def spelled(value: Value) -> str:
    """A value with what it hides by name: `<aws.secretKey>`, and other forms as `base64(…)`."""
    if isinstance(value, Joined):
        inside = "".join(spelled(part) for part in value.parts)
        return inside if value.form == "raw" else f"{value.form}({inside})"
    return f"<{value.integration}.{value.field}>" if isinstance(value, Secret) else str(value)


def files(of: tuple[Login, ...]) -> dict[str, str]:
    assert all(file.mode == 0o600 for login in of for file in login.files)
    return {file.path: spelled(file.content) for login in of for file in login.files}


def test_aws_and_eb_find_keys_and_region_in_their_files() -> None:
    found = logins(cli("cli", AWS, region="eu-west-1"), AWS)
    assert files(found) == {
        "home/.aws/credentials": "[default]\naws_access_key_id = <aws.accessKey>\naws_secret_access_key = <aws.secretKey>\n",
        "home/.aws/config": "[default]\nregion = eu-west-1\noutput = json\n",
    }
    assert [(login.tools, login.script, login.traces) for login in found] == [(("aws",), "", ("home/.aws",))]


def test_the_scope_ecr_logs_docker_in_with_a_password_on_standard_input() -> None:
    (login,) = logins(cli("cli", AWS, region="eu-west-1"), AWS, "configure", "ecr")
    assert (login.tools, dict(login.env)) == (("aws", "docker"), {"LOGIN_REGION": "eu-west-1"})
    assert "docker login --username AWS --password-stdin" in login.script
    assert "home/.docker" in login.traces


def test_aws_without_a_region_is_refused() -> None:
    with pytest.raises(Unplannable, match="cli needs `region` with an integration of type amazonKeys"):
        logins(cli("cli", AWS), AWS)


def test_azure_logs_in_as_a_service_principal_and_reads_the_password_from_a_file() -> None:
    (login,) = logins(cli("cli", AZURE), AZURE)
    assert files((login,)) == {"home/.azure-secret": "<azure.password>"}
    assert "aks" not in login.script
    assert not any(isinstance(value, Secret) and value.field == "password" for _, value in login.env)


def test_the_scope_aks_needs_group_and_cluster() -> None:
    (login,) = logins(cli("cli", AZURE, groupName="g", clusterName="c"), AZURE, "aks")
    assert (dict(login.env)["LOGIN_GROUP"], dict(login.env)["LOGIN_CLUSTER"]) == ("g", "c")
    assert "az aks get-credentials" in login.script
    for content, missing in (({"groupName": "g"}, "clusterName"), ({"clusterName": "c"}, "groupName")):
        with pytest.raises(Unplannable, match=f"the scope aks of cli needs `{missing}`"):
            logins(cli("cli", AZURE, **content), AZURE, "aks")


def test_google_takes_no_notice_of_region_and_cluster_without_gke() -> None:
    (login,) = logins(cli("cli", GOOGLE, region="r", clusterName="c"), GOOGLE)
    assert ("gcloud container" in login.script, dict(login.env).keys()) == (False, {"LOGIN_SECRET_FILE"})
    (login,) = logins(cli("cli", GOOGLE, region="r", clusterName="c"), GOOGLE, "gke")
    assert ("gcloud container" in login.script, dict(login.env)["LOGIN_CLUSTER"]) == (True, "c")
    with pytest.raises(Unplannable, match="the scope gke of cli needs `region`"):
        logins(cli("cli", GOOGLE), GOOGLE, "gke")


def test_the_scope_gcr_writes_dockers_file_for_googles_registries() -> None:
    found = files(logins(cli("cli", GOOGLE), GOOGLE, "gcr"))
    assert found["home/.docker/config.json"].startswith('{"auths": {"json(https://gcr.io)": {"auth": "base64(_json_key:<gcp.JSON_key>)"}, ')
    assert found["home/.docker/config.json"].count("_json_key") == 4


@pytest.mark.parametrize(
    ("of", "where"),
    [(HUB, "https://index.docker.io/v1/"), (OWN, "<own.url>"), (QUAY, "quay.io")],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_registry_stands_in_dockers_file(of: Integration, where: str) -> None:
    found = files(logins(cli("cli", of), of))
    auth = f"base64(<{of.name}.username>:<{of.name}.password>)"
    assert found == {"home/.docker/config.json": f'{{"auths": {{"json({where})": {{"auth": "{auth}"}}}}}}\n'}


def test_artifactory_is_jfrogs_default_server_and_kubernetes_a_kubeconfig() -> None:
    assert files(logins(cli("cli", KUBERNETES), KUBERNETES)) == {"home/.kube/config": "<k8s.kubeConfigContent>"}
    server = '{"artifactory": [{"url": "json(<jfrog.url>)", "user": "json(<jfrog.username>)", "password": "json(<jfrog.password>)", '
    path, content = next(iter(files(logins(cli("cli", JFROG), JFROG)).items()))
    assert (path, content.startswith(server), '"isDefault": true' in content) == ("home/.jfrog/jfrog-cli.conf", True, True)


def test_digital_ocean_is_a_variable() -> None:
    given = cli("cli", OCEAN)
    assert logins(given, OCEAN) == ()
    assert env(job(take("cli")), given, integrations=(OCEAN,))["DIGITALOCEAN_ACCESS_TOKEN"] == Secret("do", "apiToken")


def test_of_two_cli_configs_of_one_type_the_last_counts_and_registries_share_a_file() -> None:
    other = integration("other", "dockerRegistryLogin", "username", "password")
    given = (cli("one", HUB), cli("two", other), cli("three", QUAY))
    made = plan(job(*(take(each.name) for each in given)), *given, integrations=(HUB, other, QUAY))
    (login,) = made.logins
    content = spelled(login.files[0].content)
    assert ("<hub." in content, "<other." in content, "<quay." in content, login.name) == (False, True, True, "two and three")


def test_an_unknown_scope_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Unplannable, match="gke is no scope of cli: a cliConfig with an integration of type amazonKeys has ecr"):
        logins(cli("cli", AWS, region="r"), AWS, "gke")


def test_an_integration_that_is_not_there_is_refused_with_what_to_type() -> None:
    with pytest.raises(Unplannable, match="the integration aws is not there for this run: set it with `gateline secret set aws`"):
        plan(job(take("cli")), cli("cli", AWS, region="r"))


def test_a_forks_run_logs_nothing_in() -> None:
    given = cli("cli", AWS, region="r")
    made = plan(job(take("cli"), integrations=("forge",)), given, integrations=(AWS, GIT), run=in_lane("pr/1@github:1", FORK))
    assert (made.logins, list(made.hidden())) == ((), [])


def test_git_credentials_stand_with_and_without_the_port_and_git_reads_them() -> None:
    found = files(plan(job(integrations=("forge",)), integrations=(GIT,)).logins)
    user = "https://url(<forge.username>):url(<forge.password>)@<forge.host>"
    assert found["home/.git-credentials"] == f"{user}\n{user}:<forge.port>\n"
    assert found["home/.config/git/config"] == "[credential]\n\thelper = store\n"


def test_what_a_workflow_file_says_is_in_no_script() -> None:
    evil = "$(touch /tmp/x)`;'\""
    for of, scopes in ((AWS, ["ecr"]), (AZURE, ["aks"]), (GOOGLE, ["gke"])):
        found = logins(cli("cli", of, region=evil, groupName=evil, clusterName=evil), of, *scopes)
        assert all("touch" not in login.script for login in found)
        assert any("touch" in str(value) for login in found for _, value in login.env)
