"""CI runs: cells by the file at the commit that is built, added up to one run (spec/ci-integrations-deploy.md sections 1 and 7)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.errands._run import drain_runs
from app.leaving import Leaving
from app.store import Store
from app.workflow.ci.reports import Report
from app.workflow.events import Left
from app.workflow.line import Status
from app.workflow.plan import Plan, Result
from tests.fakes.clock import MovableClock
from tests.fakes.executor import SUCCESS, Act, ending
from tests.scenarios.town import ACCOUNT, Town

LINE = """
    resources:
      - {name: app_ciRepo, type: gitRepo, integration: gh, versionTemplate: {sourceName: acme/app, buildOnPullRequest: true}}
"""
MATRIX = """
    language: ruby
    rvm: [1.9.2, 2.0.0, 2.1.0]
    gemfile: [Gemfile.a, Gemfile.b]
    env: [T=unit, T=all]
    matrix:
      exclude: [{rvm: 1.9.2, gemfile: Gemfile.b}]
      include: [{rvm: 2.2.0, gemfile: Gemfile.a, env: T=extra}]
      allow_failures: [{rvm: 2.2.0}]
"""


def ci(text: str) -> dict[str, str]:
    return {"gateline.yml": LINE, "shippable.yml": text}


def cell_of(plan: Plan) -> int:
    return int(str(dict(plan.env)["JOB_NUMBER"]))


def failing_cells(*indexes: int) -> Act:
    def act(plan: Plan, should_stop: Callable[[], str]) -> Result:
        return Result(Status.FAILED, "ci failed with exit code 1.", 1) if cell_of(plan) in indexes else SUCCESS

    return act


def cells(town: Town, number: int) -> list[str]:
    view = next(view for view in town.store.runs(ACCOUNT, "app_runCI") if view.run.ref.number == number)
    return [f"{cell.index} {cell.status.value}{' copied' if cell.copied else ''}" for cell in town.store.cells(view.id)]


def test_a_push_runs_the_ci_of_the_commit_pushed(town: Town) -> None:
    town.source(ci("language: none\nbuild: {ci: [make]}\n"))
    sha = town.push({"shippable.yml": "language: none\nbuild: {ci: [make more]}\n"})
    town.settle()
    assert town.ran() == ["app_runCI#1 succeeded"]
    assert town.plan("app_runCI").tasks[-1].script[-1] == "make more"
    assert town.statuses(sha)["gateline/app_runci"][0] == "success"


def test_s2_a_matrix_of_eleven_cells_adds_up(town: Town) -> None:
    town.source(ci(MATRIX))
    town.executor.acts["app_runCI"] = failing_cells(11)
    town.push()
    town.work()
    assert town.ran() == ["app_runCI#1 succeeded"]
    assert cells(town, 1) == [*(f"{index} succeeded" for index in range(1, 11)), "11 failed"]


def test_s2_another_failing_cell_fails_the_run_and_the_reason_names_it(town: Town) -> None:
    town.source(ci(MATRIX))
    town.executor.acts["app_runCI"] = failing_cells(3, 11)
    sha = town.push()
    town.settle()
    assert town.ran() == ["app_runCI#1 failed"]
    assert town.runs()[0].reason == "1 of 11 cells: 3 (rvm 2.0.0, gemfile Gemfile.a, T=unit) failed"
    assert town.statuses(sha)["gateline/app_runci"] == ("failure", "failed: 1 of 11 cells: 3 (rvm 2.0.0, gemfile Gemfile.a, T=unit) failed")


def test_s2_a_retry_reruns_the_failed_cell_and_copies_the_ten_others(town: Town) -> None:
    town.source(ci(MATRIX.replace("allow_failures: [{rvm: 2.2.0}]", "")))
    town.executor.acts["app_runCI"] = failing_cells(3)
    sha = town.push()
    town.work()
    before = len(town.executor.plans)
    town.executor.acts.clear()
    town.comment("carol", "/gateline retry app_runCI", sha=sha)
    town.work()
    assert town.ran() == ["app_runCI#1 failed", "app_runCI#2 succeeded"]
    assert [cell_of(plan) for plan in town.executor.plans[before:]] == [3]
    assert [each for each in cells(town, 2) if not each.endswith("copied")] == ["3 succeeded"]
    assert len(cells(town, 2)) == 11


def test_an_out_is_posted_once_after_the_whole_matrix_succeeded(town: Town) -> None:
    line = (
        LINE.rstrip()
        + """
      - {name: img, type: params, version: {params: {A: 0}}}
    jobs:
      - {name: app_runCI, type: runCI, steps: [{OUT: img}]}
      - {name: deploy, type: runSh, steps: [{IN: img}, {TASK: [{script: ship}]}]}
"""
    )
    town.source({"gateline.yml": line, "shippable.yml": "language: none\nenv: [T=1, T=2]\n"})

    def act(plan: Plan, should_stop: Callable[[], str]) -> Result:
        return Result(Status.SUCCEEDED, code=0, outputs={"img": Left(keys=((f"CELL{cell_of(plan)}", "done"),))})

    town.executor.acts["app_runCI"] = act
    town.push()
    town.work()
    assert town.ran() == ["app_runCI#1 succeeded", "deploy#1 succeeded"]
    assert [version.bag["params"] for version in town.versions("img")] == [{"A": 0}, {"A": 0, "CELL1": "done", "CELL2": "done"}]


def test_a_failed_cell_withholds_the_out_and_what_follows(town: Town) -> None:
    line = (
        LINE.rstrip()
        + """
    jobs:
      - {name: after, type: runSh, steps: [{IN: app_runCI}, {TASK: [{script: ship}]}]}
"""
    )
    town.source({"gateline.yml": line, "shippable.yml": "language: none\nenv: [T=1, T=2]\n"})
    town.executor.acts["app_runCI"] = failing_cells(2)
    town.push()
    town.work()
    assert town.ran() == ["app_runCI#1 failed"]


def test_a_branch_without_a_ci_file_is_skipped(town: Town) -> None:
    town.source(ci("language: none\nbuild: {ci: [make]}\n"))
    sha = town.push({"shippable.yml": "# nothing\n"}, branch="bare")
    town.settle()
    assert town.runs()[0].status is Status.SKIPPED
    shown, description = town.statuses(sha)["gateline/app_runci"]
    assert (shown, description) == ("success", f"skipped: there is no shippable.yml with CI keys at {sha[:12]}")
    assert town.executor.plans == []


def test_branches_of_the_pushed_branchs_own_file_filter_it(town: Town) -> None:
    town.source(ci("language: none\n"))
    town.push({"shippable.yml": "language: none\nbranches: {only: [main]}\n"}, branch="feature/x")
    town.work()
    assert [(run.status, run.reason) for run in town.runs()] == [(Status.SKIPPED, "`branches` of the CI file passes over feature/x")]


def test_a_filtered_branch_can_still_be_run_by_hand(town: Town) -> None:
    town.source(ci("language: none\nbranches: {except: [main]}\n"))
    town.obey("carol", "trigger app_runCI")
    town.work()
    assert town.ran() == ["app_runCI#1 succeeded"]


@pytest.mark.parametrize("mark", ["[skip ci]", "[ci skip]"])
def test_a_mark_in_the_message_skips_the_run(town: Town, mark: str) -> None:
    town.source(ci("language: none\n"))
    town.push(message=f"Words only {mark}")
    town.work()
    assert town.executor.plans == []


def test_a_pull_request_is_built_by_the_file_of_its_base(town: Town) -> None:
    town.source(ci("language: none\nbuild: {ci: [make base]}\n"))
    town.world.commit(town.app.id, "topic", {"shippable.yml": b"language: none\nbuild: {ci: [make topic]}\n"})
    number = town.open("topic")
    town.work()
    made = town.plan("app_runCI")
    env = dict(made.env)
    assert made.tasks[-1].script[-1] == "make base"
    assert (made.checkouts[0].number, made.checkouts[0].base_ref) == (number, "main")
    assert (env["IS_PULL_REQUEST"], env["PULL_REQUEST"], env["BASE_BRANCH"], env["HEAD_BRANCH"]) == ("true", str(number), "main", "topic")


def test_an_error_in_the_ci_file_is_an_error_of_the_run_with_its_place(town: Town) -> None:
    town.source(ci("language: none\n"))
    town.push({"shippable.yml": "language: none\nbuild:\n  ci:\n    - echo a: b\n"})
    town.work()
    (run,) = town.runs()
    assert run.status is Status.ERRORED
    assert run.reason.startswith("the CI file is wrong: shippable.yml:4:7: error: a script line must be text")


def test_a_service_that_nobody_starts_is_named_before_anything_runs(town: Town) -> None:
    town.source(ci("language: none\nservices: [postgres, redis]\n"))
    town.push()
    town.work()
    assert town.runs()[0].reason == (
        "app_runCI needs the services postgres and redis; this installation starts no services: remove `services`, or ask the "
        "administrator to provide them on the workers' hosts and to set host_tasks = true for the account."
    )
    assert town.executor.plans == []


def test_a_free_worker_takes_a_cell_of_a_run_that_another_has(town: Town) -> None:
    town.source(ci("language: none\nenv: [T=1, T=2, T=3]\n"))
    town.push()
    town.deliveries()
    helped: list[str] = []

    def act(plan: Plan, should_stop: Callable[[], str]) -> Result:
        if not helped:
            helped.append(str(cell_of(plan)))
            drain_runs(town.context, ("default",), "another", Leaving(30, town.clock))
        return SUCCESS

    town.executor.acts["app_runCI"] = act
    town.work()
    view = town.store.runs(ACCOUNT, "app_runCI")[0]
    assert [(cell.index, cell.worker) for cell in town.store.cells(view.id)] == [(1, "runs"), (2, "another"), (3, "another")]
    assert town.ran() == ["app_runCI#1 succeeded"]


def test_cancelling_stops_the_cell_and_starts_no_other(town: Town) -> None:
    town.source(ci("language: none\nenv: [T=1, T=2]\n"))
    sha = town.push()

    def act(plan: Plan, should_stop: Callable[[], str]) -> Result:
        town.comment("carol", "/gateline cancel app_runCI", sha=sha)
        town.deliveries()
        while not (reason := should_stop()):
            pass
        return Result(Status.CANCELLED, reason)

    town.executor.acts["app_runCI"] = act
    town.work()
    assert [(run.status, run.reason) for run in town.runs()] == [(Status.CANCELLED, "cancelled by carol")]
    assert cells(town, 1) == ["1 cancelled", "2 cancelled"]


def test_a_cell_of_a_pool_that_nobody_serves_ends_with_a_sentence(town: Town) -> None:
    town.source(ci("language: none\nruntime: [{nodePool: default}, {nodePool: arm}]\n"))
    town.push()
    town.work()
    assert town.runs()[0].reason == "1 of 2 cells: 2 (arm) errored"


def test_the_ci_job_of_a_repository_is_there_without_being_declared(town: Town) -> None:
    town.source(ci("language: none\n"))
    (job,) = town.store.ask(ACCOUNT, lambda line: line.fragments()).of[f"{ACCOUNT}/app@main"].jobs
    assert (job.name, job.type, [step.name for step in job.inputs], job.automatic) == ("app_runCI", "runCI", ["app_ciRepo"], True)


def test_a_file_without_ci_keys_makes_no_ci_job(town: Town) -> None:
    town.source({"shippable.yml": LINE})
    town.push()
    town.work()
    assert town.runs() == []


def test_each_cell_that_is_over_has_a_status_beside_the_one_of_the_whole(town: Town) -> None:
    town.source(ci("language: none\nenv: [T=1, T=2]\nmatrix: {allow_failures: [{env: T=2}]}\n"))
    town.executor.acts["app_runCI"] = failing_cells(2)
    sha = town.push()
    town.settle()
    assert {context: told for context, told in town.statuses(sha).items() if "runci" in context} == {
        "gateline/app_runci": ("success", "succeeded in 0.0 s"),
        "gateline/app_runci.1": ("success", "succeeded: T=1"),
        "gateline/app_runci.2": ("failure", "failed: T=2; may fail"),
    }
    assert len([each for each in town.written(sha) if each[0].startswith("gateline/app_runci.")]) == 2


def test_a_large_matrix_has_the_status_of_the_whole_only(town: Town) -> None:
    town.source(ci(f"language: none\nenv: [{', '.join(f'T={number}' for number in range(21))}]\n"))
    sha = town.push()
    town.settle()
    assert [context for context in town.statuses(sha) if "runci" in context] == ["gateline/app_runci"]


def test_red_tests_with_exit_code_0_are_unstable_and_counted_in_the_comment(town: Town) -> None:
    town.source(ci("language: none\n"))
    town.executor.acts["app_runCI"] = ending(Result(Status.SUCCEEDED, code=0, report=Report(41, 1, 0, ("a.b",), 0.87)))
    town.world.commit(town.app.id, "topic", {"file.txt": b"x"})
    number = town.open("topic")
    town.settle()
    (run,) = town.runs()
    assert (run.status, run.reason) == (Status.UNSTABLE, "1 test failed: a.b")
    assert "41 passed, 1 failed, coverage 87%" in town.bodies(number)[0]


def test_coverage_under_the_accounts_threshold_is_unstable(store: Store, clock: MovableClock, tmp_path: Path) -> None:
    town = Town(store, clock, tmp_path, account={ACCOUNT: {"least_coverage": 0.9}})
    town.source(ci("language: none\n"))
    town.executor.acts["app_runCI"] = ending(Result(Status.SUCCEEDED, code=0, report=Report(41, coverage=0.87)))
    town.push()
    town.work()
    assert [(run.status, run.reason) for run in town.runs()] == [(Status.UNSTABLE, "coverage is 87%, less than 90%")]
