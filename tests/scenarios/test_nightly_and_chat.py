"""S12's cron and chat, S6 with a stand-in for terraform, and S9 (ci-integrations-deploy.md section 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from app.workflow.events import Left
from app.workflow.line import Status
from app.workflow.plan import Plan, Result
from tests.scenarios.town import Town

HOUR = 3600.0

NIGHTLY = {
    "gateline.yml": """
        resources:
          - {name: app, type: gitRepo, versionTemplate: {sourceName: acme/app, branch: main}}
          - {name: nightly, type: time, seed: {interval: "0 * * * *"}}
        jobs:
          - name: build
            type: runSh
            steps: [{IN: app}, {TASK: [{script: make}]}]
          - name: app_beta_deploy
            type: runSh
            steps: [{IN: build}, {IN: nightly}, {TASK: [{script: ./deploy beta}]}]
          - name: app_prod_deploy
            type: runSh
            steps: [{IN: app_beta_deploy, switch: off}, {TASK: [{script: ./deploy prod}]}]
        """
}


def test_s12_cron_runs_beta_again_and_prod_runs_only_by_hand_with_its_why(town: Town) -> None:
    town.source(NIGHTLY)
    town.tick(HOUR)
    sha = town.push()
    town.settle()
    town.tick(HOUR)
    assert town.ran() == ["build#1 succeeded", "app_beta_deploy#1 succeeded", "app_beta_deploy#2 succeeded"]
    town.comment("carol", "/gateline trigger app_prod_deploy WHY=hotfix", sha=sha)
    town.settle()
    assert town.ran()[-1] == "app_prod_deploy#1 succeeded"
    assert dict(town.plan("app_prod_deploy").env)["WHY"] == "hotfix"


def test_s12_a_paused_job_passes_cron_over_and_still_runs_by_hand(town: Town) -> None:
    town.source(NIGHTLY)
    town.tick(HOUR)
    town.push()
    town.settle()
    town.obey("carol", "pause app_beta_deploy")
    town.tick(HOUR)
    assert len(town.runs("app_beta_deploy")) == 1
    town.obey("carol", "trigger app_beta_deploy")
    town.settle()
    assert town.ran()[-1] == "app_beta_deploy#2 succeeded"


TERRAFORM = {
    "gateline.yml": """
        resources:
          - {name: infra, type: gitRepo, versionTemplate: {sourceName: acme/app, branch: main}}
          - {name: vpc_state, type: state}
          - {name: vpc_info, type: params, version: {params: {vpc_id: none}}}
        jobs:
          - name: vpc
            type: runSh
            steps:
              - {IN: infra}
              - {IN: vpc_state}
              - {TASK: [{script: terraform apply}]}
              - {OUT: vpc_state, on_failure: true}
              - {OUT: vpc_info}
          - name: ec2
            type: runSh
            steps: [{IN: vpc_info}, {TASK: [{script: terraform apply}]}]
          - name: vpc_deprov
            type: runSh
            steps:
              - {IN: vpc_state, switch: off}
              - {TASK: [{script: terraform destroy}]}
              - {OUT: vpc_state}
        """
}


@dataclass
class Terraform:
    """Applies and destroys: `states` are what each call found restored, `fails` makes the next apply stop half-way."""

    states: list[tuple[str, ...]] = field(default_factory=list)
    fails: bool = False

    def apply(self, plan: Plan, should_stop: Callable[[], str]) -> Result:
        self.states.append(tuple(each.files for each in plan.restores if each.path.endswith("vpc_state/state")))
        left = {"vpc_state": Left(files=f"tfstate {'half' if self.fails else 'whole'}")}
        if self.fails:
            return Result(Status.FAILED, "exit code 1", 1, outputs=left)
        return Result(Status.SUCCEEDED, code=0, outputs={**left, "vpc_info": Left(keys=(("vpc_id", "vpc-1"),))})

    def destroy(self, plan: Plan, should_stop: Callable[[], str]) -> Result:
        return Result(Status.SUCCEEDED, code=0, outputs={"vpc_state": Left(files="tfstate empty")})


def test_s6_terraform_keeps_its_state_whatever_came_of_it(town: Town) -> None:
    terraform = Terraform(fails=True)
    town.executor.acts |= {"vpc": terraform.apply, "vpc_deprov": terraform.destroy}
    town.source(TERRAFORM)
    town.push()
    town.settle()
    assert town.ran() == ["vpc#1 failed"]
    assert town.versions("vpc_state")[-1].files == "tfstate half"
    assert len(town.versions("vpc_info")) == 1
    terraform.fails = False
    town.push()
    town.settle()
    assert town.ran() == ["vpc#1 failed", "vpc#2 succeeded", "ec2#1 succeeded"]
    assert dict(town.plan("ec2").env)["vpc_id"] == "vpc-1"
    town.push()
    town.settle()
    assert terraform.states == [(), ("tfstate half",), ("tfstate whole",)]
    assert [each for each in town.ran() if each.startswith("ec2")] == ["ec2#1 succeeded"]
    town.obey("carol", "trigger vpc_deprov")
    town.settle()
    assert town.ran()[-1] == "vpc_deprov#1 succeeded"
    assert town.versions("vpc_state")[-1].files == "tfstate empty"


MONOREPO = {
    "gateline.yml": """
        resources:
          - {name: mono, type: gitRepo, versionTemplate: {sourceName: acme/app, branch: main}}
          - {name: svc_a_img, type: image, versionTemplate: {sourceName: acme/a, versionName: "0"}}
          - {name: svc_b_img, type: image, versionTemplate: {sourceName: acme/b, versionName: "0"}}
        jobs:
          - name: detect
            type: runSh
            steps:
              - {IN: mono}
              - {TASK: [{script: shipctl get_git_changes --resource=mono --directories-only --depth=1}]}
              - {OUT: svc_a_img}
              - {OUT: svc_b_img}
          - {name: a_man, type: manifest, steps: [{IN: svc_a_img}]}
          - {name: b_man, type: manifest, steps: [{IN: svc_b_img}]}
        """
}


def changed(town: Town, *services: str) -> str:
    """A commit in which `detect` finds changes of these services."""

    def act(plan: Plan, should_stop: Callable[[], str]) -> Result:
        tagged = Left(keys=(("versionName", str(plan.number)),))
        return Result(Status.SUCCEEDED, code=0, outputs={f"{service}_img": tagged for service in services})

    town.executor.acts["detect"] = act
    sha = town.push()
    town.settle()
    return sha


def test_s9_only_the_image_of_the_service_that_changed_goes_on(town: Town) -> None:
    town.source(MONOREPO)
    changed(town, "svc_a", "svc_b")
    sha = changed(town, "svc_b")
    assert town.ran()[3:] == ["detect#2 succeeded", "b_man#2 succeeded"]
    assert [len(town.versions(name)) for name in ("svc_a_img", "svc_b_img")] == [2, 3]
    assert town.statuses(sha)["gateline/a_man"] == ("success", "skipped: svc_a_img did not change")
