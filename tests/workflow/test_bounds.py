"""Hostile and huge workflow files cost no more than long ones, and each has one clear problem."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from app.wire import kinds
from app.workflow.definition import Severity
from app.workflow.link import link
from app.workflow.parse import Parsed, parse
from app.workflow.reading import read
from bench.lines import EDGES, FILES, JOBS, large_line

BOMB = b"a: &a [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (name, name, b", ".join([b"*%c" % before] * 10)) for before, name in zip(b"abcdefgh", b"bcdefghi", strict=True)
)
SOURCE = "github:acme/app@main"


def check(content: bytes) -> Parsed:
    return parse(SOURCE, "c0ffee", {"gateline.yml": content}, kinds())


@pytest.mark.parametrize(
    ("content", "place", "sentence"),
    [
        (BOMB, "gateline.yml:5:32", "more than 100000 values once its aliases are expanded"),
        (b"jobs: []\n" + b"# ten megabytes\n" * 655_360, "gateline.yml", "the file has 10485769 bytes; at most 524288 are read"),
        (b"[" * 10_000, "gateline.yml:1:61", "nested more than 60 levels deep"),
        (b"- " * 10_000, "gateline.yml:1:121", "nested more than 60 levels deep"),
        (b"".join(b"%*s:\n" % (depth + 1, b"a") for depth in range(900)), "gateline.yml:61:61", "nested more than 60 levels deep"),
        (
            b"jobs: &jobs\n- *jobs\n",
            "gateline.yml:2:3",
            "the alias `*jobs` means nothing: it stands inside its own anchor",
        ),
        (b"a: &a\n  <<: *a\n", "gateline.yml:2:7", "it stands inside its own anchor"),
        (b"jobs:\n- name: \xff\n", "gateline.yml:2:9", "byte 0xff is not UTF-8; save the file as UTF-8"),
        ("jobs: []\n".encode("utf-16"), "gateline.yml:1:1", "the file is UTF-16; save it as UTF-8"),
    ],
    ids=["bomb", "10 MB", "brackets", "dashes", "keys", "cyclic alias", "cyclic merge", "invalid UTF-8", "UTF-16 with its mark"],
)
def test_a_hostile_file_has_one_clear_problem_in_under_a_second(content: bytes, place: str, sentence: str) -> None:
    started = time.process_time()
    errors = [problem for problem in check(content).problems if problem.severity is Severity.ERROR]
    assert time.process_time() - started < 1.0
    assert [(str(each.place), sentence in each.sentence) for each in errors] == [(place, True)], [str(each) for each in errors]


def test_a_byte_order_mark_of_utf_8_is_nobodys_problem_and_moves_no_column() -> None:
    assert check(b"\xef\xbb\xbfresources: [{name: a, type: state}]\n").problems == ()
    assert str(read("f.yml", b"\xef\xbb\xbfa: *b").problems[0].place) == "f.yml:1:4"


def test_a_line_of_5000_jobs_and_20000_edges_is_validated_in_under_3_seconds() -> None:
    files = large_line()
    started = time.process_time()
    parsed = parse(SOURCE, "c0ffee", files, kinds())
    assert parsed.fragment is not None
    linked = link({SOURCE: parsed.fragment}, kinds=kinds())
    assert time.process_time() - started < 3.0
    assert (parsed.problems, linked.problems) == ((), ())
    assert len(linked.workflow.jobs) == JOBS
    assert sum(len(job.inputs) for job in linked.workflow.jobs.values()) == EDGES


def test_and_in_less_than_400_megabytes() -> None:
    files = dict(list(large_line().items())[:5])
    tracemalloc.start()
    try:
        parse(SOURCE, "c0ffee", files, kinds())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak * FILES / 5 < 400e6


def test_thousands_of_unknown_names_are_not_each_compared_with_all_others() -> None:
    files = {path: text.replace(b"IN: job-", b"IN: jbo-") for path, text in large_line().items()}
    parsed = parse(SOURCE, "c0ffee", files, kinds())
    assert parsed.fragment is not None
    started = time.process_time()
    problems = link({SOURCE: parsed.fragment}, kinds=kinds()).problems
    assert time.process_time() - started < 3.0
    assert len(problems) > JOBS
    assert sum(bool(problem.nearest) for problem in problems) <= 20
