"""S8: services of several repositories, deployed by another (ci-integrations-deploy.md section 7)."""

from __future__ import annotations

import pytest

from app.forges import Level
from app.workflow.events import Repository
from tests.scenarios.lines import may_deploy, tagging, tags, with_clusters
from tests.scenarios.town import Town

SERVICE = """
    resources:
      - {{name: {0}, type: gitRepo, versionTemplate: {{sourceName: acme/{0}, branch: main}}}}
      - {{name: {0}_img, type: image, versionTemplate: {{sourceName: acme/{0}, versionName: "0"}}}}
    jobs:
      - name: {0}_ci
        type: runSh
        steps: [{{IN: {0}}}, {{TASK: [{{script: make image}}]}}, {{OUT: {0}_img}}]
      - name: {0}_man
        type: manifest
        steps: [{{IN: {0}_img}}]
"""
OPS = """
    resources:
      - {name: prod, type: cluster, integration: kube, versionTemplate: {sourceName: prod}}
    jobs:
      - name: ship
        type: deploy
        dependencyMode: strict
        workflow: parallel
        steps:
          - IN: fe_man
          - IN: be_man
            force: %s
          - IN: prod
"""


class Services:
    """Front end, back end and operations, each a source of its own."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.clusters = with_clusters(town)
        self.fe, self.be = (self._service(name) for name in ("fe", "be"))
        self.ops = town.repository("ops")
        town.source({"gateline.yml": OPS % "false"}, self.ops)
        may_deploy(town, "kube")

    def _service(self, name: str) -> Repository:
        repository = self.town.repository(name)
        self.town.executor.acts[f"{name}_ci"] = tagging(f"{name}_img")
        self.town.source({"gateline.yml": SERVICE.format(name)}, repository)
        return repository

    def push(self, *repositories: Repository) -> None:
        for repository in repositories:
            self.town.push(repository=repository)
        self.town.settle()
        assert self.town.stuck() == []


@pytest.fixture
def services(town: Town) -> Services:
    made = Services(town)
    made.push(made.fe, made.be)
    return made


def test_s8_both_at_once_are_deployed_once_after_both(services: Services) -> None:
    assert services.town.ran()[-1] == "ship#1 succeeded"
    assert len(services.town.runs("ship")) == 1
    assert services.clusters.deployed == ["prod/ship-fe_man-1", "prod/ship-be_man-1"]
    assert tags(services.clusters, "prod") == {"fe_man": "main.1", "be_man": "main.1"}


def test_s8_a_push_to_one_redeploys_that_one_only(services: Services) -> None:
    services.push(services.fe)
    assert services.clusters.deployed[2:] == ["prod/ship-fe_man-2"]
    assert sorted(services.clusters.running["prod"]) == ["ship-be_man-1", "ship-fe_man-2"]
    assert services.town.ran()[-1] == "ship#2 succeeded"


def test_s8_force_redeploys_what_did_not_change(services: Services) -> None:
    services.town.push({"gateline.yml": OPS % "true"}, repository=services.ops)
    services.push(services.fe)
    assert services.clusters.deployed[2:] == ["prod/ship-fe_man-2", "prod/ship-be_man-2"]


def test_s8_who_writes_to_one_service_only_may_not_run_the_deploy(services: Services) -> None:
    for repository, level in ((services.fe, Level.WRITE), (services.ops, Level.READ)):
        services.town.world.grant(repository.id, "eve", level)
    before = len(services.town.runs("ship"))
    reply = services.town.obey("eve", "trigger ship")
    assert not reply.accepted
    assert services.town.obey("eve", "trigger fe_man").accepted
    services.town.settle()
    assert [run.by.login for run in services.town.runs("ship")[:before] if run.by] == []
