"""What time, webhooks and waiting do: schedules, catching up, priorities, time-outs, tips that moved unseen."""

from __future__ import annotations

from dataclasses import replace

from app.react import react
from app.workflow.events import Commit, WebhookReceived
from app.workflow.line import Status
from app.workflow.plan import Result
from tests.fakes.executor import ending
from tests.scenarios.town import ACCOUNT, Town

HOUR = 3600.0
MINUTE = 60.0

LINE = {
    "gateline.yml": """
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app, branch: main, buildOnPullRequest: true}
          - name: hourly
            type: time
            seed: {interval: "30 * * * *"}
          - name: shipped
            type: webhook
            versionTemplate: {webhookKey: sesame}
        jobs:
          - name: build
            type: runSh
            steps:
              - IN: app
              - TASK: [{script: make}]
          - name: sweep
            type: runSh
            steps:
              - IN: hourly
              - TASK: [{script: make sweep}]
          - name: greet
            type: runSh
            steps:
              - IN: shipped
              - TASK: [{script: make greet}]
        """
}


def test_a_schedule_runs_its_job_at_its_time_once(town: Town) -> None:
    town.source(LINE)
    town.tick(29 * MINUTE)
    assert town.runs("sweep") == []
    town.tick(MINUTE)
    town.tick(1)
    assert town.ran() == ["sweep#1 succeeded"]
    town.tick(HOUR)
    assert town.ran() == ["sweep#1 succeeded", "sweep#2 succeeded"]


def test_after_an_outage_one_tick_at_most_an_hour_old_is_made_up_for_and_no_more(town: Town) -> None:
    town.source(LINE)
    town.tick(5 * HOUR)
    assert len(town.runs("sweep")) == 1
    assert town.versions("hourly")[-1].bag["scheduledAt"] == "2027-01-15T12:30:00Z"


def test_a_webhook_starts_its_job_with_what_was_posted(town: Town) -> None:
    town.source(LINE)
    at = town.clock()
    event = WebhookReceived(key="hook:1", at=at, resource="shipped", payload={"version": "1.2"}, headers={"x-from": "shop"})
    react(town.context, ACCOUNT, event)
    react(town.context, ACCOUNT, event)
    town.settle()
    assert town.ran() == ["greet#1 succeeded"]
    assert town.versions("shipped")[-1].bag["payload"] == {"version": "1.2"}


def test_of_fifty_queued_runs_the_most_urgent_starts_next_though_it_came_last(town: Town) -> None:
    jobs = "".join(
        f"""
          - name: job{index}
            type: runSh
            priority: {0 if index == 49 else 100}
            steps:
              - IN: app
              - TASK: [{{script: make}}]
        """.rstrip(" ")
        for index in range(50)
    )
    town.source({"gateline.yml": LINE["gateline.yml"].rstrip(" ") + jobs.lstrip("\n")})
    town.push()
    town.deliveries()
    assert len(town.runs()) == 51
    town.settle()
    assert town.executor.plans[0].job == "job49"


def test_a_run_that_takes_too_long_is_timed_out(town: Town) -> None:
    town.source(LINE)
    town.executor.acts["build"] = ending(Result(Status.TIMED_OUT, "took longer than 60 min"))
    sha = town.push()
    town.settle()
    assert town.ran() == ["build#1 timed_out"]
    assert town.versions("build") == []
    assert town.statuses(sha)["gateline/build"] == ("failure", "timed out: took longer than 60 min")


def test_a_lost_run_does_not_run_again_and_the_next_may_start(town: Town) -> None:
    town.source(LINE)
    town.push()
    town.deliveries()
    town.lose("build")
    town.push()
    town.settle()
    assert town.ran() == ["build#1 lost", "build#2 succeeded"]


# -- tips ----------------------------------------------------------------------------------------------------------------------


def unseen(town: Town, branch: str = "main", message: str = "Nobody told you") -> str:
    """A push whose hook never comes."""
    return town.world.commit(town.app.id, branch, {"unseen.txt": message.encode()}, message)


def test_the_first_comparison_only_notes_what_there_is(town: Town) -> None:
    town.source(LINE)
    unseen(town, "feature")
    town.world.pull_request(town.app.id, "feature", "carol")
    town.tick(1)
    town.tick(HOUR)
    assert town.runs("build") == []


def test_a_push_that_nobody_told_of_is_found_within_the_hour_and_counts_once(town: Town) -> None:
    town.source(LINE)
    town.tick(1)
    before = town.world.at(town.app.id).branches["main"]
    sha = unseen(town)
    town.tick(HOUR)
    town.settle()
    assert town.ran()[-1] == "build#1 succeeded"
    assert town.statuses(sha)["gateline/build"][0] == "success"
    town.deliver(town.pushed(sha, "main", before))
    town.settle()
    town.tick(HOUR)
    assert len(town.runs("build")) == 1


def test_a_definition_that_was_pushed_unseen_is_adopted_before_the_push_triggers(town: Town) -> None:
    town.source(LINE)
    town.tick(1)
    new = LINE["gateline.yml"].replace("name: build", "name: compile").encode()
    town.world.commit(town.app.id, "main", {"gateline.yml": new})
    town.tick(HOUR)
    town.settle()
    assert [run.ref.job for run in town.runs() if run.ref.job in ("build", "compile")] == ["compile"]


def test_a_pull_request_that_nobody_told_of_is_found_and_so_is_its_end(town: Town) -> None:
    town.source(LINE)
    town.tick(1)
    unseen(town, "feature")
    number = town.world.pull_request(town.app.id, "feature", "carol")
    town.tick(HOUR)
    town.settle()
    assert town.ran(town.lane(number)) == ["build#1 succeeded"]
    town.world.close(town.app.id, number)
    town.tick(HOUR)
    assert town.store.ask(ACCOUNT, lambda line: line.opened(town.lane(number))) is None


def test_pushes_that_were_heard_of_are_not_replayed_by_the_comparison(town: Town) -> None:
    town.source(LINE)
    town.tick(1)
    town.push()
    town.push(branch="feature")
    town.open("feature")
    town.settle()
    runs = len(town.runs("build"))
    town.tick(HOUR)
    town.tick(HOUR)
    assert len(town.runs("build")) == runs == 2


# -- late and forced pushes ----------------------------------------------------------------------------------------------------


def test_a_late_push_is_recorded_and_triggers_nothing(town: Town) -> None:
    town.source(LINE)
    start = town.world.at(town.app.id).branches["main"]
    older = town.world.commit(town.app.id, "main", {"a": b"1"})
    late = town.pushed(older, "main", start)
    newer = town.world.commit(town.app.id, "main", {"a": b"2"})
    town.deliver(town.pushed(newer, "main", older))
    town.settle()
    town.deliver(late)
    town.settle()
    assert [run.causes[0].sha for run in town.runs("build")] == [newer]
    assert town.statuses(older) == {}


def test_a_forced_move_back_counts(town: Town) -> None:
    town.source(LINE)
    older = town.push()
    newer = town.push()
    town.settle()
    town.world.at(town.app.id).branches["main"] = older
    town.deliver(town.pushed(older, "main", newer))
    town.settle()
    assert [run.causes[-1].sha for run in town.runs("build")] == [older, newer, older]


def test_a_deleted_branch_leaves_nothing_waiting(town: Town) -> None:
    town.source({"gateline.yml": LINE["gateline.yml"].replace(", branch: main, buildOnPullRequest: true", "")})
    sha = town.push(branch="feature")
    town.deliveries()
    del town.world.at(town.app.id).branches["feature"]
    town.deliver(replace(town.pushed(sha, "feature", sha), key="deleted", after="", commit=Commit("")))
    town.deliveries()
    assert [run.status for run in town.runs("build")] == [Status.CANCELLED]
