"""`paths:` of an IN: which changes concern a job, and what becomes of it and of what follows otherwise (docs/write-a-line.md)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from app.workflow.definition import Paths
from app.workflow.facts import ReadyByHand
from app.workflow.line import Status
from app.workflow.paths import matches, touches, wants_files
from tests.workflow.worlds import World, branch, pr, world

API = {"app": {"paths": Paths(("api/",))}}
WEB = {"app": {"paths": Paths(("web/",))}}
UNTOUCHED = "skipped: no changed file is among its paths"


def changed(*files: str) -> frozenset[str]:
    return frozenset(files)


# -- the filter --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("glob", "fitting", "others"),
    [
        ("README.md", ["README.md"], ["docs/README.md", "README.mdx", "readme.md"]),
        ("*.md", ["a.md", ".md"], ["docs/a.md"]),
        ("docs/*", ["docs/a"], ["docs/a/b", "docs", "other/a"]),
        ("docs/", ["docs/a", "docs/a/b"], ["docsy/a", "x/docs/a"]),
        ("docs/**", ["docs/a", "docs/a/b"], ["docsy/a"]),
        ("**/*.py", ["a.py", "a/b/c.py"], ["a.pyc"]),
        ("a/**/z", ["a/z", "a/b/z", "a/b/c/z"], ["z", "a/b", "a/z/y"]),
        ("**/docs/", ["docs/a", "x/docs/a/b"], ["docs2/a"]),
        ("**", ["a", "a/b"], []),
        ("v?/[ab]", ["v1/a", "v2/b"], ["v10/a", "v1/c", "v/a"]),
    ],
)
def test_a_glob_matches_whole_paths(glob: str, fitting: list[str], others: list[str]) -> None:
    assert {file: matches(glob, file) for file in fitting + others} == dict.fromkeys(fitting, True) | dict.fromkeys(others, False)


def test_no_glob_takes_long() -> None:
    began = time.monotonic()
    assert not matches("**/a/" * 200 + "b", "a/" * 200 + "c")
    assert not matches("*a" * 100 + "b", "a" * 200)
    assert time.monotonic() - began < 1.0


@pytest.mark.parametrize(
    ("paths", "files", "expected"),
    [
        (Paths(only=("api/",)), ["web/a", "api/a"], True),
        (Paths(only=("api/",)), ["web/a"], False),
        (Paths(only=("api/", "lib/")), ["lib/a"], True),
        (Paths(excluded=("docs/",)), ["docs/a"], False),
        (Paths(excluded=("docs/",)), ["docs/a", "web/a"], True),
        (Paths(only=("api/",), excluded=("**/*.md",)), ["api/a.md", "web/a"], False),
        (Paths(only=("api/",), excluded=("**/*.md",)), ["api/a.md", "api/a"], True),
        (Paths(), ["a"], True),
        (Paths(), [], False),
    ],
)
def test_one_file_that_is_among_only_and_not_among_except_is_enough(paths: Paths, files: list[str], expected: bool) -> None:
    assert touches(paths, files) is expected


# -- the line ----------------------------------------------------------------------------------------------------------------


def test_a_job_that_no_changed_file_concerns_is_skipped_and_its_neighbour_runs() -> None:
    w = world("app -> A; app -> B; app -> C", A=API, B=WEB)
    w.push(changed=changed("web/index.html"))
    assert w.not_run() == {"A": UNTOUCHED}
    assert sorted(w.added()) == ["B#1", "C#1"]
    w.push(changed=changed("api/main.py"))
    assert w.not_run() == {"B": UNTOUCHED}
    assert sorted(w.added()) == ["A#1", "C#2"]


def test_what_is_not_known_may_be_any_file() -> None:
    w = world("app -> A", A=API)
    w.push()
    assert (w.not_run(), w.added()) == ({}, ["A#1"])


def test_what_follows_skipped_jobs_alone_is_skipped_with_them() -> None:
    w = world("app -> A -> conf -> J -> K; app -> B -> K", A=API, B=API)
    w.push(changed=changed("web/a"))
    said = "skipped: A was skipped: no changed file is among its paths"
    assert w.not_run() == {"A": UNTOUCHED, "B": UNTOUCHED, "J": said, "K": said}
    assert w.runs() == {}


@pytest.mark.parametrize(("end", "said"), [(Status.SUCCEEDED, {}), (Status.FAILED, {"J": "not_run: B failed"})])
@pytest.mark.parametrize("mode", ["chrono", "immediate", "strict"])
def test_a_join_hears_of_the_job_that_runs_and_of_nothing_before(mode: str, end: Status, said: dict[str, str]) -> None:
    w = world("app -> A -> J; app -> B -> J", A=API, J=mode)
    w.push()
    w.drain()
    known = w.runs()
    w.push(changed=changed("web/a"))
    assert w.not_run() == {"A": UNTOUCHED}
    w.run("B#2", end)
    assert w.not_run() == said
    assert [run.partition("#")[0] for run in w.runs() if run not in known] == (["B"] if said else ["B", "J"])


def test_a_skip_is_no_first_run_of_the_job() -> None:
    w = world("app -> A -> J; app -> B -> J", A=API)
    w.push(changed=changed("web/a"))
    w.run("B#1")
    assert w.not_run() == {"J": "not_run: A has never run"}


def test_a_job_that_another_input_will_start_is_not_called_skipped() -> None:
    w = world("app -> A -> J; app -> J", J=API)
    w.push(changed=changed("web/a"))
    assert (w.not_run(), w.added()) == ({}, ["A#1"])
    w.run("A#1")
    assert w.added() == ["J#1"]


def test_what_starts_the_job_otherwise_takes_the_newest_version() -> None:
    w = world("app -> A; lib -> A", A=API)
    w.push(changed=changed("web/a"))
    w.push("lib")
    assert w.claim() == "A#1"
    taken = {each.name: each.version.number for each in w.get("A#1").inputs if each.version}
    assert taken == {"app": 1, "lib": 1}


def test_a_skipped_job_with_a_gate_asks_for_nothing() -> None:
    w = world("app -> A", A=["gate", API])
    w.push(changed=changed("web/a"))
    assert (w.not_run(), w.proposed()) == ({"A": UNTOUCHED}, [])
    w.push(changed=changed("api/a"))
    assert w.proposed() == ["A"]


def test_a_shut_in_whose_files_did_not_change_makes_nothing_ready_and_skips_nothing() -> None:
    w = world("app -/> A; lib -> A", A=API)
    w.push(changed=changed("web/a"))
    assert (w.not_run(), w.added(), any(isinstance(fact, ReadyByHand) for fact in w.facts)) == ({}, [], False)


def test_a_pull_request_is_skipped_in_its_own_lane() -> None:
    w = world("app -> A => J", A=API)
    w.pull_request(7, "one", changed=changed("web/a"))
    assert w.not_run() == {"A": UNTOUCHED, "J": "skipped: A was skipped: no changed file is among its paths"}
    w.pull_request(7, "two", action="updated", changed=changed("web/a", "api/a"))
    assert w.runs(pr(7)) == {"A#1": "queued"}


def test_in_a_branchs_lane_all_runs_because_a_newer_push_voids_what_waits() -> None:
    w = world("app -> A", A=API, app={"branches": {"only": ["main", "topic*"]}})
    w.push(branch="topic", changed=changed("api/a"))
    w.push(branch="topic", changed=changed("web/a"))
    assert w.runs(branch("topic")) == {"A#1": "cancelled", "A#2": "queued"}


@pytest.mark.parametrize(("options", "expected"), [({"A": API}, True), ({"B": {"lib": {"paths": Paths()}}}, False), ({}, False)])
def test_files_are_asked_for_only_where_a_job_has_paths_for_the_repository(options: dict[str, Any], expected: bool) -> None:
    w: World = world("app -> A; app -> B; lib -> B", **options)
    assert w.ask(lambda line: wants_files(line, "github:1")) is expected
    assert w.ask(lambda line: wants_files(line, "github:3")) is False
