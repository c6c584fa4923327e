"""Managed jobs in a line: what they hand on, and what happens where nobody can carry one out."""

from __future__ import annotations

from dataclasses import replace

from app.workflow.line import Status
from tests.scenarios.town import Town

LINE = {
    "gateline.yml": """
        resources:
          - {name: img, type: image, versionTemplate: {sourceName: acme/web, versionName: "1"}}
          - {name: seed, type: version, versionTemplate: {versionName: 1.0.0}}
          - {name: app, type: gitRepo, versionTemplate: {sourceName: acme/app, branch: main}}
        jobs:
          - name: web
            type: manifest
            steps: [{IN: img}, {IN: app}, {TASK: managed}]
          - name: rel
            type: release
            steps: [{IN: web}, {IN: seed, switch: off}]
          - name: use
            type: runSh
            steps: [{IN: rel}, {TASK: [{script: ./use}]}]
        """
}


def test_a_manifest_and_its_release_reach_a_script(town: Town) -> None:
    town.source(LINE)
    town.push()
    town.settle()
    assert town.stuck() == []
    assert town.ran() == ["web#1 succeeded", "rel#1 succeeded", "use#1 succeeded"]
    assert [version.label for version in town.versions("rel")] == ["v1.1.0"]
    assert dict(town.plan("use").env)["REL_VERSIONNAME"] == "v1.1.0"
    (view,) = town.store.runs("github:acme", "web")
    log = "".join(chunk.text for chunk in town.store.read_log(view.id, 0, 100))
    assert "img (image) version 1 1" in log
    assert "options: cpuShares=0, memory=400" in log


def test_a_run_that_nobody_here_can_carry_out_ends_before_anything_starts(town: Town) -> None:
    town.context = replace(town.context, executors={"local": town.executor})
    town.source(LINE)
    town.push()
    town.settle()
    (run,) = town.runs("web")
    assert run.status is Status.ERRORED
    assert run.reason.startswith("nothing was started: web needs the executor `inline`, and this installation has only local;")
    assert town.executor.plans == []
