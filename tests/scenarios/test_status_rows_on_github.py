"""Every row of product.md section 6's table, in its token column, on a double of GitHub that refuses what GitHub refuses.

What each row must never do is turn green before its time: a required check is a promise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from app.errands._run import claim
from app.workflow.events import Left
from app.workflow.line import Status
from app.workflow.plan import Result
from tests.fakes.executor import ending, failing
from tests.scenarios.town import Town

HOUR = 3600.0
PAINTING = ending(Result(Status.SUCCEEDED, code=0, outputs={"settings": Left(keys=(("COLOUR", "red"),))}))
EVERY = tuple(f"gateline/{job}" for job in ("build", "deploy", "paint", "test"))

LINE = """
    resources:
      - name: app
        type: gitRepo
        versionTemplate: {sourceName: acme/app, branch: main, buildOnPullRequest: true}
      - name: settings
        type: params
        version: {params: {COLOUR: grey}}
    jobs:
      - name: build
        type: runSh
        steps:
          - IN: app
          - TASK: [{script: make}]
          - OUT: settings
            lanes: all
      - name: test
        type: runSh
        steps:
          - IN: build
            lanes: all
          - TASK: [{script: make test}]
      - name: paint
        type: runSh
        steps:
          - IN: settings
            lanes: all
          - TASK: [{script: make paint}]
      - name: deploy
        type: runSh
        steps:
          - IN: test
            lanes: all
          - TASK: [{script: make deploy}]
    """


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: what it decides is shown on both elsewhere."""
    return sqlite_url


@pytest.fixture
def town(github_town: Town) -> Town:
    return github_town


def gated(gate: str = "{approvers: [alice]}") -> dict[str, str]:
    return {"gateline.yml": LINE.replace("- name: deploy\n", f"- name: deploy\n        gate: {gate}\n")}


# -- scenes: what happens, and on which commit it is to be seen ----------------------------------------------------------------


def green(town: Town, files: dict[str, str] | None = None) -> None:
    """Every job has reported once."""
    town.source(files or {"gateline.yml": LINE})
    town.executor.acts["build"] = PAINTING
    sha = town.push()
    town.settle()
    if files:
        town.comment("alice", "/gateline approve deploy", sha=sha)
        town.settle()
    shown = {context: state for context, (state, _) in town.statuses(sha).items()}
    assert shown == dict.fromkeys(EVERY, "success")


def first_reports(town: Town) -> None:
    """What is due within 11 seconds, but no run is carried out."""
    town.deliveries()
    town.clock.forward(11)
    town.deliveries()


def queued(town: Town) -> str:
    town.source({"gateline.yml": LINE})
    sha = town.push()
    first_reports(town)
    return sha


def waiting(town: Town) -> str:
    queued(town)
    sha = town.push()
    first_reports(town)
    return sha


def paused(town: Town) -> str:
    green(town)
    assert town.obey("carol", "pause test").accepted
    sha = town.push()
    town.settle()
    return sha


def awaiting_allow(town: Town) -> str:
    town.source({"gateline.yml": LINE})
    copy = town.world.repository("app", owner="mallory")
    sha = town.world.commit(copy.id, "main", {"evil.txt": b"1"})
    town.open("main", by="mallory", fork=copy.id)
    town.work()
    return sha


def running(town: Town) -> str:
    town.source({"gateline.yml": LINE})
    sha = town.push()
    town.deliveries()
    assert claim(town.context, ("default",), "a worker") is not None
    town.clock.forward(9)
    town.deliveries()
    assert town.statuses(sha) == {}, "nothing in the first ten seconds"
    town.clock.forward(2)
    town.deliveries()
    return sha


def ended(result: Result) -> Callable[[Town], str]:
    """`build` of a commit ends like this, after everything was green once."""

    def scene(town: Town) -> str:
        green(town)
        town.executor.acts["build"] = ending(result)
        sha = town.push()
        town.settle()
        return sha

    return scene


def lost(town: Town) -> str:
    green(town)
    sha = town.push()
    town.deliveries()
    town.lose("build")
    town.settle()
    return sha


def cancelled(town: Town) -> str:
    green(town)
    sha = town.push()
    town.deliveries()
    town.comment("carol", "/gateline cancel build", sha=sha)
    town.deliveries()
    town.settle()
    return sha


def requested(town: Town) -> tuple[int, str]:
    sha = town.push(branch="feature")
    return town.open("feature"), sha


def pushed_again(town: Town, number: int) -> None:
    town.push(branch="feature")
    town.deliver(town.request(number, "updated"))


def superseded_run(town: Town) -> str:
    town.source({"gateline.yml": LINE})
    number, sha = requested(town)
    first_reports(town)
    pushed_again(town, number)
    town.settle()
    return sha


def gate_in_a_request(town: Town, gate: str = "{approvers: [alice]}") -> tuple[int, str]:
    town.source(gated(gate))
    number, sha = requested(town)
    town.settle()
    return number, sha


def gate_waits_in_a_request(town: Town) -> str:
    return gate_in_a_request(town)[1]


def superseded_candidate(town: Town) -> str:
    number, sha = gate_in_a_request(town)
    pushed_again(town, number)
    town.settle()
    return sha


def rejected(town: Town) -> str:
    number, sha = gate_in_a_request(town)
    town.comment("alice", "/gateline reject deploy -- not on a Friday", number=number)
    town.settle()
    return sha


def expired(town: Town) -> str:
    _, sha = gate_in_a_request(town, "{approvers: [alice], timeout: 1h}")
    town.tick(HOUR)
    town.settle()
    return sha


def closed(town: Town) -> str:
    number, sha = gate_in_a_request(town)
    town.close(number)
    town.settle()
    return sha


def skip_mark(town: Town) -> str:
    green(town)
    sha = town.push(message="Only words [skip ci]")
    town.settle()
    return sha


def nothing_new(town: Town) -> str:
    green(town)
    sha = town.push()
    town.settle()
    return sha


def inconsistent(town: Town) -> str:
    green(town)
    sha = town.push({"gateline.yml": LINE.replace("- IN: app\n", "- IN: app\n          - IN: nowhere\n")})
    town.settle()
    return sha


def main_gate(town: Town) -> str:
    town.source(gated())
    sha = town.push()
    town.settle()
    assert town.gate("deploy") is not None
    return sha


def main_gate_superseded(town: Town) -> str:
    sha = main_gate(town)
    town.push()
    town.settle()
    return sha


def main_gate_expired(town: Town) -> str:
    town.source(gated("{approvers: [alice], timeout: 1h}"))
    sha = town.push()
    town.settle()
    town.tick(HOUR)
    town.settle()
    assert town.gate("deploy") is None
    return sha


def tolerated(town: Town) -> str:
    """One script fails where that is allowed; the commit goes on to the end of the line."""
    town.source({"gateline.yml": LINE.replace("- name: test\n", "- name: test\n        allowFailure: true\n")})
    town.executor.acts["test"] = failing()
    sha = town.push()
    town.settle()
    return sha


# -- the table -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """`shown`: state and description (a pattern) of `job` on the commit that `scene` returns, None for no status at all."""

    scene: Callable[[Town], str]
    job: str
    shown: tuple[str, str] | None


FAILED = Result(Status.FAILED, "exit code 2", 2)

TABLE = {
    "waiting": Row(waiting, "build", ("pending", "waits for build#1, which comes first")),
    "queued": Row(queued, "build", ("pending", "waits for a free worker of pool default")),
    "paused": Row(paused, "test", ("pending", "test is paused")),
    "awaiting allow": Row(awaiting_allow, "build", ("pending", "waits for `allow`: the commit comes from a fork")),
    "running": Row(running, "build", ("pending", "running")),
    "success": Row(ended(Result(Status.SUCCEEDED, code=0)), "build", ("success", r"succeeded in 0\.0 s")),
    "unstable": Row(ended(Result(Status.UNSTABLE)), "build", ("failure", "unstable")),
    "failure": Row(ended(FAILED), "build", ("failure", "failed: exit code 2")),
    "failure that is allowed": Row(tolerated, "test", ("success", "failed, which is allowed: .*")),
    "behind a failure that is allowed": Row(tolerated, "deploy", ("success", r"succeeded in 0\.0 s")),
    "error": Row(ended(Result(Status.ERRORED, "no such image")), "build", ("error", "error: no such image")),
    "lost": Row(lost, "build", ("error", "lost: its worker stopped answering")),
    "timeout": Row(ended(Result(Status.TIMED_OUT, "took longer than 60 min")), "build", ("failure", "timed out: took longer than 60 min")),
    "cancelled": Row(cancelled, "build", ("error", "cancelled by carol")),
    "superseded": Row(superseded_run, "build", ("error", "cancelled: superseded by [0-9a-f]{12}")),
    "superseded candidate": Row(superseded_candidate, "deploy", ("error", "superseded.*")),
    "rejected": Row(rejected, "deploy", ("error", "rejected by alice: not on a Friday")),
    "expired": Row(expired, "deploy", ("error", "expired: nobody approved it in time")),
    "expired, as the request was closed": Row(closed, "deploy", ("error", "expired: .*closed.*")),
    "skipped, by a mark": Row(skip_mark, "build", ("success", r"skipped: the commit message says \[skip ci\]")),
    "skipped, far behind a mark": Row(skip_mark, "deploy", ("success", r"skipped: the commit message says \[skip ci\]")),
    "skipped, as nothing is new": Row(nothing_new, "paint", ("success", "skipped: settings did not change")),
    "not run, an upstream failed": Row(ended(FAILED), "deploy", ("failure", "not run: build failed")),
    "not run, an upstream was lost": Row(lost, "test", ("failure", "not run: build was lost")),
    "not run, an upstream was cancelled": Row(cancelled, "test", ("failure", "not run: build was cancelled")),
    "not run, an upstream is inconsistent": Row(inconsistent, "test", ("failure", "not run: build is inconsistent: .*nowhere.*")),
    "gate waiting, PR lane": Row(gate_waits_in_a_request, "deploy", ("pending", "waiting for approval")),
    "gate waiting, main": Row(main_gate, "deploy", None),
    "gate superseded, main": Row(main_gate_superseded, "deploy", None),
    "gate expired, main": Row(main_gate_expired, "deploy", None),
}


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_a_row_of_the_table_is_what_github_shows_and_was_never_green_before(town: Town, row: Row) -> None:
    sha = row.scene(town)
    written = [(state, description) for context, state, description in town.written(sha) if context == f"gateline/{row.job}"]
    if row.shown is None:
        assert written == []
        return
    state, pattern = row.shown
    assert written[-1][0] == state
    assert re.fullmatch(pattern, written[-1][1]), written[-1][1]
    assert "success" not in [before for before, _ in written[:-1]]
    assert len(written) <= 2, "no more than two writes a job"
    assert town.stuck() == []


LATER = {
    "success": ended(Result(Status.SUCCEEDED, code=0)),
    "failed upstream": ended(FAILED),
    "error upstream": ended(Result(Status.ERRORED, "no such image")),
    "timed out upstream": ended(Result(Status.TIMED_OUT, "took too long")),
    "unstable upstream": ended(Result(Status.UNSTABLE)),
    "lost upstream": lost,
    "cancelled upstream": cancelled,
    "inconsistent upstream": inconsistent,
    "skip mark": skip_mark,
}


@pytest.mark.parametrize("scene", LATER.values(), ids=LATER)
def test_what_reported_once_gets_a_final_report_for_every_later_cause(town: Town, scene: Callable[[Town], str]) -> None:
    sha = scene(town)
    shown = {context: state for context, (state, _) in town.statuses(sha).items()}
    shown.pop("gateline: sync", None)
    fine = scene in (LATER["success"], LATER["skip mark"])
    assert set(shown) == set(EVERY)
    assert "pending" not in shown.values()
    assert [shown[f"gateline/{job}"] == "success" for job in ("test", "paint", "deploy")] == [fine] * 3


def test_what_reported_once_gets_a_final_report_when_its_gate_says_no(town: Town) -> None:
    green(town, gated())
    sha = town.push()
    town.settle()
    assert "gateline/deploy" not in town.statuses(sha)
    town.comment("alice", "/gateline reject deploy -- no", sha=sha)
    town.settle()
    assert town.statuses(sha)["gateline/deploy"] == ("error", "rejected by alice: no")


def test_a_job_that_never_reported_stays_silent_behind_a_failure(town: Town) -> None:
    town.source({"gateline.yml": LINE})
    town.executor.acts["build"] = failing()
    sha = town.push()
    town.settle()
    assert set(town.statuses(sha)) == {"gateline/build"}
