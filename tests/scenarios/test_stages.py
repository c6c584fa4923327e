"""S5: from an image through a test cluster that lives for one run to a release in production (ci-integrations-deploy.md section 7)."""

from __future__ import annotations

import pytest

from app.react import react
from app.workflow.events import VersionPosted
from app.workflow.line import Actor
from tests.fakes.deployments import Clusters
from tests.scenarios.lines import may_deploy, with_clusters
from tests.scenarios.town import ACCOUNT, Town

LINE = {
    "gateline.yml": """
        resources:
          - {name: img, type: image, versionTemplate: {sourceName: acme/web, versionName: "0"}}
          - {name: env, type: params, version: {params: {ENVIRONMENT: test, COLOR: blue}}}
          - {name: prod_env, type: params, version: {params: {ENVIRONMENT: prod}}}
          - {name: test_opts, type: dockerOptions, version: {memory: 1024}}
          - {name: prod_opts, type: dockerOptions, version: {memory: 2048}}
          - {name: prod_replicas, type: replicas, version: {count: 2}}
          - {name: test, type: cluster, integration: kube, versionTemplate: {sourceName: test}}
          - {name: prod, type: cluster, integration: kube, versionTemplate: {sourceName: prod}}
          - {name: seed, type: version, seed: {versionName: 1.0.0}}
        jobs:
          - {name: man, type: manifest, steps: [{IN: img}, {IN: env}]}
          - name: provision_cluster
            type: runSh
            steps: [{IN: man}, {TASK: [{script: ./up}]}]
          - name: deploy_test
            type: deploy
            method: replace
            steps: [{IN: provision_cluster}, {IN: man, switch: off}, {IN: test}, {IN: test_opts}]
          - name: deprovision
            type: runSh
            steps: [{IN: deploy_test}, {TASK: [{script: ./down}]}]
          - name: rel
            type: release
            bump: minor
            steps: [{IN: deprovision}, {IN: deploy_test, switch: off}, {IN: seed}]
          - name: deploy_prod
            type: deploy
            steps: [{IN: rel}, {IN: prod}, {IN: prod_opts}, {IN: prod_env}, {IN: prod_replicas}]
        """
}
ORDER = ["man", "provision_cluster", "deploy_test", "deprovision", "rel", "deploy_prod"]


@pytest.fixture
def clusters(town: Town) -> Clusters:
    made = with_clusters(town)
    town.source(LINE)
    may_deploy(town, "kube")
    return made


def tag(town: Town, label: str) -> None:
    """The registry has a new tag."""
    event = VersionPosted(key=f"tag {label}", at=town.clock(), resource="img", label=label, bag={}, by=Actor("github:1", "ann"))
    react(town.context, ACCOUNT, event)
    town.settle()
    assert town.stuck() == []


def test_s5_a_tag_goes_through_all_stages_and_each_has_its_own_settings(town: Town, clusters: Clusters) -> None:
    tag(town, "7")
    assert town.ran() == [f"{job}#1 succeeded" for job in ORDER]
    assert clusters.deployed == ["test/deploy_test-man", "prod/deploy_prod-man-1"]
    (tested,), (live,) = clusters.running["test"].values(), clusters.running["prod"].values()
    assert (tested.replicas, tested.parts[0].options["memory"], tested.parts[0].env["ENVIRONMENT"]) == ({"count": 1}, 1024, "test")
    assert (live.replicas, live.parts[0].options["memory"], live.parts[0].env) == (
        {"count": 2},
        2048,
        {"ENVIRONMENT": "prod", "COLOR": "blue"},
    )
    assert [version.label for version in town.versions("rel")] == ["v1.1.0"]
    assert [version.label for version in town.versions("deploy_prod")] == ["v1.1.0"]

    tag(town, "8")
    assert [version.label for version in town.versions("rel")] == ["v1.1.0", "v1.2.0"]
    assert list(clusters.running["test"]) == ["deploy_test-man"]
    assert list(clusters.running["prod"]) == ["deploy_prod-man-2"]


def test_s5_a_test_deploy_that_fails_stops_before_the_release(town: Town, clusters: Clusters) -> None:
    clusters.sick = {"man"}
    tag(town, "7")
    assert town.ran() == ["man#1 succeeded", "provision_cluster#1 succeeded", "deploy_test#1 failed"]
    assert town.versions("rel") == []
