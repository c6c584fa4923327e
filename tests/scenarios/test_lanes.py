"""Lanes: what happens in a pull request stays there, and main never notices (product.md section 5)."""

from __future__ import annotations

from pathlib import Path

from app.workflow.events import Left
from app.workflow.line import MAIN, Status
from app.workflow.plan import Result
from tests.fakes.executor import Act, ending, failing
from tests.scenarios.town import ACCOUNT, Town

DAY = 86_400.0

LINE = {
    "gateline.yml": """
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app, branch: main, buildOnPullRequest: true}
          - name: settings
            type: params
            version: {params: {COLOUR: grey}}
          - name: cache
            type: state
        jobs:
          - name: build
            type: runSh
            steps:
              - IN: app
              - IN: cache
              - TASK: [{script: make}]
              - OUT: settings
                lanes: all
              - OUT: cache
                lanes: all
          - name: use
            type: runSh
            steps:
              - IN: settings
                lanes: [pr/*]
              - TASK: [{script: make use}]
        """
}


def leaves(mark: str) -> Act:
    """A run that leaves `mark` wherever it can: its own state, the params, the central state."""
    outputs = {"settings": Left(keys=(("COLOUR", mark),)), "cache": Left(files=f"{mark}-cache")}
    return ending(Result(Status.SUCCEEDED, code=0, own=Left(files=f"{mark}-own"), outputs=outputs))


def restored(town: Town, job: str) -> set[str]:
    """Storage keys of the state that the newest run of a job found."""
    return {each.files for each in town.plan(job).restores}


def colour(town: Town) -> object:
    """What the newest run of `use` saw of the params."""
    taken = town.runs("use")[-1].inputs[0].version
    found = next(version for version in town.versions("settings") if version.ref == taken)
    return found.bag["params"]


def test_a_pull_requests_run_changes_nothing_that_mains_next_run_takes(town: Town) -> None:
    town.source(LINE)
    town.executor.acts["build"] = leaves("red")
    town.push()
    town.settle()
    assert colour(town) == {"COLOUR": "red"}
    town.executor.acts["build"] = leaves("green")
    town.push(branch="feature")
    number = town.open("feature")
    town.settle()
    assert town.ran(town.lane(number)) == ["build#2 succeeded", "use#2 succeeded"]
    assert colour(town) == {"COLOUR": "green"}
    assert restored(town, "build") == {"red-own", "red-cache"}

    town.executor.acts["build"] = leaves("blue")
    town.push()
    town.settle()
    assert restored(town, "build") == {"red-own", "red-cache"}
    assert town.ran()[-2:] == ["build#3 succeeded", "use#3 succeeded"]
    assert colour(town) == {"COLOUR": "blue"}
    assert [version.lane.label for version in town.versions("settings")] == ["main", "main", f"pr/{number}", "main"]


def test_mains_run_changes_nothing_that_a_pull_requests_next_run_takes_where_the_lane_has_its_own(town: Town) -> None:
    town.source(LINE)
    town.executor.acts["build"] = leaves("green")
    town.push(branch="feature")
    number = town.open("feature")
    town.settle()
    town.executor.acts["build"] = leaves("red")
    town.push()
    town.settle()
    town.push(branch="feature")
    town.deliver(town.request(number, "updated"))
    town.settle()
    assert town.ran(town.lane(number))[-2:] == ["build#3 succeeded", "use#3 succeeded"]
    assert restored(town, "build") == {"green-own", "green-cache"}


def test_a_failed_main_upstream_does_not_hold_a_pull_request_back(town: Town) -> None:
    town.source(LINE)
    town.executor.acts["build"] = leaves("red")
    town.push()
    town.settle()
    town.executor.acts["build"] = failing()
    town.push()
    town.settle()
    assert town.ran()[-1] == "build#2 failed"
    town.executor.acts["build"] = leaves("green")
    town.push(branch="feature")
    number = town.open("feature")
    town.settle()
    assert town.ran(town.lane(number)) == ["build#3 succeeded", "use#2 succeeded"]


def test_push_and_pull_request_of_one_commit_are_one_run_with_two_statuses_at_most(town: Town) -> None:
    town.source(LINE)
    town.push()
    town.settle()
    sha = town.push(branch="feature")
    number = town.open("feature")
    town.settle()
    assert town.ran(town.lane(number)) == ["build#2 succeeded"]
    assert [run.lane for run in town.runs("build")] == [MAIN, town.lane(number)]
    assert town.written(sha) == [("gateline/build", "success", "succeeded in 0.0 s")]


def test_a_branch_that_is_built_by_pushes_makes_one_run_for_a_push_and_the_pull_request_opened_on_it(town: Town) -> None:
    town.source({"gateline.yml": LINE["gateline.yml"].replace(", branch: main, buildOnPullRequest: true", "")})
    sha = town.push(branch="feature")
    town.settle()
    assert [run.lane.label for run in town.runs("build")] == ["branch/feature"]
    number = town.open("feature")
    town.settle()
    assert [run.lane.label for run in town.runs("build")] == ["branch/feature", f"pr/{number}"]
    assert town.written(sha) == [("gateline/build", "success", "succeeded in 0.0 s")] * 2
    later = town.push(branch="feature")
    town.deliver(town.request(number, "updated"))
    town.settle()
    assert [run.lane.label for run in town.runs("build")] == ["branch/feature", f"pr/{number}", f"pr/{number}"]
    assert town.written(later) == [("gateline/build", "success", "succeeded in 0.0 s")]


def test_two_open_pull_requests_of_one_commit_show_the_worse_and_after_one_is_closed_the_other(town: Town) -> None:
    town.source(LINE)
    town.push()
    town.settle()
    sha = town.push(branch="feature")
    first = town.open("feature")
    town.settle()
    town.executor.acts["build"] = failing()
    second = town.open("feature", title="The same again")
    town.settle()
    assert town.ran(town.lane(first)) == ["build#2 succeeded"]
    assert town.ran(town.lane(second)) == ["build#3 failed"]
    assert town.statuses(sha)["gateline/build"] == ("failure", "failed: exit code 1")
    assert [f"`pr/{number}`" in body for number in (first, second) for body in town.answers(number)] == [True, True]
    town.close(second)
    town.settle()
    assert town.statuses(sha)["gateline/build"] == ("success", "succeeded in 0.0 s")


def test_closing_leaves_nothing_waiting(town: Town) -> None:
    gated = (
        LINE["gateline.yml"]
        + """
          - name: preview
            type: runSh
            gate: true
            steps:
              - IN: app
              - TASK: [{script: make preview}]
        """
    )
    town.source({"gateline.yml": gated})
    town.push()
    town.settle()
    sha = town.push(branch="feature")
    number = town.open("feature")
    town.work()
    assert [candidate.lane for _, candidate in town.store.candidates("github:acme")] == [MAIN, town.lane(number)]
    town.settle()
    assert town.statuses(sha)["gateline/preview"] == ("pending", "waiting for approval")
    town.close(number)
    town.settle()
    assert [candidate.lane for _, candidate in town.store.candidates("github:acme")] == [MAIN]
    assert town.statuses(sha)["gateline/preview"] == ("cancelled", "expired: the pull request was closed")
    assert [run for run in town.runs() if not run.status.final] == []


def test_a_run_that_ends_after_its_pull_request_was_closed_starts_nothing(town: Town) -> None:
    town.source(LINE)
    town.push(branch="feature")
    number = town.open("feature")

    def closing(plan: object, should_stop: object) -> Result:
        town.close(number)
        town.deliveries()
        return leaves("green")(plan, should_stop)  # type: ignore[arg-type]

    town.executor.acts["build"] = closing
    town.settle()
    assert town.ran(town.lane(number)) == ["build#1 succeeded"]


def test_what_a_lane_wrote_is_dropped_seven_days_after_it_was_closed(town: Town) -> None:
    town.source(LINE)
    town.executor.acts["build"] = leaves("green")
    town.push(branch="feature")
    number = town.open("feature")
    town.settle()
    town.close(number)
    town.settle()
    town.tick(6.9 * DAY)
    assert town.versions("settings", town.lane(number)) != []
    town.tick(0.2 * DAY)
    assert town.versions("settings", town.lane(number)) == []
    assert town.versions("settings", MAIN) != []


def test_a_closed_pull_request_is_told_which_files_of_states_go_with_it(town: Town, tmp_path: Path) -> None:
    town.source(LINE)
    files = tmp_path / "kept"
    (files / "d").mkdir(parents=True)
    for name in ("plan.bin", "d/run.env"):
        (files / name).write_text("x")
    key = town.store.keep_files(ACCOUNT, files)
    town.executor.acts["build"] = ending(Result(Status.SUCCEEDED, code=0, outputs={"cache": Left(files=key)}))
    town.push(branch="feature")
    number = town.open("feature")
    town.settle()
    before = town.bodies(number)
    town.close(number)
    town.settle()
    [note] = [body for body in town.bodies(number) if ":closing " in body]
    assert len(before) == len(town.bodies(number)) - 1
    assert note.splitlines()[2:] == [
        f"`pr/{number}` is closed. Seven days from now these files, which only it had, are dropped:",
        "",
        "- `cache`: `d/run.env`, `plan.bin`",
    ]
    assert town.stuck() == []


def test_a_closed_pull_request_that_kept_no_files_is_told_nothing(town: Town) -> None:
    town.source(LINE)
    town.push(branch="feature")
    number = town.open("feature")
    town.settle()
    town.close(number)
    town.settle()
    assert not [body for body in town.bodies(number) if ":closing " in body]


def test_a_pull_request_that_was_opened_again_keeps_what_it_has(town: Town) -> None:
    town.source(LINE)
    town.executor.acts["build"] = leaves("green")
    town.push(branch="feature")
    number = town.open("feature")
    town.settle()
    town.close(number)
    town.tick(DAY)
    town.reopen(number)
    town.tick(8 * DAY)
    assert town.versions("settings", town.lane(number)) != []


def test_a_newer_commit_of_a_pull_request_cancels_what_has_not_started(town: Town) -> None:
    town.source(LINE)
    older = town.push(branch="feature")
    number = town.open("feature")
    town.deliveries()
    assert [run.status for run in town.runs("build")] == [Status.QUEUED]
    newer = town.push(branch="feature")
    town.deliver(town.request(number, "updated"))
    town.settle()
    assert town.ran(town.lane(number)) == ["build#1 cancelled", "build#2 succeeded"]
    assert town.statuses(older) == {"gateline/build": ("cancelled", f"cancelled: superseded by {newer[:12]}")}
    [body] = town.answers(number)
    assert newer[:12] in body
    assert "gateline: 1 succeeded" in body


def test_merging_carries_nothing_over_the_push_is_a_new_cause_in_main(town: Town) -> None:
    town.source(LINE)
    town.executor.acts["build"] = leaves("green")
    town.push(branch="feature")
    number = town.open("feature")
    town.settle()
    town.executor.acts["build"] = leaves("blue")
    sha = town.merge(number)
    town.settle()
    assert town.ran() == ["build#2 succeeded", "use#2 succeeded"]
    assert restored(town, "build") == set()
    assert set(town.statuses(sha)) == {"gateline/build", "gateline/use"}
    assert any("gateline: 2 succeeded" in body and sha[:12] in body for body in town.answers(number))


def test_a_pull_request_runs_mains_definition_whatever_its_own_file_says(town: Town) -> None:
    town.source(LINE)
    town.push({"gateline.yml": "jobs: []\n"}, branch="feature")
    number = town.open("feature")
    town.settle()
    assert town.ran(town.lane(number)) == ["build#1 succeeded"]
