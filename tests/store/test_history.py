"""Versions and their lineage, candidates, clocks, and why events did what they did."""

from __future__ import annotations

import pytest

from app.errors import NotFound
from app.store import Store
from app.workflow import facts as made
from app.workflow.line import Approval, CandidateState, Lane, RunRef, Taken, VersionRef
from tests.fakes.clock import MovableClock
from tests.store.making import ACCOUNT, ALICE, PR, candidate, event, full_job, job, react, resource, run, version


def test_versions_are_found_by_number_and_listed_newest_first_over_lanes(store: Store) -> None:
    first, second = version(files="files/x", run=RunRef("build", 1)), version(number=2, lane=PR)
    react(store, made.VersionAdded(first), made.VersionAdded(second), made.VersionAdded(version("other")))
    found = store.versions(ACCOUNT, "app")
    assert [each for _, each in found] == [second, first]
    assert store.version(ACCOUNT, VersionRef("app", 1)) == found[1]
    assert store.versions(ACCOUNT, "app", limit=1) == found[:1]
    assert store.version(ACCOUNT, VersionRef("app", 3)) is None


def test_a_trace_goes_depth_first_through_what_runs_took_and_meets_each_version_once(store: Store) -> None:
    """app 1 -> build 1 -> image 1 -> deploy 1, and app 1 -> deploy 1 as well."""

    def ran(name: str, *took: VersionRef) -> list[made.Fact]:
        inputs = tuple(Taken(ref.name, ref) for ref in took)
        return [made.RunAdded(run(name, inputs=(*inputs, Taken("nothing", None))))]

    app, build, image, deploy = (VersionRef(name, 1) for name in ("app", "build", "image", "deploy"))
    react(store, made.VersionAdded(version("app")), *ran("build", app), *ran("deploy", image, app))
    react(store, made.VersionAdded(version("build", run=RunRef("build", 1))))
    react(store, made.VersionAdded(version("image", run=RunRef("build", 1)), parents=(build,)))
    react(store, made.VersionAdded(version("deploy", run=RunRef("deploy", 1))))
    assert store.trace(ACCOUNT, deploy) == ((1, app), (1, image), (2, build))
    assert store.trace(ACCOUNT, image) == ((1, app), (1, build))
    assert store.trace(ACCOUNT, app) == store.trace("github:other", deploy) == ()


def test_a_trace_of_a_deep_and_wide_past_is_quick(store: Store) -> None:
    """Two parents at each of 200 levels: 2^200 paths, 400 versions."""
    react(
        store,
        *(
            made.VersionAdded(version(name, level), parents=(VersionRef("a", level - 1), VersionRef("b", level - 1)) if level > 1 else ())
            for level in range(1, 201)
            for name in ("a", "b")
        ),
    )
    assert len(store.trace(ACCOUNT, VersionRef("a", 200))) == 398


def test_ids_of_names_last(store: Store) -> None:
    react(store, made.JobDefined(job("build")))
    id = store.object_id(ACCOUNT, "build")
    react(store, made.JobRemoved("build"))
    react(store, made.JobDefined(job("build")), made.JobDefined(job("test")))
    assert store.object_id(ACCOUNT, "build") == id != store.object_id(ACCOUNT, "test")
    with pytest.raises(NotFound):
        store.object_id(ACCOUNT, "nothing")


def test_candidates_are_as_proposed_with_what_happened_since(store: Store) -> None:
    shown = candidate(definition=full_job(), values=(("REGION", "eu"),), by=ALICE)
    yes = Approval(ALICE, shown.digest, 21.0, "comment:4", "fine")
    react(store, made.CandidateProposed(shown), made.CandidateProposed(candidate("other")))
    react(store, made.ApprovalGiven("deploy", 1, yes))
    found = store.candidate(ACCOUNT, "deploy", 1)
    assert found is not None
    assert (found.definition, found.approvals, found.by, found.values) == (full_job(), (yes,), ALICE, (("REGION", "eu"),))
    react(store, made.CandidateEnded("deploy", 1, CandidateState.REJECTED, 22.0, "not today"))
    assert [(account, each.job) for account, each in store.candidates()] == [(ACCOUNT, "other")]
    ended = store.candidates(ACCOUNT, "deploy", open_only=False)[0][1]
    assert (ended.state, ended.reason) == (CandidateState.REJECTED, "not today")
    assert store.candidate(ACCOUNT, "deploy", 2) is None


def test_a_superseded_candidate_is_over_even_if_no_fact_ends_it(store: Store) -> None:
    react(store, made.CandidateProposed(candidate()))
    react(store, made.CandidateProposed(candidate(number=2), supersedes=1))
    assert store.candidate(ACCOUNT, "deploy", 1).state is CandidateState.SUPERSEDED  # type: ignore[union-attr]


def test_due_candidates_are_open_ones_past_their_time(store: Store, clock: MovableClock) -> None:
    soon, later = candidate(expires=clock() + 10), candidate("later", expires=clock() + 60)
    react(store, *(made.CandidateProposed(each) for each in (soon, later, candidate("never"))))
    assert store.due_candidates() == ()
    clock.forward(10)
    assert [each.job for _, each in store.due_candidates()] == ["deploy"]
    react(store, made.CandidateEnded("deploy", 1, CandidateState.EXPIRED, clock()))
    assert store.due_candidates() == ()


def test_clocks_tell_their_expression_and_when_they_last_ticked(store: Store, clock: MovableClock) -> None:
    nightly = resource("nightly", "time", content={"interval": "0 4 * * *"})
    react(store, made.ResourceDefined(nightly), made.ResourceDefined(resource("app")))
    defined = clock()
    assert store.due_times() == ((ACCOUNT, "nightly", "0 4 * * *", defined),)
    react(store, made.VersionAdded(version("nightly", created=clock.forward(100))))
    assert store.due_times()[0][3] == defined + 100
    react(store, made.ResourceDefined(resource("nightly", "time", content={"interval": "0 5 * * *"})))
    clock.forward(5)
    assert store.due_times()[0][2:] == ("0 5 * * *", defined + 100)
    react(store, made.ResourceRemoved("nightly"))
    assert store.due_times() == ()


def test_events_tell_what_was_decided_or_why_nothing_was(store: Store) -> None:
    with store.decision(ACCOUNT) as transaction:
        transaction.write(event(5.0, "one"), (made.VersionAdded(version()), made.RunAdded(run())), ())
    with store.decision(ACCOUNT) as transaction:
        transaction.write(event(6.0, "two"), (made.Ignored("build", "build is paused"), made.Ignored("x", "build is paused")), ())
    assert store.events(ACCOUNT) == (
        (6.0, "Event", "two", ("build is paused",)),
        (5.0, "Event", "one", ("app has version 1 (v1)", "build#1 is queued")),
    )
    assert store.events(ACCOUNT, limit=1)[0][2] == "two"


def test_a_lane_that_closed_is_known_no_more(store: Store) -> None:
    lane = Lane("pr/3@github:7")
    opened = made.LaneOpened(lane, "github:7", "acme/app", "a" * 40, 3)
    react(store, opened)
    assert store.ask(ACCOUNT, lambda line: line.opened(lane)) == opened
    react(store, made.LaneClosed(lane, 9.0))
    assert store.ask(ACCOUNT, lambda line: line.opened(lane)) is None
