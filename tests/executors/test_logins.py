"""Logins for real: bash, the local executor, and stand-ins for the tools that record what they are given."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.executors import Materials
from app.executors.local import LocalExecutor
from app.workflow.definition import Task
from app.workflow.line import Status
from app.workflow.plan import Plan, PlannedFile, Result
from tests.contract.executors import RecordedLog
from tests.jobs.planning import held, integration, job, plan, take, version

SECRET = "correct-horse"
KEY = f'{{"type": "service_account", "project_id": "acme-prod", "private_key": "{SECRET}"}}'
VALUES: dict[str, dict[str, str]] = {
    "aws": {"accessKey": "AKIA", "secretKey": SECRET},
    "azure": {"appId": "app-id", "password": SECRET, "tenant": "tenant-id"},
    "gcp": {"JSON_key": KEY},
    "hub": {"username": "me", "password": SECRET},
    "forge": {"host": "git.example", "port": "8443", "username": "me", "password": f"{SECRET}@/"},
}
TYPES = {"aws": "amazonKeys", "azure": "azureKeys", "gcp": "gcloudKey", "hub": "dockerRegistryLogin", "forge": "gitCredential"}

STANDINS = {
    "aws": 'echo "aws $*" >>"$BUILD_DIR/said"; case $1 in sts) echo 42 ;; ecr) echo token ;; esac',
    "docker": 'echo "docker $*; stdin: $(cat)" >>"$BUILD_DIR/said"; mkdir -p ~/.docker; echo logged >~/.docker/config.json',
    "az": 'echo "az $*" >>"$BUILD_DIR/said"; mkdir -p ~/.azure ~/.kube; echo k >~/.kube/config; echo t >~/.azure/tokens',
    "gcloud": 'echo "gcloud $*" >>"$BUILD_DIR/said"; mkdir -p ~/.config/gcloud; echo t >~/.config/gcloud/db',
}


def planned(name: str, *script: str, scopes: tuple[str, ...] = (), **content: Any) -> Plan:
    of = integration(name, TYPES[name], *VALUES[name])
    given = held("cli", "cliConfig", version("cli", **content), integration=name, **content)
    line = job(take("cli", scopes=list(scopes)))
    return plan(replace(line, steps=(line.steps[0], Task("go", script))), given, integrations=(of,))


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Runs a plan with stand-ins, before the system's folders (no others when there are none); returns how it ended and what it said."""
    executor = LocalExecutor(tmp_path / "data")

    def run(made: Plan, standins: Mapping[str, str] = STANDINS) -> tuple[Result, list[str]]:
        tools = tuple(PlannedFile(f"bin/{name}", f"#!/bin/sh\n{body}\n", 0o755) for name, body in standins.items())
        made = replace(
            made, files=(*made.files, *tools), env=(*made.env, ("PATH", "@JOB_PATH@/bin" + (":/usr/bin:/bin" if standins else "")))
        )
        log = RecordedLog()
        materials = Materials(VALUES, {}, lambda key, folder: None, lambda folder: None, (SECRET,))
        result = executor.run(made, materials, log, lambda: "")
        assert SECRET not in log.text
        return result, log.said

    return run


def test_ecr_gets_its_password_on_standard_input(run: Any) -> None:
    result, said = run(planned("aws", "cat said; grep -c . ~/.aws/credentials", scopes=("ecr",), region="eu-west-1"))
    assert result.status is Status.SUCCEEDED
    assert "aws ecr get-login-password --region eu-west-1" in said
    assert "docker login --username AWS --password-stdin 42.dkr.ecr.eu-west-1.amazonaws.com; stdin: token" in said
    assert said[-1] == "3"


def test_azure_and_aks(run: Any) -> None:
    result, said = run(planned("azure", "cat said", "test -s ~/.kube/config", scopes=("aks",), groupName="g", clusterName="c"))
    assert result.status is Status.SUCCEEDED
    login, credentials = said[-2:]
    assert login.startswith("az login --service-principal --username app-id --password @/")
    assert login.endswith("/home/.azure-secret --tenant tenant-id --output none")
    assert credentials == "az aks get-credentials --resource-group g --name c --overwrite-existing"


@pytest.mark.parametrize(("region", "where"), [("europe-west1-b", "zone"), ("europe-west1", "region")])
def test_google_and_gke(run: Any, region: str, where: str) -> None:
    result, said = run(planned("gcp", "cat said", scopes=("gke",), region=region, clusterName="prod"))
    assert result.status is Status.SUCCEEDED
    assert said[-4:] == [
        "gcloud config set project acme-prod --quiet",
        "gcloud config set container/cluster prod --quiet",
        f"gcloud config set compute/{where} {region} --quiet",
        f"gcloud container clusters get-credentials prod --{where} {region} --quiet",
    ]


def test_a_tool_that_only_can_log_itself_in_and_is_missing_is_an_error_before_the_task(run: Any) -> None:
    result, said = run(planned("gcp", "echo ran"), {})
    sentence = "cli cannot be logged in: gcloud is not on this worker: install it there, or give the job a pool whose workers have it."
    assert (result.status, result.reason) == (Status.ERRORED, sentence)
    assert "ran" not in said


def test_a_tool_that_refuses_is_an_error_with_its_own_words(run: Any) -> None:
    result, _ = run(planned("gcp", "echo ran"), {"gcloud": "echo 'ERROR: the account is gone.' >&2; exit 3"})
    assert (result.status, result.reason) == (Status.ERRORED, "cli cannot be logged in: ERROR: the account is gone.")


def test_where_a_file_is_enough_a_missing_tool_is_a_note(run: Any) -> None:
    result, said = run(planned("hub", 'read -r line <~/.docker/config.json; echo "${#line}"'), {})
    assert result.status is Status.SUCCEEDED
    written = f'{{"auths": {{"https://index.docker.io/v1/": {{"auth": "{b64encode(f"me:{SECRET}".encode()).decode()}"}}}}}}'
    assert said == ["docker is not on this worker", "cli is there for whatever reads home/.docker/config.json.", str(len(written))]


def test_each_task_is_logged_in_anew_and_what_a_tool_keeps_is_wiped_after_it(run: Any) -> None:
    made = planned("azure", "rm -r ~/.azure", "touch ~/mine")
    again = replace(made.tasks[0], name="again", script=("test -s ~/.azure/tokens", "grep -c login said", "ls -A ~"))
    result, said = run(replace(made, tasks=(made.tasks[0], again)))
    assert result.status is Status.SUCCEEDED
    assert said[-5:] == ["2", ".azure", ".azure-secret", ".kube", "mine"]


def test_git_itself_finds_the_credentials(run: Any) -> None:
    line = replace(
        job(integrations=("forge",)),
        steps=(Task("go", ("printf 'protocol=https\\nhost=git.example:8443\\n\\n' | git credential fill | tail -1 | wc -c",)),),
    )
    result, said = run(plan(line, integrations=(integration("forge", "gitCredential", *VALUES["forge"]),)))
    assert result.status is Status.SUCCEEDED
    assert said == [str(len(f"password={SECRET}@/\n"))]
