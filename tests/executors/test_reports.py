"""What an executor picks up of report files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.executors import _reports
from app.executors._reports import collect_reports
from app.workflow.ci.reports import Report
from app.workflow.plan import Reports

WANTED = Reports("clone/shippable/testresults", "clone/shippable/codecoverage")
PASSED = '<testsuite><testcase name="x"/></testsuite>'


@pytest.fixture
def tests(tmp_path: Path) -> Path:
    folder = tmp_path / WANTED.tests
    folder.mkdir(parents=True)
    return folder


def collected(build: Path) -> tuple[Report | None, list[str]]:
    notes: list[str] = []
    return collect_reports(build, WANTED, lambda text: text.replace("hunter2", "****"), notes.append), notes


def test_xml_files_are_read_in_folders_too(tmp_path: Path, tests: Path) -> None:
    (tests / "deep").mkdir()
    for path in (tests / "a.xml", tests / "deep" / "B.XML", tests / "notes.txt"):
        path.write_text(PASSED)
    assert collected(tmp_path) == (Report(passed=2), [])


def test_without_folders_there_is_no_report(tmp_path: Path) -> None:
    assert collected(tmp_path) == (None, [])


def test_links_and_pipes_are_passed_over(tmp_path: Path, tests: Path) -> None:
    (tmp_path / "secret.xml").write_text(PASSED)
    (tests / "link.xml").symlink_to(tmp_path / "secret.xml")
    (tests / "folder").symlink_to(tmp_path)
    os.mkfifo(tests / "pipe.xml")
    assert collected(tmp_path) == (None, [])


def test_a_file_that_is_no_report_is_a_note(tmp_path: Path, tests: Path) -> None:
    (tests / "a.xml").write_text("<html/>")
    report, (note,) = collected(tmp_path)
    assert report is None
    assert note == "clone/shippable/testresults/a.xml is not read as a report: it is no JUnit XML: it begins with <html>"


def test_a_file_that_is_too_large_is_a_note(tmp_path: Path, tests: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_reports, "FILE_LIMIT", 10)
    (tests / "a.xml").write_text(PASSED)
    report, (note,) = collected(tmp_path)
    assert report is None
    assert "a.xml is larger than 0 MiB" in note


def test_more_files_than_are_read_is_a_note(tmp_path: Path, tests: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_reports, "MOST_FILES", 2)
    for number in range(3):
        (tests / f"{number}.xml").write_text(PASSED)
    assert collected(tmp_path) == (Report(passed=2), ["clone/shippable/testresults has more than 2 files: the others are not read."])


def test_names_of_tests_are_shown_without_secrets(tmp_path: Path, tests: Path) -> None:
    (tests / "a.xml").write_text('<testsuite><testcase name="says hunter2"><failure/></testcase></testsuite>')
    report, _ = collected(tmp_path)
    assert report
    assert report.failures == ("says ****",)
