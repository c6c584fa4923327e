"""The sync of workflow files as a job: spec/workflow-language.md section 1.2."""

from __future__ import annotations

from dataclasses import replace

from app.executors import Materials
from app.executors.sync import SyncExecutor
from app.workflow.definition import Gate, Place, Problem, Severity
from app.workflow.line import Status
from app.workflow.synced import Sync, Synced
from tests.contract.executors import RecordedLog
from tests.jobs.managed import job, sentences, settled
from tests.jobs.planning import take

NAME = "app_main_rSync"
ERROR = Problem(Place("gateline.yml", 3, 1), Severity.ERROR, "a job needs `type`")


def nothing(*_: object) -> None:
    return None


def test_it_is_declared_under_its_own_name_and_without_steps() -> None:
    assert sentences(job("rSync", name=NAME)) == []
    [name] = sentences(job("rSync", name="sync"))
    assert f"is called `{NAME}`" in name
    [steps] = sentences(job("rSync", take("app"), name=NAME))
    assert "has no steps" in steps
    [gate] = sentences(replace(job("rSync", name=NAME), gate=Gate()))
    assert "cannot hold an rSync job" in gate


def test_a_run_adopts_the_source_that_the_job_is_of() -> None:
    plan = settled(job("rSync", name=NAME))
    assert (plan.executor, plan.work) == ("sync", Sync("github:acme/app@main"))
    asked: list[str] = []

    def adopt(source: str) -> Synced:
        asked.append(source)
        return Synced("adopted", (), "c" * 40)

    log = RecordedLog()
    result = SyncExecutor(adopt).run(plan, Materials({}, {}, nothing, nothing), log, lambda: "")  # type: ignore[arg-type]
    assert asked == ["github:acme/app@main"]
    assert (result.status, log.sections) == (Status.SUCCEEDED, [("Sync", "adopted\n")])
    assert dict(result.own.keys) == {"versionName": "c" * 40}


def test_errors_make_it_fail_and_its_log_has_each() -> None:
    warning = replace(ERROR, severity=Severity.WARNING)
    synced = Synced("adopted", (ERROR, warning), "c" * 40)
    assert (synced.status, synced.reason) == (Status.FAILED, "1 error in the workflow files")
    assert synced.lines == ("adopted", "gateline.yml:3:1: error: a job needs `type`", "gateline.yml:3:1: warning: a job needs `type`")
    assert Synced("adopted", (warning,), "").status is Status.SUCCEEDED


def test_it_stops_before_it_adopts_anything() -> None:
    def never(source: str) -> Synced:
        raise AssertionError(source)

    result = SyncExecutor(never).run(
        settled(job("rSync", name=NAME)), Materials({}, {}, nothing, nothing), RecordedLog(), lambda: "cancelled"
    )  # type: ignore[arg-type]
    assert (result.status, result.reason) == (Status.CANCELLED, "cancelled")
