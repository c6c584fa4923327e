"""`paths` of an IN from the hook to the status, with the files asked of the forge: in memory, and of a double of GitHub over HTTP."""

from __future__ import annotations

import pytest

from app.errors import Temporary
from tests.scenarios.town import Town

LINE = {
    "gateline.yml": """
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app, branch: main, buildOnPullRequest: true}
        jobs:
          - name: api
            type: runSh
            steps:
              - IN: app
                paths: {only: [api/], except: ["**/*.md"]}
              - TASK: [{script: make api}]
          - name: image
            type: runSh
            steps: [{IN: api, lanes: all}, {TASK: [{script: make image}]}]
          - name: web
            type: runSh
            steps: [{IN: app}, {TASK: [{script: make web}]}]
        """
}
SKIPPED = {
    "gateline/api": ("success", "skipped: no changed file is among its paths"),
    "gateline/image": ("success", "skipped: api was skipped: no changed file is among its paths"),
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: what it decides is shown on both elsewhere."""
    return sqlite_url


@pytest.fixture(params=["town", "github_town"])
def either(request: pytest.FixtureRequest) -> Town:
    found: Town = request.getfixturevalue(request.param)
    return found


def ran(town: Town) -> list[str]:
    return sorted(str(run.ref) for run in town.runs())


def test_a_push_that_changes_nothing_of_a_job_skips_it_and_reports_a_success(either: Town) -> None:
    town = either
    town.source(LINE)
    town.push({"api/main.py": "1"})
    town.settle()
    first = ["api#1", "image#1", "web#1"]
    assert ran(town) == first
    sha = town.push({"api/README.md": "1", "web/index.html": "1"})
    town.settle()
    assert ran(town) == [*first, "web#2"]
    statuses = town.statuses(sha)
    assert {context: statuses[context] for context in SKIPPED} == SKIPPED
    assert statuses["gateline/web"][0] == "success"
    town.push({"api/main.py": "2"})
    town.settle()
    assert ran(town) == ["api#1", "api#2", "image#1", "image#2", "web#1", "web#2", "web#3"]


def test_a_pull_request_is_compared_with_where_it_parted_from_its_base(either: Town) -> None:
    town = either
    town.source(LINE)
    town.push({"web/a": "1"})
    town.settle()
    sha = town.push({"web/b": "1"}, branch="topic")
    town.push({"api/main.py": "1"})
    number = town.open("topic")
    town.settle()
    assert [str(run.ref.job) for run in town.runs() if run.lane == town.lane(number)] == ["web"]
    statuses = town.statuses(sha)
    assert {context: statuses[context] for context in SKIPPED} == SKIPPED


def test_a_forge_that_does_not_answer_loses_no_push(town: Town) -> None:
    town.source(LINE)
    town.push()
    town.settle()
    known = ran(town)
    town.world.broken["changed"] = Temporary("it is down", after=1.0)
    town.push({"web/a": "1"})
    town.work()
    assert ran(town) == known
    town.world.broken.clear()
    town.settle()
    assert ran(town) == sorted([*known, "web#2"])
