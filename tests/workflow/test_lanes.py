"""Lanes (product.md section 5), sentence by sentence, and forks (section 8)."""

from __future__ import annotations

import pytest

from app.workflow.definition import Supersede
from app.workflow.events import Commit, CommitAllowed, MergeGroupChanged, Pushed
from app.workflow.facts import Ignored, LaneClosed
from app.workflow.line import MAIN, Lane, Status
from tests.workflow.worlds import World, actor, branch, pr, repository, sha, world


def merge_group(w: World, action: str, commit: str = "group") -> None:
    head_ref = "refs/heads/gh-readonly-queue/main/pr-1"
    event = MergeGroupChanged(
        **w.key(),
        repository=repository("app"),
        action=action,
        head=Commit(sha(commit)),
        head_ref=head_ref,
        base_ref="refs/heads/main",
        by=actor("alice"),
    )
    w.happen(event)


def allow(w: World, commit: str, number: int = 7) -> None:
    w.happen(CommitAllowed(**w.key(), by=actor("bob"), via="cli", repository="github:1", number=number, sha=sha(commit)))


# -- which lane --------------------------------------------------------------------------------------------------------------


def test_the_branch_of_the_resource_is_main_and_others_have_lanes_of_their_own() -> None:
    w = world("app -> A")
    w.push(commit="one")
    w.push(commit="two", branch="topic")
    assert w.runs(MAIN) == {"A#1": "queued"}
    assert w.runs(branch("topic")) == {"A#2": "queued"}


def test_a_branch_that_is_named_literally_goes_to_main() -> None:
    w = world("app -> A", app={"branches": {"only": ["release"]}})
    w.push(commit="one", branch="release")
    assert w.runs(MAIN) == {"A#1": "queued"}


def test_each_pull_request_has_a_lane() -> None:
    w = world("app -> A")
    w.pull_request(7, "one")
    w.pull_request(8, "one", branch="other")
    assert (w.runs(pr(7)), w.runs(pr(8))) == ({"A#1": "queued"}, {"A#2": "queued"})


def test_each_merge_group_has_a_lane() -> None:
    w = world("app -> A")
    merge_group(w, "requested")
    [lane] = w.ledger.lanes
    assert lane.kind == "queue"
    assert w.runs(lane) == {"A#1": "queued"}
    merge_group(w, "destroyed")
    assert w.unfinished() == {}
    assert w.ledger.lanes == {}


# -- one version for a head --------------------------------------------------------------------------------------------------


def test_a_push_to_the_branch_of_an_open_pull_request_makes_no_version_of_its_own() -> None:
    w = world("app -> A")
    w.pull_request(7, "one")
    w.push(commit="two", branch="topic")
    assert w.added() == []
    w.pull_request(7, "two", action="updated")
    assert w.added() == ["A#2"]
    assert w.runs() == {"A#1": "cancelled", "A#2": "queued"}


def test_a_push_of_a_commit_that_is_an_open_pull_requests_head_makes_none_either() -> None:
    w = world("app -> A")
    w.pull_request(7, "one")
    w.push(commit="one", branch="copy")
    assert w.added() == []


def test_a_pull_request_takes_over_what_the_push_of_its_head_began() -> None:
    w = world("app -> A")
    w.push(commit="one", branch="topic")
    w.pull_request(7, "one")
    assert w.runs() == {"A#1": "cancelled", "A#2": "queued"}
    assert w.get("A#1").reason == "superseded: pull request 7 runs this commit"
    assert w.runs(pr(7)) == {"A#2": "queued"}


def test_what_runs_in_the_branch_lane_goes_on() -> None:
    w = world("app -> A")
    w.push(commit="one", branch="topic")
    w.claim()
    w.pull_request(7, "one")
    assert w.runs() == {"A#1": "running", "A#2": "queued"}


def test_a_pull_request_of_another_commit_takes_over_nothing() -> None:
    w = world("app -> A")
    w.push(commit="one", branch="topic")
    w.pull_request(7, "two")
    assert w.runs() == {"A#1": "queued", "A#2": "queued"}


def test_a_new_title_runs_nothing_again() -> None:
    w = world("app -> A")
    w.pull_request(7, "one")
    w.pull_request(7, "one", action="updated", title="Better")
    assert w.added() == []
    assert any(isinstance(fact, Ignored) for fact in w.facts)


def test_a_reopened_pull_request_runs_again() -> None:
    w = world("app -> A")
    w.pull_request(7, "one")
    w.pull_request(7, "one", action="closed")
    w.pull_request(7, "one", action="opened")
    assert w.runs() == {"A#1": "cancelled", "A#2": "queued"}


def test_without_builds_of_requests_the_head_is_built_as_a_commit_in_the_requests_lane() -> None:
    w = world("app -> A", app={"buildOnPullRequest": False})
    w.pull_request(7, "one")
    assert w.runs(pr(7)) == {"A#1": "queued"}


# -- who sees what -----------------------------------------------------------------------------------------------------------


def test_a_run_in_a_lane_takes_the_lanes_versions_where_it_has_them_else_mains() -> None:
    w = world("app -> A; lib -/> A")
    w.push("lib", "base")
    w.push("app", "one")
    w.pull_request(7, "two")
    w.push("lib", "newer")
    w.drain()
    assert w.taken("A#1") == {"app": "one", "lib": "newer"}
    assert w.taken("A#2") == {"app": "two", "lib": "newer"}


def test_main_never_sees_a_lanes_versions() -> None:
    w = world("app -> A => conf -> J", A={"conf": {"lanes": ("*",)}})
    w.push("app", "one")
    w.run("A#1", conf={"COLOUR": "red"})
    w.run("J#1")
    w.pull_request(7, "two")
    w.run("A#2", conf={"COLOUR": "green"})
    assert [each.lane for each in w.ledger.versions_of("conf")] == [MAIN, MAIN, pr(7)]
    w.push("app", "three")
    w.trigger("J")
    w.drain()
    assert w.taken("J#2") == {"conf": "#2"}
    assert w.taken("A#3") == {"app": "three"}


def test_what_a_lane_writes_stays_in_it_and_is_not_posted_without_lanes() -> None:
    w = world("app -> A -> conf")
    w.pull_request(7, "one")
    w.run("A#1", conf={"COLOUR": "red"})
    assert [each.lane for each in w.ledger.versions_of("conf")] == [MAIN]


def test_downstream_follows_only_where_the_step_says_so() -> None:
    w = world("app -> A -> J; A => K")
    w.pull_request(7, "one")
    w.run("A#1")
    assert w.runs(pr(7)) == {"A#1": "succeeded", "K#1": "queued"}
    assert w.not_run() == {}


@pytest.mark.parametrize(("globs", "follows"), [(("pr/*",), True), (("branch/*",), False), (("pr/8", "pr/7"), True), (("all",), True)])
def test_globs_of_lanes(globs: tuple[str, ...], follows: bool) -> None:
    w = world("app -> A -> J", J={"A": {"lanes": globs}})
    w.pull_request(7, "one")
    w.run("A#1")
    assert ("J#1" in w.runs()) is follows


def test_merging_carries_nothing_over() -> None:
    w = world("app -> A")
    w.pull_request(7, "one")
    w.drain()
    w.pull_request(7, "one", action="closed", merged=True)
    assert w.added() == []
    w.push(commit="merged")
    assert w.runs(MAIN) == {"A#2": "queued"}


# -- neighbours in lanes -----------------------------------------------------------------------------------------------------


def test_a_neighbour_without_a_run_in_the_lane_counts_by_mains_last_successful_run() -> None:
    w = world("app -> A => J; lib -> B -> J")
    w.push("lib")
    w.run("B#1")
    w.push("lib")
    w.run("B#2", Status.FAILED)
    w.pull_request(7, "one")
    w.run("A#1")
    assert w.runs(pr(7)) == {"A#1": "succeeded", "J#1": "queued"}
    w.run("J#1")
    assert w.taken("J#1") == {"A": "#1", "B": "#1"}


def test_a_neighbour_that_never_ran_in_main_either_is_never_run() -> None:
    w = world("app -> A => J; lib -> B -> J")
    w.pull_request(7, "one")
    w.run("A#1")
    assert w.unfinished() == {}
    assert w.not_run() == {"J": "not_run: B has never run"}


def test_a_neighbour_that_failed_in_the_lane_is_failed_there() -> None:
    w = world("app -> A => J; app -> B => J")
    w.push(commit="zero")
    w.drain()
    w.pull_request(7, "one")
    assert w.claim() == "A#2"
    w.end("A#2", Status.FAILED)
    w.run("B#2")
    assert not [run for run in w.runs(pr(7)) if run.startswith("J")]


def test_a_neighbour_that_runs_in_another_lane_never_blocks() -> None:
    w = world("app -> A => J")
    w.push(commit="one")
    assert w.claim() == "A#1"
    w.pull_request(7, "two")
    assert w.claim() == "A#2"


def test_runs_of_a_job_are_serial_within_a_lane_and_over_all_with_a_gate_or_a_state_out() -> None:
    w = world("app -> A; app -> B -> shelf; app -> J", J="gate")
    w.push(commit="one")
    w.pull_request(7, "two")
    w.approve("J", digest=w.ledger.candidates["J", 1].digest)
    w.approve("J", digest=w.ledger.candidates["J", 2].digest)
    assert w.unfinished() == {
        "A#1": "queued",
        "B#1": "queued",
        "A#2": "queued",
        "B#2": "waiting",
        "J#1": "queued",
        "J#2": "waiting",
    }


# -- newer commits -----------------------------------------------------------------------------------------------------------


def test_a_newer_commit_in_a_lane_cancels_older_waiting_and_queued_runs() -> None:
    w = world("app -> A => J; app -> B")
    w.pull_request(7, "one")
    assert w.claim() == "A#1"
    w.pull_request(7, "two", action="updated")
    assert w.runs() == {"A#1": "running", "B#1": "cancelled", "A#2": "waiting", "B#2": "queued"}
    assert w.get("B#1").reason == f"superseded by {sha('two')[:12]}"


def test_with_supersede_running_it_cancels_running_ones_too() -> None:
    w = world("app -> A", A={"supersede": Supersede.RUNNING})
    w.pull_request(7, "one")
    w.claim()
    w.pull_request(7, "two", action="updated")
    assert w.get("A#1").cancelling
    w.end("A#1", Status.CANCELLED)
    assert w.unfinished() == {"A#2": "queued"}


def test_with_supersede_never_it_cancels_none() -> None:
    w = world("app -> A", A={"supersede": Supersede.NEVER})
    w.pull_request(7, "one")
    w.pull_request(7, "two", action="updated")
    assert w.runs() == {"A#1": "queued", "A#2": "waiting"}


@pytest.mark.parametrize(
    ("rule", "first", "second"),
    [(None, "running", "waiting"), (Supersede.WAITING, "running", "cancelled"), (Supersede.RUNNING, "stopping", "cancelled")],
)
def test_in_main_only_where_supersede_says_so(rule: Supersede | None, first: str, second: str) -> None:
    w = world("app -> A", A={"supersede": rule})
    w.push()
    w.claim()
    w.push()
    w.push()
    assert ("stopping" if w.get("A#1").cancelling else w.runs()["A#1"]) == first
    assert w.runs()["A#2"] == second


def test_a_newer_commit_supersedes_what_the_lanes_gates_show() -> None:
    w = world("app -> A => J", J="gate")
    w.pull_request(7, "one")
    w.run("A#1")
    w.pull_request(7, "two", action="updated")
    assert w.candidates("J") == {1: "superseded"}


# -- closing -----------------------------------------------------------------------------------------------------------------


def test_closing_leaves_nothing_waiting() -> None:
    w = world("app -> A => J; app -> B; app -> G", G="gate")
    w.pull_request(7, "one")
    w.claim()
    w.pull_request(7, "one", action="closed")
    assert w.runs() == {"A#1": "running", "B#1": "cancelled"}
    assert w.get("B#1").reason == "the pull request was closed"
    assert w.candidates("G") == {1: "expired"}
    assert [errand.kind for errand in w.errands()].count("close_lane") == 1
    w.end("A#1")
    assert w.added() == []
    assert w.unfinished() == {}


def test_a_closing_that_makes_a_version_runs_it() -> None:
    w = world("app -> A", app={"buildOnPullRequestClose": True})
    w.pull_request(7, "one")
    w.drain()
    w.pull_request(7, "one", action="closed", merged=True)
    assert w.added() == ["A#2"]


def test_a_deleted_branch_closes_its_lane() -> None:
    w = world("app -> A")
    w.push(commit="one", branch="topic")
    w.happen(_deletion(w))
    assert w.runs() == {"A#1": "cancelled"}
    assert any(isinstance(fact, LaneClosed) for fact in w.facts)


def _deletion(w: World) -> Pushed:
    ref = "refs/heads/topic"
    gone = {"before": sha("one"), "after": "", "commit": Commit(""), "pusher": actor("alice")}
    return Pushed(**w.key(), repository=repository("app"), ref=ref, **gone)  # type: ignore[arg-type]  # four fields, four types


def test_a_pull_requests_run_never_changes_what_mains_next_run_takes() -> None:
    """Acceptance 5: versions, job state and central state, in both directions."""
    w = world("app -> A => conf; A => shelf -> A; A => J; conf => J", app={"buildOnPullRequest": True})
    w.push("app", "one")
    w.run("A#1", conf={"COLOUR": "main"}, shelf={"K": "main"})
    w.drain()
    w.pull_request(7, "two")
    w.run("A#2", conf={"COLOUR": "pr"}, shelf={"K": "pr"})
    w.drain()
    w.push("app", "three")
    w.run("A#3")
    w.drain()
    bags = {str(run.ref): _bags(w, str(run.ref)) for run in w.ledger.runs.values() if run.ref.job == "J"}
    assert {name: bag["conf"] for name, bag in bags.items()} == {"J#1": "main", "J#2": "pr", "J#3": "main"}
    assert w.taken("A#3")["shelf"] == w.taken("A#2")["shelf"] == "#2"
    assert [each.lane for each in w.ledger.versions_of("A")] == [MAIN, pr(7), MAIN]


def _bags(w: World, run: str) -> dict[str, object]:
    versions = {taken.name: w.ledger.versions[taken.version] for taken in w.get(run).inputs if taken.version}
    found = versions["conf"].bag["params"]
    assert isinstance(found, dict)
    return {"conf": found["COLOUR"]}


# -- forks -------------------------------------------------------------------------------------------------------------------


def forked() -> World:
    w = world("app -> A => J; A => conf", A={"conf": {"lanes": ("*",)}})
    w.pull_request(7, "one", fork=True)
    return w


def test_a_forks_run_waits_for_allow_bound_to_its_commit() -> None:
    w = forked()
    assert w.unfinished() == {"A#1": "waiting"}
    assert w.get("A#1").held == "allow"
    assert w.claim() == ""
    allow(w, "two")
    assert "is not the head of pull request 7 any more" in w.denied()
    allow(w, "one")
    assert w.unfinished() == {"A#1": "queued"}


def test_a_newer_commit_of_a_fork_has_to_be_allowed_anew() -> None:
    w = forked()
    allow(w, "one")
    w.pull_request(7, "two", action="updated", fork=True)
    assert w.runs() == {"A#1": "cancelled", "A#2": "waiting"}
    assert w.get("A#2").held == "allow"


def test_an_allowed_forks_run_has_no_outs_and_nothing_downstream() -> None:
    w = forked()
    allow(w, "one")
    w.run("A#1", conf={"COLOUR": "red"})
    assert len(w.ledger.versions_of("conf")) == 1
    assert w.unfinished() == {}


def test_a_manual_run_in_a_forks_lane_is_held_as_well() -> None:
    w = forked()
    w.trigger("A", lane=pr(7))
    assert w.get("A#2").held == "allow"
    assert w.get("A#2").causes[0].fork


def test_allow_for_an_unknown_pull_request_is_refused() -> None:
    w = forked()
    allow(w, "one", number=9)
    assert w.denied() == "nothing of pull request 9 waits to be allowed"


def test_a_held_run_keeps_nobody_waiting() -> None:
    w = world("app -> A -> shelf")
    w.pull_request(7, "one", fork=True)
    w.push(commit="two")
    assert w.unfinished() == {"A#1": "waiting", "A#2": "queued"}


def test_lanes_show_what_stands_before_the_repository() -> None:
    assert (pr(7).label, MAIN.label, Lane("branch/a@b@github:1").label) == ("pr/7", "main", "branch/a@b")


def test_the_branchs_lane_closes_when_a_pull_request_takes_over() -> None:
    w = world("app -> A")
    w.push(commit="one", branch="topic")
    w.pull_request(7, "one")
    assert set(w.ledger.lanes) == {pr(7)}


def test_a_waiting_entry_is_one_a_lane() -> None:
    w = world("app -> A => J; lib -> B -> J", J="strict")
    w.push(commit="one")
    w.pull_request(7, "two")
    w.drain()
    assert w.unfinished() == {"J#1": "waiting", "J#2": "waiting"}
    assert (w.get("J#1").lane, w.get("J#2").lane) == (MAIN, pr(7))


def test_strict_looks_at_runs_in_its_own_lane_only() -> None:
    w = world("app -> A => J; lib -> B -> J", J="strict")
    w.push("lib")
    w.drain()
    w.push("lib")
    assert w.claim() == "B#2"
    w.pull_request(7, "two")
    w.run("A#1")
    assert w.unfinished()["J#2"] == "queued"


def test_a_failure_in_main_counts_for_a_lane_where_failures_are_followed() -> None:
    w = world("app -> A => J; lib -> B -> J", J={"B": {"on_failure": True, "on_success": False}})
    w.push("lib")
    w.run("B#1", Status.FAILED)
    w.pull_request(7, "one")
    w.run("A#1")
    assert w.runs(pr(7)) == {"A#1": "succeeded", "J#1": "queued"}


@pytest.mark.parametrize(("replicated", "versions"), [(True, 2), (False, 1)])
def test_what_replicates_a_pull_requests_commit_can_be_left_out(replicated: bool, versions: int) -> None:
    option = {"lib": {"lanes": ("*",), "replicate": "app", "replicate_on_pull_request": replicated}}
    w = world("app -> A -> lib", A=option)
    w.pull_request(7, "one")
    w.run("A#1")
    assert len([*w.ledger.versions_of("lib"), 1]) == versions


def test_what_changed_in_a_pull_requests_candidate_is_told_against_mains_last_approved_run() -> None:
    w = world("app -> J; pic -/> J", J="gate")
    w.push(commit="one")
    w.approve("J")
    w.drain()
    w.pull_request(7, "two", by="dora")
    assert w.shown("J").changes == (f"app: {sha('one')[:12]} -> {sha('two')[:12]}",)
    assert {each.login for each in w.shown("J").authors} == {"dora"}


def test_a_manual_run_in_a_lane_is_reported_on_its_head() -> None:
    w = world("app -> A; conf -/> B")
    w.pull_request(7, "one")
    w.trigger("B", lane=pr(7))
    [cause] = w.get("B#1").causes
    assert (cause.repository, cause.full_name, cause.sha) == ("github:1", "acme/app", sha("one"))
