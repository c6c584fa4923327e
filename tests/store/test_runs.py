"""Runs: leases, views, what is to be reported, and the definition that each keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.errors import NotFound
from app.forges import CommitState
from app.store import Stale, Store, Written
from app.workflow import facts as made
from app.workflow.line import Cause, RunRef, Status
from tests.fakes.clock import MovableClock
from tests.store.making import ACCOUNT, PR, PUSH, REPOSITORY, SHA, TICK, candidate, full_job, job, react, run

BUILD = RunRef("build", 1)


def start(store: Store, run: RunRef = BUILD, token: str = "t1", lease: float = 20.0) -> None:
    react(store, made.RunStarted(run, (), "w1", token, store.now() + lease, store.now()))


def test_a_lease_is_prolonged_and_says_when_to_stop(store: Store, clock: MovableClock) -> None:
    react(store, made.RunAdded(run()))
    start(store)
    assert store.renew_run(ACCOUNT, BUILD, "t1", clock() + 40) == ""
    clock.forward(30)
    assert store.sweep() == ()
    react(store, made.RunCancelling(BUILD, "cancelled by alice"))
    assert store.renew_run(ACCOUNT, BUILD, "t1", clock() + 20) == "cancelled by alice"


def test_an_expired_lease_is_swept_with_its_token(store: Store, clock: MovableClock) -> None:
    react(store, made.RunAdded(run()), made.RunAdded(run(number=2)))
    start(store)
    clock.forward(21)
    assert store.sweep() == ((ACCOUNT, BUILD, "t1"),)
    react(store, made.RunFinished(BUILD, Status.LOST, clock()))
    assert store.sweep() == ()


@pytest.mark.parametrize("token", ["t0", ""])
def test_a_write_with_another_token_is_stale(store: Store, token: str) -> None:
    react(store, made.RunAdded(run()))
    with pytest.raises(Stale):
        store.renew_run(ACCOUNT, BUILD, token, 99.0)
    start(store)
    with pytest.raises(Stale):
        store.renew_run(ACCOUNT, BUILD, token, 99.0)
    with pytest.raises(Stale):
        store.renew_run("github:other", BUILD, "t1", 99.0)


def test_a_final_run_is_nobodys(store: Store, clock: MovableClock) -> None:
    react(store, made.RunAdded(run()))
    start(store)
    react(store, made.RunFinished(BUILD, Status.LOST, clock()))
    with pytest.raises(Stale):
        store.renew_run(ACCOUNT, BUILD, "t1", clock() + 20)


def test_a_run_is_found_by_reference_and_by_its_unguessable_key(store: Store) -> None:
    react(store, made.RunAdded(run()), made.RunAdded(run(number=2)))
    first, second = store.run(ACCOUNT, BUILD), store.run(ACCOUNT, RunRef("build", 2))
    assert first is not None
    assert second is not None
    assert len(first.key) == 22
    assert first.key != second.key
    assert store.run_by_key(first.key) == first
    assert store.run_by_key("x") is store.run(ACCOUNT, RunRef("build", 3)) is store.run("github:other", BUILD) is None


def test_runs_are_listed_newest_first_by_account_job_and_state(store: Store) -> None:
    react(store, made.RunAdded(run()), made.RunAdded(run("test")), made.RunAdded(run(number=2)))
    react(store, made.RunFinished(BUILD, Status.FAILED, 2.0))
    react(store, made.RunAdded(run()), account="github:other")

    def listed(**only: object) -> list[str]:
        return [f"{view.account}/{view.run.ref}" for view in store.runs(**only)]  # type: ignore[arg-type]

    assert listed() == ["github:other/build#1", "github:acme/build#2", "github:acme/test#1", "github:acme/build#1"]
    assert listed(account=ACCOUNT, job="build") == ["github:acme/build#2", "github:acme/build#1"]
    assert listed(live=False) == ["github:acme/build#1"]
    assert listed(live=True, limit=1) == ["github:other/build#1"]


def test_the_account_with_the_best_queued_run_comes_first(store: Store) -> None:
    react(store, made.RunAdded(run(priority=5, created=1.0)), made.RunAdded(run("x", priority=9)), account="github:a")
    react(store, made.RunAdded(run(priority=5, created=2.0)), account="github:b")
    react(store, made.RunAdded(run(priority=0, created=9.0, pool="big")), account="github:c")
    react(store, made.RunAdded(run(status=Status.WAITING, priority=0)), account="github:d")
    assert store.queued_accounts(["default"]) == ("github:a", "github:b")
    assert store.queued_accounts(["default", "big"]) == ("github:c", "github:a", "github:b")
    assert store.queued_accounts(["none"]) == ()
    assert store.due_queues() == ("runs:big", "runs:default")


def test_a_run_keeps_the_definition_it_was_claimed_with(store: Store) -> None:
    old, new = job("build", priority=1), job("build", priority=2)
    react(store, made.JobDefined(old), made.RunAdded(run()))
    assert store.definition_at(ACCOUNT, BUILD) == old
    react(store, made.JobDefined(new))
    assert store.definition_at(ACCOUNT, BUILD) == new
    start(store)
    react(store, made.JobRemoved("build"))
    assert store.definition_at(ACCOUNT, BUILD) == new


def test_a_gated_run_executes_the_definition_that_was_approved(store: Store) -> None:
    approved = full_job()
    react(store, made.JobDefined(approved), made.CandidateProposed(candidate(definition=approved)))
    react(store, made.JobDefined(replace(approved, gate=None)), made.RunAdded(run("deploy", candidate=1, frozen=True)))
    deploy = RunRef("deploy", 1)
    assert store.definition_at(ACCOUNT, deploy) == approved
    start(store, deploy)
    assert store.definition_at(ACCOUNT, deploy) == approved


def test_a_run_without_any_definition_is_not_found(store: Store) -> None:
    react(store, made.RunAdded(run()))
    with pytest.raises(NotFound):
        store.definition_at(ACCOUNT, BUILD)
    with pytest.raises(NotFound):
        store.definition_at(ACCOUNT, RunRef("build", 7))


def test_standing_tells_each_job_of_a_commit_with_the_newest_first(store: Store, clock: MovableClock) -> None:
    skipped = made.NotRun("docs", PR, (PUSH, TICK), "skipped", "app", "paths did not match")
    react(store, made.RunAdded(run()), made.RunAdded(run(number=2, lane=PR)), made.RunAdded(run("nightly", causes=(TICK,))))
    react(store, made.CandidateProposed(candidate()), made.CandidateProposed(candidate(number=2)), skipped)
    store.set_written(Written(REPOSITORY, "b" * 40, "gateline/docs", CommitState.SUCCESS, "", "", 1.0))
    build, deploy, docs = store.standing(REPOSITORY, SHA)
    assert (build.job, deploy.job, docs.job) == ("build", "deploy", "docs")
    assert [str(view.run.ref) for view in build.runs] == ["build#2", "build#1"]
    assert [each.number for each in deploy.candidates] == [2, 1]
    assert docs.not_run == ((skipped, clock()),)
    assert (build.reported, docs.reported) == (False, True)
    assert store.standing(REPOSITORY, SHA, "docs") == (docs,)
    assert store.standing(REPOSITORY, "c" * 40) == store.standing("github:8", SHA) == ()


def test_one_run_stands_on_each_of_its_commits_once(store: Store) -> None:
    other = Cause("push", "e9", "github:8", "acme/lib", "c" * 40)
    react(store, made.RunAdded(run(causes=(PUSH, PUSH, other, TICK))))
    assert len(store.runs_of_commit(REPOSITORY, SHA)) == len(store.runs_of_commit("github:8", "c" * 40)) == 1
