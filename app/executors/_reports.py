"""Picks up the report files that a run left (spec/ci-integrations-deploy.md section 1.8): bounded in number and size, no link followed.

A file that is no report is a note in the log and no fault of the run.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from app.executors._collect import CollectFailed, open_folder, read_file
from app.workflow.ci.report_files import BadReport, Tally
from app.workflow.ci.reports import Report
from app.workflow.plan import Reports

MOST_FILES = 200
"""Report files of one kind that are read."""
FILE_LIMIT = 8 * 1024 * 1024
"""Bytes of one report."""
MOST_DEPTH = 4
"""Folders below that of reports in which files are looked for."""


def collect_reports(build: Path, wanted: Reports, mask: Callable[[str], str], note: Callable[[str], None]) -> Report | None:
    """What the files say; `note` takes a sentence for each that cannot be read. Names of tests are shown without secrets."""
    tally = Tally()
    for folder, take in ((wanted.tests, tally.take_tests), (wanted.coverage, tally.take_coverage)):
        for count, (path, parent, name) in enumerate(_files(build, folder)):
            if count == MOST_FILES:
                note(f"{folder} has more than {MOST_FILES} files: the others are not read.")
                break
            try:
                found = read_file(parent, name, path, FILE_LIMIT)
                if found is not None:
                    take(found[0])
            except (BadReport, CollectFailed) as problem:
                note(f"{path} is not read as a report: {problem}")
    report = tally.report()
    return report and replace(report, failures=tuple(mask(name) for name in report.failures))


def _files(build: Path, folder: str) -> Iterator[tuple[str, int, str]]:
    """(path, descriptor of its folder, name) of each XML file below `folder`, in order."""
    descriptor = open_folder(build, PurePosixPath(folder).parts)
    if descriptor is not None:
        try:
            yield from _within(descriptor, folder, MOST_DEPTH)
        finally:
            os.close(descriptor)


def _within(folder: int, path: str, depth: int) -> Iterator[tuple[str, int, str]]:
    for name in sorted(os.listdir(folder)):
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode) and depth:
            below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            try:
                yield from _within(below, f"{path}/{name}", depth - 1)
            finally:
                os.close(below)
        elif stat.S_ISREG(mode) and name.lower().endswith(".xml"):
            yield f"{path}/{name}", folder, name
