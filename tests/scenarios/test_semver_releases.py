"""S7: releases that count on, alone and in a chain (ci-integrations-deploy.md section 7)."""

from __future__ import annotations

import pytest

from tests.scenarios.town import Town

LINE = """
    resources:
      - {name: img, type: image, versionTemplate: {sourceName: acme/web, versionName: "1"}}
      - {name: seed, type: version, seed: {versionName: %s}}
    jobs:
      - {name: web, type: manifest, steps: [{IN: img}]}
      - {name: alpha, type: release, bump: alpha, steps: [{IN: web, switch: off}, {IN: seed, switch: off}]}
      - {name: beta, type: release, steps: [{IN: web, switch: off}, {IN: seed, switch: off}, {TASK: managed, bump: beta}]}
      - {name: rc, type: release, bump: rc, steps: [{IN: web, switch: off}, {IN: seed, switch: off}]}
      - {name: final, type: release, bump: final, steps: [{IN: rc}]}
      - {name: patch, type: release, bump: patch, steps: [{IN: web, switch: off}, {IN: seed, switch: off}]}
      - {name: minor, type: release, steps: [{IN: web, switch: off}, {IN: seed, switch: off}]}
      - {name: major, type: release, bump: major, steps: [{IN: web, switch: off}, {IN: seed, switch: off}]}
"""


@pytest.fixture
def line(town: Town) -> Town:
    town.source({"gateline.yml": LINE % "1.0.0"})
    run(town, "web")
    return town


def run(town: Town, *jobs: str) -> None:
    for job in jobs:
        town.obey("carol", f"trigger {job}")
        town.settle()
    assert town.stuck() == []


def labels(town: Town, job: str) -> list[str]:
    return [version.label for version in town.versions(job)]


def test_s7_each_bump_counts_on_from_its_own_last_release(line: Town) -> None:
    run(line, "alpha", "alpha", "beta", "beta", "patch", "patch", "major", "minor", "minor")
    assert labels(line, "alpha") == ["v1.0.0-alpha", "v1.0.0-alpha.1"]
    assert labels(line, "beta") == ["v1.0.0-beta", "v1.0.0-beta.1"]
    assert labels(line, "patch") == ["v1.0.1", "v1.0.2"]
    assert labels(line, "major") == ["v2.0.0"]
    assert labels(line, "minor") == ["v1.1.0", "v1.2.0"]


def test_s7_a_chain_of_releases_ends_in_the_final_one(line: Town) -> None:
    run(line, "rc", "rc")
    assert labels(line, "rc") == ["v1.0.0-rc", "v1.0.0-rc.1"]
    assert line.ran() == ["web#1 succeeded", "rc#1 succeeded", "final#1 succeeded", "rc#2 succeeded", "final#2 succeeded"]
    assert labels(line, "final") == ["v1.0.0", "v1.0.0"]


def test_s7_another_seed_begins_the_count_anew(line: Town) -> None:
    run(line, "minor", "minor")
    line.push({"gateline.yml": LINE % "3.0.0"})
    line.settle()
    run(line, "minor")
    assert labels(line, "minor") == ["v1.1.0", "v1.2.0", "v3.1.0"]


def test_s7_each_release_lists_the_manifests_that_it_is_of(line: Town) -> None:
    run(line, "rc", "web", "rc")
    listed = [[(each["manifest"], each["versionNumber"]) for each in version.bag["manifests"]] for version in line.versions("final")]  # type: ignore[index, union-attr]
    assert listed == [[("web", 1)], [("web", 2)]]
