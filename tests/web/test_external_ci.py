"""External CI reports its builds: spec/workflow-language.md section 3.4, ci-integrations-deploy.md section 5."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.react import react
from app.workflow.definition import Fragment, Input, Job, Resource
from app.workflow.events import Adopted
from app.workflow.line import Actor
from tests.web.line import ACCOUNT, APP, BUILD, TASK, Account

PATHS = ("/externalCI", "/api/v1/externalCI")
TESTS = Job("tests", "externalCI", APP)
AFTER = Job("after", "runSh", APP, (Input("tests"), TASK))
SERVER = Resource("jenkins", "externalCIServer", APP)


@pytest.fixture(autouse=True)
def _line(account: Account) -> None:
    """A job that runs in Jenkins, and one behind it."""
    fragment = Fragment(APP, "c" * 40, (BUILD, TESTS, AFTER), (SERVER,))
    react(account.context, ACCOUNT, Adopted(key="again", at=account.store.now(), fragment=fragment, by=Actor("", "unknown")))


def post(account: Account, path: str = PATHS[0], headers: dict[str, str] | None = None, **told: Any) -> TestResponse:
    body = {"jobName": "tests", "statusCode": 4002, "externalBuildId": "17", **told}
    return account.client.post(path, json=body, headers=headers or account.headers("write"))


def runs(account: Account, job: str = "tests") -> list[str]:
    return [f"{view.run.ref} {view.run.status.value}" for view in reversed(account.store.runs(ACCOUNT, job))]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scheme", ["apiToken", "Bearer"])
def test_a_build_is_reported_as_it_goes(account: Account, path: str, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {account.token('write')}"}
    begun = post(account, path, headers, statusCode=4001, externalBuildUrl="https://ci.example/17", externalCIServerId="jenkins")
    assert (begun.status_code, begun.get_json()) == (200, {"run": "tests#1", "statusCode": 4001})
    assert runs(account) == ["tests#1 running"]
    ended = post(account, path, headers, versionData={"versionName": "1.2", "image": "acme/web:9", "n": 4})
    assert ended.get_json() == {"run": "tests#1", "statusCode": 4002}
    assert runs(account) == ["tests#1 succeeded"]
    assert runs(account, "after") == ["after#1 queued"]
    ((_, version),) = account.store.versions(ACCOUNT, "tests")
    assert version.label == "1.2"
    assert version.bag == {"externalBuildId": "17", "externalBuildUrl": "", "image": "acme/web:9", "n": 4}


def test_a_failure_is_a_failure(account: Account) -> None:
    assert post(account, statusCode=4003).status_code == 200
    assert runs(account) == ["tests#1 failed"]
    assert runs(account, "after") == []


def test_a_repeated_report_counts_once_and_answers_alike(account: Account) -> None:
    assert post(account).get_json() == post(account).get_json()
    assert runs(account) == ["tests#1 succeeded"]
    assert [entry.action for entry in account.store.audit(ACCOUNT, "tests")] == ["report a build"]


def test_a_build_that_ended_does_not_begin_again(account: Account) -> None:
    post(account)
    answer = post(account, statusCode=4001)
    assert answer.status_code == 409
    assert "has ended already" in answer.get_json()["error"]


def test_a_server_may_be_named_by_its_number(account: Account) -> None:
    number = account.store.object_id(ACCOUNT, "jenkins")
    assert post(account, externalCIServerId=number).status_code == 200


@pytest.mark.parametrize(
    ("told", "status", "sentence"),
    [
        ({"statusCode": 4007}, 422, "`statusCode` 4007 is unknown"),
        ({"statusCode": "soon"}, 422, "`statusCode` soon is unknown"),
        ({"externalBuildId": None}, 422, "`externalBuildId` must be a text"),
        ({"jobName": "nothing"}, 404, "no job or resource nothing"),
        ({"jobName": "build"}, 422, "build is no externalCI job"),
        ({"externalCIServerId": "travis"}, 422, "There is no externalCIServer travis"),
        ({"versionData": ["a"]}, 422, "`versionData` must be an object"),
        ({"status": 1}, 422, "Unknown keys: status"),
    ],
)
def test_what_is_wrong_is_said(account: Account, told: dict[str, Any], status: int, sentence: str) -> None:
    answer = post(account, **told)
    assert answer.status_code == status
    assert sentence in answer.get_json()["error"]
    assert runs(account) == []


@pytest.mark.parametrize(("scope", "level", "status"), [("read", "write", 403), ("write", "read", 403)])
def test_who_may_not_write_reports_nothing(account: Account, scope: str, level: str, status: int) -> None:
    assert post(account, headers=account.headers(scope, level=level)).status_code == status
    assert runs(account) == []


@pytest.mark.parametrize("path", PATHS)
def test_without_a_token_nothing_is_taken(account: Account, path: str) -> None:
    assert post(account, path, {"Authorization": "apiToken wrong"}).status_code == 401
