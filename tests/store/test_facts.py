"""What facts become as rows is what the line makes of them: the store and `Line.after` agree on every question."""

from __future__ import annotations

import pytest

from app.store import Store
from app.store.codec import dump_facts, load_facts
from app.store.write import WRITERS
from app.workflow import facts as made
from app.workflow.definition import Fragment, Input, Lock, Output
from app.workflow.facts import Fact
from app.workflow.line import MAIN, Approval, CandidateState, Cause, Fragments, Lane, Need, RunRef, Status, Taken, VersionRef
from tests.store.making import (
    ACCOUNT,
    ALICE,
    BOB,
    PR,
    PUSH,
    REPOSITORY,
    SHA,
    TICK,
    candidate,
    full_job,
    job,
    known,
    line,
    react,
    resource,
    run,
    version,
)

NEEDS = [
    *(Need("node", name) for name in ("app", "build", "deploy", "info", "nobody")),
    *(Need("past", name, lane) for name in ("app", "build", "deploy", "nobody") for lane in (MAIN, PR)),
    *(Need("version", "app", MAIN, extra) for extra in ("#1", "#2", "v1", "v2")),
    Need("watching", REPOSITORY),
    Need("tip", REPOSITORY, extra="refs/heads/main"),
    Need("lane", lane=MAIN),
    Need("lane", lane=PR),
    Need("commit", REPOSITORY, extra=SHA),
    *(Need("run", name, extra=str(number)) for name in ("build", "deploy") for number in (1, 2)),
    Need("allowed", REPOSITORY, extra=SHA),
    Need("opened", lane=PR),
    Need("heads", REPOSITORY, extra="topic"),
    Need("authors", "app", MAIN, "0..9"),
]

FOLDED_LESS = {"authors", "heads", "watching", "fragments", "lane"}
"""What a fold need not keep: questions that are asked once, before facts of the kind are made."""

OPENED = made.LaneOpened(PR, REPOSITORY, "acme/app", SHA, 12, "A title", "topic", True)
STARTED = made.RunStarted(RunRef("build", 1), (Taken("app", VersionRef("app", 1)), Taken("x", None)), "w1", "t1", 99.0, 11.0)
YES = Approval(ALICE, "d" * 64, 30.0, "comment:5", "looks fine")

STORIES: dict[str, list[list[Fact]]] = {
    "a version": [[made.VersionAdded(version())], [made.VersionAdded(version(number=2, bag={"n": [1, None]}, files="k"))]],
    "a version in a lane": [[made.VersionAdded(version(lane=PR), (PUSH,), (VersionRef("info", 1),))]],
    "two versions with one label": [[made.VersionAdded(version(label="v1")), made.VersionAdded(version(number=2, label="v1"))]],
    "a run waits, then is queued": [
        [made.RunAdded(run(status=Status.WAITING, strict=True, values=(("A", "b"),), by=ALICE))],
        [made.RunQueued(RunRef("build", 1), "big")],
        [made.RunWaits(RunRef("build", 1))],
        [made.RunQueued(RunRef("build", 1))],
    ],
    "a run gets another cause": [[made.RunAdded(run(status=Status.WAITING)), made.RunJoined(RunRef("build", 1), (TICK,))]],
    "a held run is let go": [[made.RunAdded(run(lane=PR, held="allow"))], [made.RunReleased(RunRef("build", 1))]],
    "a run is tried again": [
        [made.RunAdded(run(attempt=2, due=20.0, retry_of=1, status=Status.WAITING))],
        [made.RunDue(RunRef("build", 1))],
    ],
    "a run wrote about itself": [
        [made.JobDefined(job()), made.RunAdded(run())],
        [made.SummaryLeft(RunRef("build", 1), "# 3 failed"), made.SummaryLeft(RunRef("build", 1), "# 4 failed")],
    ],
    "jobs share a lock": [
        [made.JobDefined(job(lock=Lock("db"))), made.JobDefined(job("deploy", lock=Lock("db")))],
        [made.JobDefined(job())],
        [made.JobRemoved("deploy")],
    ],
    "a run runs": [
        [made.JobDefined(job()), made.RunAdded(run())],
        [STARTED],
        [made.RunFinished(RunRef("build", 1), Status.SUCCEEDED, 15.0, code=0)],
        [made.VersionAdded(version("build", status=Status.SUCCEEDED, run=RunRef("build", 1)))],
    ],
    "a run is cancelled": [
        [made.RunAdded(run())],
        [STARTED, made.RunCancelling(RunRef("build", 1), "by alice", ALICE)],
        [made.RunFinished(RunRef("build", 1), Status.CANCELLED, 15.0, "cancelled by alice")],
    ],
    "a failure after a success": [
        [made.RunAdded(run()), made.RunAdded(run(number=2))],
        [made.RunFinished(RunRef("build", 1), Status.SUCCEEDED, 15.0)],
        [made.VersionAdded(version("build", status=Status.SUCCEEDED))],
        [made.RunFinished(RunRef("build", 2), Status.FAILED, 16.0, "exit 1", 1)],
        [made.VersionAdded(version("build", 2, status=Status.FAILED))],
    ],
    "no run": [[made.NotRun("build", MAIN, (PUSH,), "not_run", "lint", "lint failed")]],
    "ready by hand until a run comes": [
        [made.JobDefined(full_job()), made.ReadyByHand("deploy", MAIN, "app"), made.ReadyByHand("deploy", PR, "app")],
        [made.RunAdded(run("deploy"))],
        [made.CandidateProposed(candidate(lane=PR))],
    ],
    "a gate opens": [
        [made.CandidateProposed(candidate(definition=full_job(), authors=(BOB,), changes=("app: v1 -> v2",), expires=99.0))],
        [made.ApprovalGiven("deploy", 1, YES), made.ApprovalGiven("deploy", 1, Approval(BOB, "d" * 64, 31.0, "cli"))],
        [
            made.CandidateEnded("deploy", 1, CandidateState.OPENED, 32.0, run=RunRef("deploy", 1)),
            made.RunAdded(run("deploy", frozen=True, candidate=1)),
        ],
        [made.CandidateProposed(candidate(number=2))],
    ],
    "a candidate is superseded": [
        [made.CandidateProposed(candidate())],
        [
            made.CandidateEnded("deploy", 1, CandidateState.SUPERSEDED, 21.0, "app changed"),
            made.CandidateProposed(candidate(number=2), supersedes=1),
        ],
    ],
    "definitions": [
        [
            made.ResourceDefined(resource(content={"branch": "main"}), REPOSITORY, ("unreachable",)),
            made.JobDefined(full_job(), ("no build",)),
        ],
        [made.JobDefined(job("build", Input("app"), Input("app"), Output("info")))],
        [made.JobDefined(job("build", Output("app")))],
        [made.JobRemoved("deploy"), made.ResourceRemoved("app")],
    ],
    "a job becomes a resource": [[made.JobDefined(job("app"))], [made.ResourceDefined(resource()), made.JobRemoved("app")]],
    "a resource becomes a job": [[made.ResourceDefined(resource())], [made.JobDefined(job("app")), made.ResourceRemoved("app")]],
    "pauses and pins": [
        [made.JobDefined(job()), made.PauseSet("build", True, ALICE), made.PinSet("build", "app", VersionRef("app", 1), ALICE)],
        [made.PinSet("build", "app", VersionRef("app", 2), ALICE)],
        [made.PauseSet("build", False, ALICE), made.PinSet("build", "app", None, ALICE)],
    ],
    "a paused job goes and comes back": [
        [made.JobDefined(job()), made.PauseSet("build", True, ALICE)],
        [made.JobRemoved("build")],
        [made.JobDefined(job())],
    ],
    "tips": [
        [made.TipMoved(REPOSITORY, "refs/heads/main", SHA)],
        [made.TipMoved(REPOSITORY, "refs/heads/main", "b" * 40), made.TipMoved(REPOSITORY, "refs/heads/x", SHA)],
        [made.TipMoved(REPOSITORY, "refs/heads/main", "")],
    ],
    "a lane": [[OPENED], [made.LaneClosed(PR, 9.0)], [OPENED]],
    "a commit is allowed": [[made.ShaAllowed(REPOSITORY, 12, SHA, ALICE)], [made.ShaAllowed(REPOSITORY, 13, SHA, BOB)]],
    "nothing": [[made.Ignored("build", "paused"), made.Denied("no")]],
}


@pytest.mark.parametrize("story", STORIES)
def test_rows_say_what_the_line_says_after_each_fact(store: Store, story: str) -> None:
    for facts in STORIES[story]:
        before = line(store, NEEDS)
        react(store, *facts)
        expected, found = before.after(*facts)._known, line(store, NEEDS)._known
        for need in NEEDS:
            if need.kind not in FOLDED_LESS:
                assert found[need] == expected[need], need


def test_every_kind_of_fact_is_in_a_story() -> None:
    told = {type(fact) for story in STORIES.values() for facts in story for fact in facts}
    assert set(WRITERS) - told == {made.FragmentAdopted}


def test_every_fact_reads_back_as_it_was_written() -> None:
    fragment = made.FragmentAdopted(Fragment("s", SHA, (full_job(),), (resource(raw={"type": "gitRepo"}),)), {"acme/app": REPOSITORY})
    facts = (fragment, *(fact for story in STORIES.values() for facts in story for fact in facts))
    assert load_facts(dump_facts(facts)) == facts


def test_fragments_are_replaced_by_source_and_go_when_removed(store: Store) -> None:
    first, second = Fragment("one", SHA, (full_job(),)), Fragment("two", SHA, (), (resource(),))
    react(store, made.FragmentAdopted(first, {"acme/app": REPOSITORY}), made.FragmentAdopted(second))
    react(store, made.FragmentAdopted(Fragment("two", "b" * 40)))
    assert known(store, Need("fragments")) == Fragments(
        {"one": first, "two": Fragment("two", "b" * 40)}, {"one": {"acme/app": REPOSITORY}, "two": {}}
    )
    react(store, made.FragmentAdopted(Fragment("one", ""), removed=True))
    assert set(known(store, Need("fragments")).of) == {"two"}


def test_watching_finds_git_repositories_of_this_account_only(store: Store) -> None:
    react(store, made.ResourceDefined(resource("one"), REPOSITORY), made.ResourceDefined(resource("two"), REPOSITORY))
    react(store, made.ResourceDefined(resource("three"), REPOSITORY), account="github:other")
    assert known(store, Need("watching", REPOSITORY)) == ("one", "two")
    react(store, made.ResourceRemoved("one"))
    assert known(store, Need("watching", REPOSITORY)) == ("two",)
    assert store.watchers(REPOSITORY) == ("github:acme", "github:other")


def test_a_lane_is_busy_with_live_runs_and_open_candidates(store: Store) -> None:
    react(store, made.RunAdded(run("a", lane=PR)), made.RunAdded(run("b", lane=PR)), made.RunAdded(run("c")))
    react(store, made.CandidateProposed(candidate("d", lane=PR)), made.CandidateProposed(candidate("e", lane=PR)))
    react(store, made.RunFinished(RunRef("b", 1), Status.FAILED, 2.0), made.CandidateEnded("e", 1, CandidateState.EXPIRED, 2.0))
    assert known(store, Need("lane", lane=PR)) == ("a", "d")


def test_heads_are_open_pull_requests_by_branch_or_commit(store: Store) -> None:
    branch = made.LaneOpened(Lane("branch/topic@github:7"), REPOSITORY, "acme/app", SHA, head_ref="topic")
    react(store, OPENED, branch)
    assert known(store, Need("heads", REPOSITORY, extra="topic")) == (OPENED,)
    assert known(store, Need("heads", REPOSITORY, extra=SHA)) == (OPENED,)
    assert known(store, Need("heads", "github:8", extra="topic")) == ()
    react(store, made.LaneClosed(PR, 3.0))
    assert known(store, Need("heads", REPOSITORY, extra="topic")) == ()


def test_authors_are_those_of_the_versions_between_in_the_lane_or_main(store: Store) -> None:
    carol = made.Actor("github:3", "carol")
    by = [version(actors=(BOB,)), version(number=2), version(number=3, lane=PR, actors=(carol, ALICE))]
    react(
        store,
        *(made.VersionAdded(each) for each in by),
        made.VersionAdded(version(number=4, lane=Lane("branch/x@github:7"), actors=(BOB,))),
    )
    assert known(store, Need("authors", "app", MAIN, "1..4")) == (ALICE,)
    assert known(store, Need("authors", "app", PR, "1..4")) == (ALICE, carol)
    assert known(store, Need("authors", "app", PR, "0..1")) == (BOB,)


def test_a_commit_shows_the_newest_run_of_each_job_and_lane(store: Store) -> None:
    runs = [run(), run(number=2), run(number=3, lane=PR), run("test"), run("other", causes=(TICK,))]
    react(store, *(made.RunAdded(each) for each in runs))
    found = known(store, Need("commit", REPOSITORY, extra=SHA))
    assert sorted(str(each.ref) for each in found) == ["build#2", "build#3", "test#1"]


def test_a_joined_run_is_found_by_its_new_commit(store: Store) -> None:
    later = Cause("push", "e2", REPOSITORY, "acme/app", "b" * 40)
    react(store, made.RunAdded(run(status=Status.WAITING)), made.RunJoined(RunRef("build", 1), (later,)))
    assert [each.run.causes for each in store.runs_of_commit(REPOSITORY, "b" * 40)] == [(PUSH, later)]


def test_the_queue_is_opened_gates_then_priority_then_age(store: Store) -> None:
    runs = [
        run("late", priority=5, created=3.0),
        run("early", priority=5, created=1.0),
        run("first", priority=0, created=9.0),
        run("gated", priority=9999, created=9.0, frozen=True),
        run("elsewhere", pool="big"),
        run("waits", status=Status.WAITING),
    ]
    react(store, *(made.RunAdded(each) for each in runs))
    assert [each.ref.job for each in known(store, Need("queue", extra="default"))] == ["gated", "first", "early", "late"]
    assert [each.ref.job for each in known(store, Need("queue", extra="default,big"))][-1] == "elsewhere"


def test_a_very_long_label_and_one_with_a_nul_can_be_kept_and_found(store: Store) -> None:
    long = "x" * 5000
    react(store, made.VersionAdded(version(label=long + "1")), made.VersionAdded(version(number=2, label=long + "2")))
    react(store, made.VersionAdded(version(number=3, label="a\0b")))
    assert known(store, Need("version", "app", extra=long + "1")).ref.number == 1
    assert known(store, Need("version", "app", extra="#3")).label == "a\ufffdb"


def test_a_lone_surrogate_from_outside_stops_nothing(store: Store) -> None:
    """JSON may spell one (`"\\ud800"`), UTF-8 and both databases refuse it."""
    cause = Cause("push", "e", REPOSITORY, "acme/app", SHA, title="a\ud800b")
    react(
        store,
        made.RunAdded(run(causes=(cause,), reason="c\ud800d")),
        made.VersionAdded(version(label="x\ud800", bag={"k": "\ud800"})),
    )
    kept = known(store, Need("run", "build", extra="1"))
    assert (kept.causes[0].title, kept.reason) == ("a?b", "c?d")
    assert known(store, Need("version", "app", extra="#1")).bag == {"k": "?"}


def test_a_label_is_looked_for_in_the_lane_and_in_main_and_the_newest_counts(store: Store) -> None:
    elsewhere = Lane("branch/x@github:7")
    react(store, made.VersionAdded(version(label="v")), made.VersionAdded(version(number=2, lane=PR, label="v")))
    react(store, made.VersionAdded(version(number=3, lane=elsewhere, label="v")))
    assert known(store, Need("version", "app", PR, "v")).ref.number == 2
    assert known(store, Need("version", "app", MAIN, "v")).ref.number == 1
    assert known(store, Need("version", "app", elsewhere, "v")).ref.number == 3
    assert known(store, Need("version", "app", MAIN, "w")) is None


def test_an_unknown_kind_of_need_is_an_error(store: Store) -> None:
    with pytest.raises(ValueError, match="weather"):
        known(store, Need("weather"))


def test_jobs_with_one_lock_are_found_by_its_name(store: Store) -> None:
    react(store, made.JobDefined(job("b", lock=Lock("db"))), made.JobDefined(job("a", lock=Lock("db"))), made.JobDefined(job("c")))
    assert known(store, Need("sharing", "db")) == ("a", "b")
    react(store, made.JobDefined(job("b", lock=Lock("other"))), made.JobRemoved("a"))
    assert known(store, Need("sharing", "db")) == ()
    assert known(store, Need("sharing", "other")) == ("b",)


def test_a_try_is_due_when_its_wait_has_passed(store: Store) -> None:
    now = store.now()
    waiting = [run(number=n, status=Status.WAITING, due=due) for n, due in ((1, now - 5), (2, now + 500), (3, None), (4, now - 9))]
    react(store, *(made.RunAdded(each) for each in waiting))
    assert [str(ref) for _, ref in store.due_runs()] == ["build#4", "build#1"]
    react(store, made.RunDue(RunRef("build", 4)), made.RunFinished(RunRef("build", 1), Status.CANCELLED, now))
    assert store.due_runs() == ()


def test_what_a_run_wrote_about_itself_is_kept_beside_it(store: Store) -> None:
    react(store, made.RunAdded(run()), made.RunAdded(run(number=2)))
    react(store, made.SummaryLeft(RunRef("build", 1), "| a |"), made.SummaryLeft(RunRef("build", 9), "nobody's"))
    [first, second] = [store.run(ACCOUNT, RunRef("build", number)) for number in (1, 2)]
    assert first
    assert second
    assert (store.summary(first.id), store.summary(second.id)) == ("| a |", "")
