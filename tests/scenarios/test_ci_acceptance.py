"""Acceptance scenarios of CI (spec/ci-integrations-deploy.md section 7): S1, S10 and S11; S2 is in `test_ci`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.executors import Log, Materials
from app.store import Store
from app.store.keys import encrypt
from app.workflow.ci.reports import Report
from app.workflow.events import Left
from app.workflow.line import Status
from app.workflow.plan import Plan, Result, Sealed, Secret
from tests.fakes.clock import MovableClock
from tests.fakes.executor import ScriptedExecutor, ending, failing
from tests.scenarios.town import ACCOUNT, Town

S1 = """
    language: python
    python: 3.11
    build:
      ci: [pip install -r requirements.txt, pytest --junitxml=shippable/testresults/junit.xml]
    integrations:
      notifications: [{integrationName: team, type: slack, recipients: "#builds"}]
"""
GREEN = ending(Result(Status.SUCCEEDED, code=0, report=Report(41, coverage=0.87)))
RED = ending(Result(Status.SUCCEEDED, code=0, report=Report(40, 1, 0, ("test_app.test_sum",), 0.87)))


def told(town: Town) -> list[str]:
    return [message.title for message, credentials in town.slack.sent if "webhookUrl" in credentials]


def test_s1_pushes_and_a_pull_request_are_built_reported_and_told(town: Town) -> None:
    town.source({"shippable.yml": S1})
    town.secret("team", {"webhookUrl": "https://hooks.example/1"}, type="slackKey")
    shown = []
    for act in (GREEN, failing(1), GREEN):
        town.executor.acts["app_runCI"] = act
        sha = town.push()
        town.settle()
        shown.append(town.statuses(sha)["gateline/app_runci"][0])
    assert shown == ["success", "failure", "success"]
    assert town.ran() == ["app_runCI#1 succeeded", "app_runCI#2 failed", "app_runCI#3 succeeded"]
    assert told(town) == ["app_runCI #2 failed: exit code 1", "app_runCI #3 succeeded"]

    town.world.commit(town.app.id, "topic", {"file.txt": b"x"})
    number = town.open("topic")
    town.settle()
    made, env = town.plan("app_runCI"), dict(town.plan("app_runCI").env)
    assert (made.number, made.checkouts[0].number, made.checkouts[0].base_ref) == (4, number, "main")
    assert (env["IS_PULL_REQUEST"], env["HEAD_BRANCH"], env["BASE_BRANCH"]) == ("true", "topic", "main")
    assert len(told(town)) == 3


def test_s1_a_red_test_with_exit_code_0_is_unstable(town: Town) -> None:
    town.source({"shippable.yml": S1})
    town.executor.acts["app_runCI"] = RED
    sha = town.push()
    town.settle()
    assert town.ran() == ["app_runCI#1 unstable"]
    assert town.statuses(sha)["gateline/app_runci"] == ("failure", "unstable: 1 test failed: test_app.test_sum")


S10_LINE = """
    resources:
      - {name: img, type: params, version: {params: {TAG: "0"}}}
    jobs:
      - {name: app_runCI, type: runCI, steps: [{OUT: img, replicateOnPullRequest: true}]}
      - {name: after, type: runSh, steps: [{IN: img, lanes: all}, {TASK: [{script: ship}]}]}
"""


class Remembering(ScriptedExecutor):
    """Keeps the materials of each run too."""

    def run(self, plan: Plan, materials: Materials, log: Log, should_stop: Callable[[], str]) -> Result:
        self.given.append(materials)
        return super().run(plan, materials, log, should_stop)

    def __init__(self) -> None:
        super().__init__()
        self.given: list[Materials] = []


def guarded(town: Town) -> Remembering:
    """A source with an encrypted variable, key-values and an OUT."""
    sealed = encrypt(town.store.key(ACCOUNT, town.app.id), "DEPLOY_TOKEN=hunter2")
    text = f"""
    language: none
    env: {{global: [{{secure: {sealed}}}]}}
    build: {{ci: [make base]}}
    integrations: {{generic: [{{integrationName: kv}}]}}
    """
    town.source({"gateline.yml": S10_LINE, "shippable.yml": text})
    town.secret("kv", {"API_KEY": "s3cret-key"})
    executor = Remembering()
    executor.acts["app_runCI"] = ending(Result(Status.SUCCEEDED, code=0, outputs={"img": Left(keys=(("TAG", "1"),))}))
    town.use(executor)
    return executor


def test_s10_a_forks_request_waits_and_then_runs_by_the_base_without_secrets_or_outs(town: Town) -> None:
    executor = guarded(town)
    copy = town.world.repository("app", owner="mallory")
    sha = town.world.commit(copy.id, "evil", {"shippable.yml": b"language: none\nbuild: {ci: [env]}\n"})
    number = town.open("evil", by="mallory", fork=copy.id)
    town.work()
    assert executor.plans == []
    assert [run.held for run in town.runs("app_runCI")] == ["allow"]
    town.comment("carol", f"/gateline allow {sha}", number=number)
    town.work()
    (plan,) = executor.plans
    assert plan.tasks[-1].script[-1] == "make base"
    assert list(plan.hidden()) == []
    assert [collect.name for collect in plan.collects] == [""]
    assert len(town.versions("img")) == 1
    assert town.runs("after") == []


def test_s10_a_request_of_the_same_repository_decrypts_and_masks(town: Town) -> None:
    executor = guarded(town)
    town.world.commit(town.app.id, "topic", {"file.txt": b"x"})
    town.open("topic")
    town.work()
    plan, given = executor.plans[0], executor.given[0]
    assert [each for each in plan.hidden() if isinstance(each, Sealed)]
    assert [dict(values) for values in given.sealed.values()] == [{"DEPLOY_TOKEN": "hunter2"}]
    assert dict(plan.env)["API_KEY"] == Secret("kv", "API_KEY")
    assert {"hunter2", "s3cret-key"} <= set(given.mask)
    assert [version.bag["params"] for version in town.versions("img")][-1] == {"TAG": "1"}


S11_APP = {
    "gateline.yml": "jobs: [{name: app_runCI, type: runCI, steps: [{IN: ci_img}]}]\n",
    "shippable.yml": """
    language: none
    build:
      pre_ci: [export TAG=$(shipctl get_resource_version_name ci_img)]
      pre_ci_boot: {image_name: acme/ci, image_tag: $TAG}
      ci: [make]
    """,
}
S11_IMAGE = {
    "gateline.yml": """
    resources:
      - {name: base_repo, type: gitRepo, integration: gh, versionTemplate: {sourceName: acme/base}}
      - {name: ci_img, type: image, integration: hub, versionTemplate: {sourceName: acme/ci, versionName: "1"}}
    jobs:
      - name: build_ci_img
        type: runSh
        steps: [{IN: base_repo}, {TASK: [{script: build and push}]}, {OUT: ci_img}]
    """
}


@pytest.fixture
def hosted(store: Store, clock: MovableClock, tmp_path: Path) -> Town:
    """A town whose account lets cells that name an image run on the host."""
    return Town(store, clock, tmp_path, account={ACCOUNT: {"host_tasks": True}})


def test_s11_a_new_ci_image_runs_the_ci_that_boots_it(hosted: Town) -> None:
    base = hosted.repository("base")
    hosted.source(S11_IMAGE, base)
    hosted.source(S11_APP)
    hosted.executor.acts["build_ci_img"] = ending(Result(Status.SUCCEEDED, code=0, outputs={"ci_img": Left(keys=(("versionName", "7"),))}))
    hosted.push(repository=base)
    hosted.work()
    assert hosted.ran() == ["build_ci_img#1 succeeded", "app_runCI#1 succeeded"]
    assert [version.label for version in hosted.versions("ci_img")] == ["1", "7"]
    made = hosted.plan("app_runCI")
    assert dict(made.env)["CI_IMG_VERSIONNAME"] == "7"
    assert [task.name for task in made.tasks] == ["pre_ci", "ci"]
    assert dict(made.tasks[1].env)["TASK_CONTAINER_IMAGE"] == "acme/ci:$TAG"


def test_s11_a_ci_image_that_its_own_ci_makes_is_a_circle_and_rejected(hosted: Town) -> None:
    line = """
    resources:
      - {name: ci_img, type: image, integration: hub, versionTemplate: {sourceName: acme/ci, versionName: "1"}}
    jobs:
      - {name: app_runCI, type: runCI, steps: [{IN: ci_img}, {OUT: ci_img}]}
    """
    hosted.source({"gateline.yml": line, "shippable.yml": "language: none\n"})
    (source,) = hosted.store.sources()
    assert any("`ci_img` is both IN and OUT" in problem.sentence for problem in source.problems)
    hosted.push()
    hosted.work()
    assert hosted.executor.plans == []


def test_a_ci_file_gets_no_integration_that_its_own_repository_may_not_see(town: Town) -> None:
    ops = town.repository("ops")
    town.source({"gateline.yml": "jobs: [{name: app_runCI, type: runCI}]\n"}, ops)
    town.secret("kv", {"API_KEY": "s3cret-key"})
    town.source({"shippable.yml": "language: none\nintegrations: {generic: [{integrationName: kv}]}\n"})
    town.push()
    town.work()
    assert [run.reason for run in town.runs("app_runCI")] == [
        "the CI file names the integration kv, which is not set for its own repository (acme/app)."
    ]
