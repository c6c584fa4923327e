"""What the forge shows: every row of product.md section 6's table, privacy, budgets."""

from __future__ import annotations

import pytest

from app.errors import Temporary
from app.forges import Level
from app.workflow.line import Status
from app.workflow.plan import Result
from tests.fakes.executor import Act, ending, failing
from tests.scenarios.town import ACCOUNT, Town

LINE = {
    "gateline.yml": """
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app, branch: main, buildOnPullRequest: true}
        jobs:
          - name: build
            type: runSh
            steps:
              - IN: app
              - TASK: [{script: make}]
          - name: test
            type: runSh
            steps:
              - IN: build
                lanes: all
              - TASK: [{script: make test}]
          - name: deploy
            type: runSh
            steps:
              - IN: test
                lanes: all
              - TASK: [{script: make deploy}]
        """
}
GATED = {"gateline.yml": LINE["gateline.yml"].replace("- name: deploy\n", "- name: deploy\n            gate: {approvers: [alice]}\n")}


def green(town: Town) -> None:
    """Every job has reported once."""
    town.source(LINE)
    town.push()
    town.settle()


# -- how a run ends ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "shown"),
    [
        (Result(Status.SUCCEEDED, code=0), ("success", "succeeded in 0.0 s")),
        (Result(Status.UNSTABLE), ("failure", "unstable")),
        (Result(Status.FAILED, "exit code 2", 2), ("failure", "failed: exit code 2")),
        (Result(Status.ERRORED, "no such image"), ("error", "error: no such image")),
        (Result(Status.TIMED_OUT, "took longer than 60 min"), ("failure", "timed out: took longer than 60 min")),
        (Result(Status.CANCELLED, "cancelled by carol"), ("cancelled", "cancelled by carol")),
    ],
)
def test_a_run_is_shown_as_it_ended_and_nothing_behind_it_turns_green(town: Town, result: Result, shown: tuple[str, str]) -> None:
    green(town)
    town.executor.acts["build"] = ending(result)
    sha = town.push()
    town.settle()
    statuses = town.statuses(sha)
    assert statuses["gateline/build"] == shown
    if result.status is not Status.SUCCEEDED:
        assert [statuses[f"gateline/{job}"][0] for job in ("test", "deploy")] == ["failure", "failure"]
        assert all(statuses[f"gateline/{job}"][1].startswith("not run: build ") for job in ("test", "deploy"))
    assert town.stuck() == []


def test_a_lost_run_is_an_error(town: Town) -> None:
    town.source(LINE)
    sha = town.push()
    town.deliveries()
    town.lose("build")
    town.settle()
    assert town.statuses(sha)["gateline/build"] == ("error", "lost: its worker stopped answering")


def test_a_skip_mark_is_a_success_that_says_so(town: Town) -> None:
    green(town)
    sha = town.push(message="Only words [skip ci]")
    town.settle()
    assert town.statuses(sha)["gateline/build"] == ("success", "skipped: the commit message says [skip ci]")


def test_waiting_is_pending_with_the_reason(town: Town) -> None:
    town.source(LINE)
    sha = town.push()
    town.deliveries()
    town.clock.forward(11)
    town.deliveries()
    assert town.statuses(sha) == {"gateline/build": ("pending", "waits for a free worker of pool default")}
    later = town.push()
    town.deliveries()
    town.clock.forward(11)
    town.deliveries()
    assert town.statuses(later) == {"gateline/build": ("pending", "waits for build#1, which comes first")}


def test_a_paused_job_is_pending(town: Town) -> None:
    green(town)
    assert town.obey("carol", "pause test").accepted
    sha = town.push()
    town.settle()
    assert town.statuses(sha)["gateline/test"] == ("pending", "test is paused")


def test_running_is_shown_from_ten_seconds_on(town: Town) -> None:
    town.source(LINE)
    sha = town.push()
    seen = []

    def slow(plan: object, should_stop: object) -> Result:
        for seconds in (9, 2):
            town.clock.forward(seconds)
            town.deliveries()
            seen.append(town.statuses(sha))
        return Result(Status.SUCCEEDED, code=0)

    town.executor.acts["build"] = slow
    town.settle()
    assert seen == [{}, {"gateline/build": ("running", "running")}]
    assert town.written(sha)[:2] == [("gateline/build", "running", "running"), ("gateline/build", "success", "succeeded in 11 s")]


def test_a_fork_waits_for_allow_at_once(town: Town) -> None:
    town.source(LINE)
    number, sha = fork(town)
    town.work()
    assert town.statuses(sha) == {"gateline/build": ("pending", "waits for `allow`: the commit comes from a fork")}
    town.comment("carol", f"/gateline allow {sha}", number=number)
    town.settle()
    assert town.ran(town.lane(number)) == ["build#1 succeeded"]
    assert [state for _, state, _ in town.written(sha)] == ["pending", "success"]


def fork(town: Town) -> tuple[int, str]:
    """mallory, who may only read, opens a request from a repository of their own."""
    copy = town.world.repository("app", owner="mallory")
    sha = town.world.commit(copy.id, "main", {"evil.txt": b"1"})
    return town.open("main", by="mallory", fork=copy.id), sha


# -- gates -------------------------------------------------------------------------------------------------------------------


def test_a_gate_in_main_has_no_status_until_it_opened(town: Town) -> None:
    town.source(GATED)
    sha = town.push()
    town.settle()
    assert set(town.statuses(sha)) == {"gateline/build", "gateline/test"}
    newer = town.push()
    town.settle()
    assert "gateline/deploy" not in {**town.statuses(sha), **town.statuses(newer)}


def test_a_gate_in_a_pull_request_is_pending_at_once_then_final(town: Town) -> None:
    town.source(GATED)
    sha = town.push(branch="feature")
    number = town.open("feature")
    town.work()
    assert town.statuses(sha)["gateline/deploy"] == ("pending", "waiting for approval")
    town.settle()
    town.executor.acts["deploy"] = slowly(town)
    town.comment("alice", "/gateline approve deploy", number=number)
    town.settle()
    assert [each[1:] for each in town.written(sha) if each[0] == "gateline/deploy"] == [
        ("pending", "waiting for approval"),
        ("success", "succeeded in 20 s"),
    ]


def slowly(town: Town) -> Act:
    """Takes 20 seconds."""

    def act(plan: object, should_stop: object) -> Result:
        town.clock.forward(20)
        town.deliveries()
        return Result(Status.SUCCEEDED, code=0)

    return act


def test_a_gate_that_is_rejected_turns_nothing_behind_it_green(town: Town) -> None:
    after = """
          - name: smoke
            type: runSh
            steps:
              - IN: deploy
                lanes: all
              - TASK: [{script: make smoke}]
        """
    town.source({"gateline.yml": GATED["gateline.yml"].rstrip(" ") + after.lstrip("\n")})
    first = town.push()
    town.settle()
    town.comment("alice", "/gateline approve deploy", sha=first)
    town.settle()
    assert town.statuses(first)["gateline/smoke"][0] == "success"
    sha = town.push()
    town.settle()
    town.comment("alice", "/gateline reject deploy -- no", sha=sha)
    town.settle()
    assert town.statuses(sha)["gateline/deploy"] == ("cancelled", "rejected by alice: no")
    assert town.statuses(sha)["gateline/smoke"] == ("failure", "not run: deploy was rejected")


# -- never green because something before it failed ----------------------------------------------------------------------------


def test_a_job_far_downstream_of_a_failure_is_not_run_and_green_again_after_the_repair(town: Town) -> None:
    green(town)
    town.executor.acts["build"] = failing()
    broken = town.push()
    town.settle()
    assert town.statuses(broken)["gateline/deploy"] == ("failure", "not run: build failed")
    town.executor.acts.clear()
    mended = town.push()
    town.settle()
    assert town.statuses(mended)["gateline/deploy"][0] == "success"
    assert town.statuses(broken)["gateline/deploy"] == ("failure", "not run: build failed")


def test_a_job_that_never_reported_stays_silent_when_something_before_it_fails(town: Town) -> None:
    town.source(LINE)
    town.executor.acts["build"] = failing()
    sha = town.push()
    town.settle()
    assert set(town.statuses(sha)) == {"gateline/build"}


def test_retrying_what_failed_turns_the_commit_green_job_by_job(town: Town) -> None:
    green(town)
    town.executor.acts["build"] = failing()
    sha = town.push()
    town.settle()
    town.executor.acts.clear()
    town.comment("carol", "/gateline retry", sha=sha)
    town.settle()
    assert {name: state for name, (state, _) in town.statuses(sha).items()} == {
        "gateline/build": "success",
        "gateline/test": "success",
        "gateline/deploy": "success",
    }
    assert "gateline: 3 succeeded" in town.answers(sha=sha)[0]


def test_cancelling_reports_what_was_cancelled_and_what_did_not_run(town: Town) -> None:
    green(town)
    sha = town.push()
    town.deliveries()
    town.comment("carol", "/gateline cancel", sha=sha)
    town.deliveries()
    town.settle()
    assert town.statuses(sha) == {
        "gateline/build": ("cancelled", "cancelled by carol"),
        "gateline/test": ("failure", "not run: build was cancelled"),
        "gateline/deploy": ("failure", "not run: build was cancelled"),
    }


# -- budget ------------------------------------------------------------------------------------------------------------------


def test_no_job_is_written_more_often_than_twice(town: Town) -> None:
    town.source(LINE)
    sha = town.push(branch="feature")
    town.open("feature")
    for job in ("build", "test", "deploy"):
        town.executor.acts[job] = slowly(town)
    town.settle()
    contexts = [context for context, _, _ in town.written(sha)]
    assert {context: contexts.count(context) for context in contexts} == {f"gateline/{job}": 2 for job in ("build", "test", "deploy")}


def test_nothing_is_written_when_nothing_changed(town: Town) -> None:
    green(town)
    writes, comments = len(town.world.set_statuses), dict(town.world.comments)
    for _ in range(3):
        town.tick(3600)
    assert len(town.world.set_statuses) == writes
    assert dict(town.world.comments) == comments


def test_the_comment_is_edited_at_most_every_five_seconds_and_eight_times_a_line_run(town: Town) -> None:
    town.source(LINE)
    jobs = "".join(
        f"""
          - name: step{index}
            type: runSh
            steps:
              - IN: {"build" if index == 0 else f"step{index - 1}"}
                lanes: all
              - TASK: [{{script: make}}]
        """.rstrip(" ")
        for index in range(14)
    )
    town.push({"gateline.yml": LINE["gateline.yml"].rstrip(" ") + jobs.lstrip("\n")})
    town.settle()
    town.push(branch="feature")
    for index in range(14):
        town.executor.acts[f"step{index}"] = slowly(town)
    number = town.open("feature")
    town.settle()
    subject = f"{town.app.id}#{number} pr/{number}@{town.app.id}"
    posted = town.store.posted("line", subject)
    assert posted is not None
    assert 3 <= posted.edits <= 8
    assert "gateline: 17 succeeded" in town.answers(number)[-1]


def test_a_long_reason_is_cut_to_what_the_forge_takes(town: Town) -> None:
    town.source(LINE)
    town.executor.acts["build"] = ending(Result(Status.FAILED, "x" * 300, 1))
    sha = town.push()
    town.settle()
    assert len(town.statuses(sha)["gateline/build"][1]) == 140


def test_an_outage_of_the_forge_delays_statuses_and_loses_none(town: Town) -> None:
    town.source(LINE)
    town.world.broken["set_status"] = Temporary("the forge is away")
    sha = town.push()
    town.settle(0)
    assert town.statuses(sha) == {}
    assert {problem for problem in town.stuck() if problem.startswith("set_status")} == {"set_status: the forge is away"}
    town.world.broken.clear()
    town.tick(300)
    assert len(town.statuses(sha)) == 3
    assert town.stuck() == []


# -- privacy -----------------------------------------------------------------------------------------------------------------

SECRET_LINE = {
    "gateline.yml": """
        jobs:
          - name: hidden
            type: runSh
            steps:
              - IN: build
              - TASK: [{script: make hidden}]
          - name: after
            type: runSh
            gate: true
            steps:
              - IN: hidden
              - TASK: [{script: make after}]
        """
}


def test_jobs_of_a_private_repository_are_only_counted_where_more_people_read(town: Town) -> None:
    vault = town.repository("vault", private=True)
    town.source(LINE)
    town.source(SECRET_LINE, vault)
    town.executor.acts["test"] = failing()
    sha = town.push()
    town.settle()
    assert town.runs("hidden") != []
    assert [candidate.job for _, candidate in town.store.candidates(ACCOUNT)] == ["after"]
    assert set(town.statuses(sha)) == {"gateline/build", "gateline/test"}
    everything = "\n".join(town.answers(sha=sha))
    assert "and 2 more in repositories with fewer readers." in everything
    assert "hidden" not in everything
    assert "after" not in everything


def test_a_status_names_no_job_that_its_readers_may_not_see(town: Town) -> None:
    vault = town.repository("vault", private=True)
    town.source(LINE)
    town.source(SECRET_LINE, vault)
    more = """
          - name: public
            type: runSh
            steps:
              - IN: hidden
              - TASK: [{script: make public}]
        """
    town.push({"gateline.yml": LINE["gateline.yml"].rstrip(" ") + more.lstrip("\n")})
    town.settle()
    town.executor.acts["hidden"] = failing()
    sha = town.push()
    town.settle()
    assert town.statuses(sha)["gateline/public"] == ("failure", "not run: because of something in a repository with fewer readers")


def test_a_repository_that_became_private_is_private_at_once(town: Town) -> None:
    vault = town.repository("vault")
    town.source(LINE)
    town.source({"gateline.yml": SECRET_LINE["gateline.yml"]}, vault)
    town.make_private(vault)
    town.work()
    sha = town.push()
    town.settle()
    assert "gateline/hidden" not in town.statuses(sha)


# -- the line's comment --------------------------------------------------------------------------------------------------------


def test_the_comment_of_a_pull_request_shows_the_line_and_the_failing_steps_last_lines(town: Town) -> None:
    town.source(LINE)
    town.executor.acts["test"] = failing(2)
    sha = town.push(branch="feature")
    number = town.open("feature")
    town.settle()
    [body] = town.answers(number)
    keys = {job: view.key for job in ("build", "test") for view in town.store.runs(ACCOUNT, job)}
    assert (
        body
        == f"""\
<!-- gateline:line {town.app.id}#{number} pr/{number}@{town.app.id} -->

### gateline: 1 succeeded, 1 failed, 1 not run at `{sha[:12]}` in `pr/{number}`

| | Job | Run | State | Time |
|:-:|---|---|---|---|
| ✅ | [`build`](https://gateline.example/runs/{keys["build"]}) | #1 | succeeded | 0.0 s |
| ❌ | [`test`](https://gateline.example/runs/{keys["test"]}) | #1 | failed: exit code 2 | 0.0 s |
| 🚫 | `deploy` |  | not run: test failed |  |

<details><summary><code>test</code>: last lines</summary>

```text
test runs
exit code 2
```

</details>

<details><summary>The line</summary>

```mermaid
graph LR
  n0["build"]:::success
  n1["test"]:::failure
  n2["deploy"]:::failure
  n0 --> n1
  n1 --> n2
  classDef success fill:#2da44e,color:#fff
  classDef failure fill:#cf222e,color:#fff
```

</details>"""
    )


def test_a_commits_own_thread_hears_of_failures_and_of_their_repair_only(town: Town) -> None:
    green(town)
    assert all(not body for body in town.bodies(sha=next(iter(town.world.at(town.app.id).branches.values()))))
    town.executor.acts["test"] = failing()
    sha = town.push()
    town.settle()
    assert "1 failed" in town.answers(sha=sha)[0]
    town.executor.acts.clear()
    town.comment("carol", "/gateline retry test", sha=sha)
    town.settle()
    assert len([body for body in town.answers(sha=sha) if ":line " in body]) == 1
    assert "3 succeeded" in town.answers(sha=sha)[0]


def test_a_deleted_comment_is_made_anew(town: Town) -> None:
    town.source(LINE)
    town.push(branch="feature")
    number = town.open("feature")
    town.settle()
    for id in [id for id, each in town.world.comments.items() if ":line " in each.body]:
        del town.world.comments[id]
    town.push(branch="feature")
    town.deliver(town.request(number, "updated"))
    town.settle()
    assert len(town.answers(number)) == 1


def test_the_head_counts_though_an_older_commits_run_ends_later(town: Town) -> None:
    town.source(LINE)
    town.push(branch="feature")
    number = town.open("feature")
    heads: list[str] = []

    def overtaken(plan: object, should_stop: object) -> Result:
        if not heads:
            heads.append(town.push(branch="feature"))
            town.deliver(town.request(number, "updated"))
            town.deliveries()
        return Result(Status.FAILED, "exit code 1", 1)

    town.executor.acts["build"] = overtaken
    town.settle()
    assert heads[0][:12] in town.answers(number)[0]


def test_who_may_only_read_gets_no_more_than_an_answer(town: Town) -> None:
    town.source(LINE)
    assert town.world.forge.permission(town.app.id, town.world.person("bob")) is Level.READ
    sha = town.push()
    town.settle()
    town.comment("bob", "/gateline retry", sha=sha)
    town.settle()
    assert "That needs write access to `acme/app`" in town.answers(sha=sha)[-1]
