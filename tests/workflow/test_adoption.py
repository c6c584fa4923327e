"""Workflow files that are taken over, changed and removed while the line is live (spec sections 1.2, 1.5; architecture 6, rule 13)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.workflow.definition import Fragment, Runtime
from app.workflow.events import Adopted, Commit, SourceRemoved
from app.workflow.facts import FragmentAdopted, JobDefined, JobRemoved, ResourceDefined, ResourceRemoved, RunAdded
from app.workflow.line import MAIN
from tests.workflow.worlds import SOURCE, World, actor, draw, repository, sha, world


def defined(w: World) -> set[str]:
    jobs = {fact.job.name for fact in w.facts if isinstance(fact, JobDefined)}
    return jobs | {fact.resource.name for fact in w.facts if isinstance(fact, ResourceDefined)}


def adopt(w: World, fragment: Fragment, *, tips: dict[str, Commit] | None = None, reachable: bool = True) -> None:
    repositories = {"acme/app": repository("app")} if reachable else {}
    w.happen(Adopted(**w.key(), fragment=fragment, by=actor("owner"), repositories=repositories, tips=tips or {}))


def test_adoption_itself_runs_nothing() -> None:
    w = world("app -> A -> J; conf -> J; fuse -> A")
    assert not [fact for fact in w.facts if isinstance(fact, RunAdded)]
    assert defined(w) == {"app", "A", "J", "conf", "fuse"}


def test_only_what_changed_is_defined_again() -> None:
    w = world("app -> A -> J; conf -> J")
    w.redraw("app -> A -> J; conf -> J", J={"priority": 1})
    assert defined(w) == {"J"}
    assert isinstance(w.facts[-1], FragmentAdopted)


def test_the_first_version_of_a_repository_is_its_tip_and_triggers_nothing() -> None:
    w = world("pic -> A")
    adopt(w, draw("app -> A; pic -> A", {}), tips={"app": Commit(sha("tip"))})
    [version] = w.ledger.versions_of("app")
    assert (version.label, version.lane) == (sha("tip"), MAIN)
    assert w.runs() == {}


def test_the_push_that_brought_the_files_triggers_like_any_other() -> None:
    w = world("pic -> A")
    adopt(w, draw("app -> A; pic -> A", {}), tips={"app": Commit(sha("tip"))})
    w.push(commit="tip")
    assert w.added() == ["A#1"]


def test_a_repository_out_of_reach_makes_the_resource_inconsistent() -> None:
    w = world("pic -> A")
    adopt(w, draw("app -> A; pic -> A", {}), reachable=False)
    assert w.ledger.inconsistent["app"] == ("the repository acme/app cannot be reached",)
    adopt(w, draw("app -> A; pic -> A", {}))
    assert w.ledger.inconsistent["app"] == ()
    assert w.ledger.watches["app"] == "github:1"


@pytest.mark.parametrize(
    ("option", "versions"),
    [({"versionName": "2"}, 2), ({"versionName": "1"}, 1), ({"sourceName": "acme/other", "versionName": "1"}, 2)],
)
def test_a_resource_gets_a_version_only_if_its_content_changed(option: dict[str, str], versions: int) -> None:
    w = world("pic -> A")
    w.redraw("pic -> A", pic=option)
    assert len(w.ledger.versions_of("pic")) == versions


def test_a_start_value_counts_once_until_its_text_changes() -> None:
    def seeded(source: str, tag: str) -> Fragment:
        fragment = draw("pic -> A", {"pic": {"sourceName": source, "versionName": tag}})
        return replace(fragment, resources=tuple(replace(each, seed={"versionName": tag}) for each in fragment.resources))

    w = World(seeded("acme/pic", "1"))
    w.post("pic", "9")
    adopt(w, seeded("acme/moved", "1"))
    assert [each.label for each in w.ledger.versions_of("pic")] == ["1", "9", "9"]
    adopt(w, seeded("acme/moved", "2"))
    assert [each.label for each in w.ledger.versions_of("pic")][-1] == "2"


def test_a_resource_that_comes_back_keeps_its_versions() -> None:
    w = world("pic -> A")
    w.post("pic", "9")
    w.redraw("app -> A")
    assert any(isinstance(fact, ResourceRemoved) for fact in w.facts)
    w.redraw("pic -> A; app -> A")
    assert [each.label for each in w.ledger.versions_of("pic")] == ["1", "9"]


def test_a_removed_jobs_waiting_work_ends_and_its_running_run_goes_on() -> None:
    w = world("app -> A; app -> B")
    w.push()
    w.push()
    assert w.claim() == "A#1"
    adopt(w, draw("app -> B", {}))
    assert {run: state for run, state in w.runs().items() if run[0] == "A"} == {"A#1": "running", "A#2": "cancelled"}
    assert w.get("A#2").reason == f"removed in {sha('first')[:12]}"
    assert any(isinstance(fact, JobRemoved) for fact in w.facts)
    w.end("A#1")
    assert w.runs()["A#1"] == "succeeded"


def test_a_neighbour_that_goes_frees_what_it_blocked() -> None:
    w = world("app -> J -> C")
    w.push()
    w.run("J#1")
    assert w.claim() == "C#1"
    w.push()
    assert w.unfinished() == {"C#1": "running", "J#2": "waiting"}
    w.redraw("app -> J")
    assert w.unfinished() == {"C#1": "running", "J#2": "queued"}


def test_a_new_neighbour_that_runs_blocks_what_was_queued() -> None:
    w = world("app -> J; pic -> C")
    w.post("pic", "2")
    assert w.claim() == "C#1"
    w.push()
    assert w.unfinished()["J#1"] == "queued"
    w.redraw("app -> J -> C; pic -> C")
    assert w.unfinished() == {"C#1": "running", "J#1": "waiting"}


def test_queued_runs_take_the_new_pool() -> None:
    w = world("app -> A")
    w.push()
    w.redraw("app -> A", A={"runtime": Runtime(pool="mac")})
    assert w.claim() == ""
    assert w.claim("mac") == "A#1"


def test_a_job_that_became_parallel_lets_its_runs_go() -> None:
    w = world("app -> A")
    w.push()
    w.push()
    w.redraw("app -> A", A={"parallel": True})
    assert w.unfinished() == {"A#1": "queued", "A#2": "queued"}


def test_a_missing_object_makes_its_users_inconsistent_until_it_is_there() -> None:
    w = world("app -> A; pic -> A")
    fragment = draw("app -> A; pic -> A", {})
    adopt(w, replace(fragment, resources=tuple(each for each in fragment.resources if each.name != "pic")))
    assert w.ledger.inconsistent["A"]
    w.push()
    assert w.runs() == {}
    adopt(w, fragment)
    w.push()
    assert w.added() == ["A#1"]


def test_a_removed_source_takes_all_that_it_defines_along() -> None:
    w = world("app -> A -> J", J="gate")
    w.push()
    w.run("A#1")
    w.push()
    w.happen(SourceRemoved(**w.key(), source=SOURCE, by=actor("owner")))
    assert w.ledger.jobs == {}
    assert w.ledger.resources == {}
    assert w.unfinished() == {}
    assert w.candidates("J") == {1: "expired"}
    assert w.facts[-1] == FragmentAdopted(Fragment(SOURCE, ""), removed=True)


def test_two_sources_form_one_line_and_the_first_owner_keeps_a_name() -> None:
    other = "github:acme/other@main"
    w = world("app -> A")
    theirs = draw("A -> J; app -> A", {})
    theirs = replace(
        theirs,
        source=other,
        jobs=tuple(replace(job, source=other) for job in theirs.jobs),
        resources=(),
    )
    adopt(w, theirs)
    assert w.ledger.jobs["A"].source == SOURCE
    w.push()
    w.run("A#1")
    assert w.added() == ["J#1"]


def test_a_resource_that_watches_another_repository_starts_from_that_ones_tip() -> None:
    w = world("app -> A")
    moved = draw("app -> A", {})
    [resource] = moved.resources
    moved = replace(moved, resources=(replace(resource, content={**resource.content, "sourceName": "acme/lib"}),))
    repositories = {"acme/lib": repository("lib")}
    w.push(commit="old")
    tips = {"app": Commit(sha("tip"))}
    w.happen(Adopted(**w.key(), fragment=moved, by=actor("owner"), repositories=repositories, tips=tips))
    assert [each.label for each in w.ledger.versions_of("app")] == [sha("old"), sha("tip")]
    assert w.ledger.watches == {"app": "github:2"}


def test_a_repository_that_has_versions_gets_no_other_by_adoption() -> None:
    w = world("app -> A")
    w.push(commit="one")
    adopt(w, draw("app -> A", {"app": {"branch": "main"}}), tips={"app": Commit(sha("tip"))})
    assert [each.label for each in w.ledger.versions_of("app")] == [sha("one")]


def test_a_new_pool_moves_what_is_queued_and_nothing_else() -> None:
    w = world("app -> A; app -> B")
    w.push()
    w.push()
    assert w.claim() == "A#1"
    w.redraw("app -> A; app -> B", A={"runtime": Runtime(pool="mac")}, B={"priority": 1})
    assert [type(fact).__name__ for fact in w.facts] == ["JobDefined", "JobDefined", "FragmentAdopted"]
    w.end("A#1")
    assert (w.claim("mac"), w.claim()) == ("A#2", "B#1")


def test_a_new_gate_leaves_what_runs_alone() -> None:
    w = world("app -> A")
    w.push()
    assert w.claim() == "A#1"
    w.redraw("app -> A", A="gate")
    assert w.runs() == {"A#1": "running"}
    assert w.candidates("A") == {}
