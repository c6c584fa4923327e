"""A ciRepo and a syncRepo that nobody declares: what makes versions of them (spec/workflow-language.md sections 2.2 and 4.7)."""

from __future__ import annotations

from tests.scenarios.town import Town

LINE = {
    "gateline.yml": """
        jobs:
          - name: check
            type: runSh
            steps:
              - IN: app_ciRepo
              - TASK: [{script: make}]
          - name: files
            type: runSh
            steps:
              - IN: app_main
              - TASK: [{script: make}]
        """
}


def test_its_first_version_is_the_branchs_head_and_runs_nothing(town: Town) -> None:
    sha = town.source(LINE)
    town.settle()
    assert ([each.label for each in town.versions("app_ciRepo")], town.ran()) == ([sha], [])


def test_commits_and_pull_requests_start_what_has_the_ci_repo_as_in(town: Town) -> None:
    town.source(LINE)
    sha = town.push()
    town.settle()
    assert town.ran() == ["check#1 succeeded", "files#1 succeeded"]
    town.push(branch="feature")
    number = town.open("feature")
    town.settle()
    assert town.ran() == ["check#1 succeeded", "files#1 succeeded"]
    assert town.plan("check").checkouts[0].full_name == "acme/app"
    assert [run.ref.job for run in town.runs() if run.lane == town.lane(number)] == ["check"]
    assert set(town.statuses(sha)) >= {"gateline/check", "gateline/files"}


def test_a_repository_that_becomes_a_source_later_brings_its_ci_repo(town: Town) -> None:
    web = town.repository("web")
    town.source({"gateline.yml": LINE["gateline.yml"].replace("app_ciRepo", "web_ciRepo")})
    assert town.versions("web_ciRepo") == []
    sha = town.source({"gateline.yml": "jobs: []"}, web)
    town.settle()
    assert [each.label for each in town.versions("web_ciRepo")] == [sha]
    town.push(repository=web)
    town.settle()
    assert town.ran() == ["check#1 succeeded"]
