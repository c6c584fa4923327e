"""Report files: spec/ci-integrations-deploy.md section 1.8, and what is refused because a job wrote it."""

from __future__ import annotations

import pytest

from app.workflow.ci.outcome import judged
from app.workflow.ci.report_files import MOST_DEPTH, BadReport, Tally
from app.workflow.ci.reports import MOST_NAMED, Report
from app.workflow.line import Status
from app.workflow.plan import Result

JUNIT = b"""<?xml version="1.0"?>
<testsuites><testsuite name="s">
  <testcase classname="a.B" name="passes"/>
  <testcase classname="a.B" name="fails"><failure message="no">trace</failure></testcase>
  <testcase classname="a.B" name="errs"><error/></testcase>
  <testcase name="later"><skipped/></testcase>
</testsuite></testsuites>"""
COBERTURA = b"""<?xml version="1.0"?>
<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage line-rate="0.75" lines-covered="3" lines-valid="4"><packages/></coverage>"""
JACOCO = b"""<report name="x"><package name="p"><counter type="LINE" missed="9" covered="1"/></package>
<counter type="INSTRUCTION" missed="1" covered="1"/><counter type="LINE" missed="2" covered="6"/></report>"""


def told(*contents: bytes) -> Report:
    tally = Tally()
    for content in contents:
        tally.take_tests(content)
    report = tally.report()
    assert report
    return report


def coverage(*contents: bytes) -> float | None:
    tally = Tally()
    for content in contents:
        tally.take_coverage(content)
    report = tally.report()
    return report.coverage if report else None


def test_test_cases_are_counted_by_how_they_ended_and_failed_ones_named() -> None:
    assert told(JUNIT) == Report(1, 2, 1, ("a.B.fails", "a.B.errs"))


def test_several_files_add_up() -> None:
    assert told(JUNIT, b'<testsuite><testcase name="x"/></testsuite>').passed == 2


def test_only_the_first_failures_are_named() -> None:
    cases = b"".join(b'<testcase name="t%d"><failure/></testcase>' % number for number in range(30))
    found = told(b"<testsuite>" + cases + b"</testsuite>")
    assert (found.failed, len(found.failures)) == (30, MOST_NAMED)


@pytest.mark.parametrize(
    ("content", "share"),
    [(COBERTURA, 0.75), (JACOCO, 0.75), (b'<coverage line-rate="0.5"/>', 0.5)],
    ids=["Cobertura", "JaCoCo", "rate only"],
)
def test_coverage_is_that_of_lines(content: bytes, share: float) -> None:
    assert coverage(content) == share


def test_coverage_of_several_files_counts_their_lines() -> None:
    assert coverage(COBERTURA, JACOCO) == 0.75


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><testsuite>&b;</testsuite>', "declares entities"),
        (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite>&a;</testsuite>', "declares entities"),
        (b"<testsuite>" + b"<a>" * MOST_DEPTH, "nested more than"),
        (b"<testsuite>", "not well-formed"),
        (b"", "not well-formed"),
        (b"\xff\xfe\x00", "not well-formed"),
        (b"<html/>", "it is no JUnit XML: it begins with <html>"),
    ],
    ids=["a bomb", "a file of the machine", "a tower", "cut off", "empty", "no text", "another document"],
)
def test_what_is_no_report_is_refused_with_the_reason(content: bytes, sentence: str) -> None:
    with pytest.raises(BadReport, match=sentence):
        Tally().take_tests(content)


@pytest.mark.parametrize("content", [b'<coverage line-rate="much"/>', b'<coverage lines-valid="2" lines-covered="3"/>', b"<x/>"])
def test_coverage_that_cannot_be_is_refused(content: bytes) -> None:
    with pytest.raises(BadReport):
        Tally().take_coverage(content)


def test_no_files_are_no_report() -> None:
    assert Tally().report() is None


def test_failed_tests_make_a_passed_cell_unstable() -> None:
    result = judged(Result(Status.SUCCEEDED, code=0, report=Report(3, 2, 0, ("a", "b"))), 0.0)
    assert (result.status, result.reason) == (Status.UNSTABLE, "2 tests failed: a, b")


def test_less_coverage_than_asked_for_makes_it_unstable() -> None:
    passed = Result(Status.SUCCEEDED, code=0, report=Report(3, coverage=0.71))
    assert judged(passed, 0.7).status is Status.SUCCEEDED
    assert (judged(passed, 0.8).status, judged(passed, 0.8).reason) == (Status.UNSTABLE, "coverage is 71%, less than 80%")


def test_failed_commands_stay_failed_whatever_the_tests_say() -> None:
    failed = Result(Status.FAILED, "ci failed with exit code 1.", 1, report=Report(3, 2))
    assert judged(failed, 0.0) == failed
