"""The sync of workflow files as a job: run, paused, an IN of others (spec/workflow-language.md section 1.2)."""

from __future__ import annotations

from app.store import RunView
from tests.scenarios.town import ACCOUNT, Town

SYNC = "app_main_rSync"
LINE = """
    jobs:
      - name: {0}
        type: runSh
        steps: [{{IN: app_main_rSync}}, {{TASK: [{{script: ./after}}]}}]
"""


def line(job: str = "after") -> dict[str, str]:
    return {"gateline.yml": LINE.format(job)}


def view(town: Town) -> RunView:
    return town.store.runs(ACCOUNT, SYNC)[0]


def log(town: Town) -> str:
    return "".join(chunk.text for chunk in town.store.read_log(view(town).id, 0, 100))


def test_an_adoption_is_a_run_and_what_has_it_as_input_follows(town: Town) -> None:
    town.source(line())
    sha = town.push(line("later"))
    town.settle()
    assert town.stuck() == []
    assert town.ran()[-2:] == [f"{SYNC}#{view(town).run.ref.number} succeeded", "later#1 succeeded"]
    assert "acme/app: adopted at" in log(town)
    assert town.versions(SYNC)[-1].label == sha
    assert town.statuses(sha)[f"gateline/{SYNC.lower()}"][0] == "success"
    assert town.statuses(sha)["gateline/later"][0] == "success"


def test_a_push_that_changes_no_workflow_file_is_no_run(town: Town) -> None:
    town.source(line())
    before = len(town.runs(SYNC))
    town.push()
    town.settle()
    assert len(town.runs(SYNC)) == before


def test_a_file_that_does_not_parse_is_a_failed_run_with_every_problem(town: Town) -> None:
    town.source(line())
    sha = town.push({"gateline.yml": "jobs: [\n"})
    town.settle()
    run = view(town).run
    assert (run.status.value, run.reason) == ("failed", "1 error in the workflow files")
    assert "gateline.yml:2:1: error:" in log(town)
    assert town.statuses(sha)[f"gateline/{SYNC.lower()}"][0] == "failure"
    assert [each.status.value for each in town.runs("after")] == ["succeeded"]


def test_a_job_with_an_error_fails_the_run_and_the_rest_is_adopted(town: Town) -> None:
    town.source(line())
    town.push({"gateline.yml": LINE.format("later") + "      - {name: wrong, type: runSh, steps: [{IN: app_main}]}\n"})
    town.settle()
    assert view(town).run.status.value == "failed"
    assert town.store.ask(ACCOUNT, lambda line: line.node("later").job) is not None


def test_a_source_of_which_nobody_takes_the_sync_has_no_such_job(town: Town) -> None:
    town.source({"gateline.yml": "jobs: [{name: a, type: runSh, steps: [{TASK: [{script: x}]}]}]\n"})
    assert town.runs(SYNC) == []
    assert not town.obey("carol", f"trigger {SYNC}").accepted


def test_it_may_be_declared(town: Town) -> None:
    town.source({"gateline.yml": "jobs: [{name: app_main_rSync, type: rSync, flags: [ops]}]\n"})
    assert [each.status.value for each in town.runs(SYNC)] == ["succeeded"]


def test_paused_it_adopts_by_hand_only(town: Town) -> None:
    town.source(line())
    assert town.obey("carol", f"pause {SYNC}").accepted
    runs = len(town.runs(SYNC))
    town.push(line("later"))
    town.settle()
    assert town.store.ask(ACCOUNT, lambda line: line.node("later").job) is None
    assert len(town.runs(SYNC)) == runs

    assert town.obey("carol", f"trigger {SYNC}").accepted
    town.settle()
    assert town.stuck() == []
    assert town.store.ask(ACCOUNT, lambda line: line.node("later").job) is not None
    assert len(town.runs(SYNC)) == runs + 1
    assert "acme/app: adopted at" in log(town)
    assert town.ran()[-2:] == [f"{SYNC}#{runs + 1} succeeded", "later#1 succeeded"]


def test_by_hand_it_succeeds_when_there_is_nothing_new(town: Town) -> None:
    town.source(line())
    town.obey("carol", f"trigger {SYNC}")
    town.settle()
    assert view(town).run.status.value == "succeeded"
    assert "workflow files unchanged" in log(town)


def test_a_sync_of_another_source_may_be_an_input(town: Town) -> None:
    other = town.repository("ops")
    town.source({"gateline.yml": "jobs: [{name: a, type: runSh, steps: [{TASK: [{script: x}]}]}]\n"})
    town.source(line("elsewhere"), other)
    town.push({"gateline.yml": "jobs: [{name: b, type: runSh, steps: [{TASK: [{script: x}]}]}]\n"})
    town.settle()
    assert town.stuck() == []
    assert [each.status.value for each in town.runs("elsewhere")] == ["succeeded"]
