"""S3 and S4: from a push to a test cluster, to production by hand, and back (ci-integrations-deploy.md section 7)."""

from __future__ import annotations

import pytest

from app.workflow.line import MAIN
from tests.fakes.deployments import Clusters
from tests.fakes.executor import failing
from tests.scenarios.lines import may_deploy, tagging, tags, with_clusters
from tests.scenarios.town import ACCOUNT, Town

LINE = """
    resources:
      - {name: app, type: gitRepo, versionTemplate: {sourceName: acme/app, branch: main}}
      - {name: app_img, type: image, versionTemplate: {sourceName: acme/app, versionName: "0"}}
      - {name: opts, type: dockerOptions, version: {memory: 128}}
      - {name: env, type: params, version: {params: {MODE: any, COLOR: blue}}}
      - {name: prod_env, type: params, version: {params: {MODE: prod}}}
      - {name: test, type: cluster, integration: kube, versionTemplate: {sourceName: test}}
      - {name: prod, type: cluster, integration: kube, versionTemplate: {sourceName: prod}}
      - {name: team, type: notification, integration: slack-token, versionTemplate: {recipients: ["#builds"]}}
    jobs:
      - name: build
        type: runSh
        steps: [{IN: app}, {TASK: [{script: make image}]}, {OUT: app_img}]
      - name: man
        type: manifest
        steps: [{IN: app_img}, {IN: opts}, {IN: env}]
      - name: deploy_test
        type: deploy
        steps: [{IN: man}, {IN: test}]
        on_success: [{NOTIFY: team}]
      - name: itest
        type: runSh
        steps: [{IN: deploy_test}, {TASK: [{script: make itest}]}]
      - name: deploy_prod
        type: deploy
        steps:
          - {IN: deploy_test, switch: off%s}
          - {IN: itest, switch: off}
          - {IN: prod, switch: off}
          - {IN: prod_env, switch: off}
"""


def line(pin: str = "") -> dict[str, str]:
    return {"gateline.yml": LINE % pin}


@pytest.fixture
def clusters(town: Town) -> Clusters:
    made = with_clusters(town)
    town.executor.acts["build"] = tagging("app_img")
    town.source(line())
    may_deploy(town, "kube")
    town.secret("slack-token", {"webhookUrl": "https://hooks.example/1"}, type="slackKey")
    return made


def released(town: Town, times: int = 1) -> None:
    for _ in range(times):
        town.push()
        town.settle()
    assert town.stuck() == []


def ready(town: Town, job: str) -> bool:
    return MAIN in town.store.ask(ACCOUNT, lambda line: line.node(job).ready)


def test_s3_a_push_reaches_the_test_cluster_and_production_waits_to_be_run_by_hand(town: Town, clusters: Clusters) -> None:
    released(town)
    assert town.ran() == ["build#1 succeeded", "man#1 succeeded", "deploy_test#1 succeeded", "itest#1 succeeded"]
    assert [version.label for version in town.versions("app_img")] == ["0", "main.1"]
    assert clusters.deployed == ["test/deploy_test-man-1"]
    assert ready(town, "deploy_prod")
    assert any("deploy_test" in message.title for message, _ in town.slack.sent)

    town.obey("carol", "trigger deploy_prod")
    town.settle()
    assert town.ran()[-1] == "deploy_prod#1 succeeded"
    assert not ready(town, "deploy_prod")
    (manifest,) = clusters.running["prod"].values()
    assert (manifest.name, manifest.version, manifest.parts[0].label) == ("man", 1, "main.1")
    assert manifest.parts[0].env == {"MODE": "prod", "COLOR": "blue"}
    assert manifest.parts[0].options["memory"] == 128
    assert manifest.replicas == {"count": 1}


def test_s3_a_red_test_keeps_production_from_running_by_itself(town: Town, clusters: Clusters) -> None:
    town.executor.acts["itest"] = failing()
    released(town)
    assert town.ran()[-1] == "itest#1 failed"
    assert "prod" not in clusters.running
    assert town.runs("deploy_prod") == []


def test_s3_an_unhealthy_deploy_fails_and_its_tests_do_not_run(town: Town, clusters: Clusters) -> None:
    clusters.sick = {"man"}
    released(town)
    (run,) = town.runs("deploy_test")
    assert (run.status.value, run.reason) == ("failed", "deploy_test-man-1 did not get stable within 600 s")
    assert town.runs("itest") == []


def test_s4_a_pin_rolls_production_back_and_holds_it_there(town: Town, clusters: Clusters) -> None:
    """By `pin`, then by `versionNumber` in the file; new builds reach the test cluster only; unpinned, production follows again."""
    released(town, 3)
    town.obey("carol", "trigger deploy_prod")
    town.settle()
    assert (tags(clusters, "test"), tags(clusters, "prod")) == ({"man": "main.3"}, {"man": "main.3"})

    town.obey("carol", "pin deploy_prod deploy_test 2")
    town.obey("carol", "trigger deploy_prod")
    town.settle()
    assert tags(clusters, "prod") == {"man": "main.2"}

    released(town)
    town.obey("carol", "trigger deploy_prod")
    town.settle()
    assert (tags(clusters, "test"), tags(clusters, "prod")) == ({"man": "main.4"}, {"man": "main.2"})
    taken = {each.name: each.version.number for each in town.runs("deploy_prod")[-1].inputs if each.version}
    assert taken["deploy_test"] == 2

    town.obey("carol", "unpin deploy_prod deploy_test")
    town.obey("carol", "trigger deploy_prod")
    town.settle()
    assert tags(clusters, "prod") == {"man": "main.4"}

    town.push(line(', versionNumber: "2"'.replace('"', "")))
    town.settle()
    town.obey("carol", "trigger deploy_prod")
    town.settle()
    assert (tags(clusters, "test"), tags(clusters, "prod")) == ({"man": "main.5"}, {"man": "main.2"})
    assert list(clusters.running["prod"]) == ["deploy_prod-man-5"]
