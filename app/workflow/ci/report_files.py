"""Reading report files: JUnit XML of tests, Cobertura and JaCoCo XML of coverage (spec/ci-integrations-deploy.md section 1.8).

The files are a job's own, so nothing of them is trusted: they are read as a stream of tags, no entity is ever declared (which is what makes
bombs), nothing outside a file is fetched, and depth is bounded. A document type, which Cobertura writes, is passed over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers.expat import ExpatError, ParserCreate

from app.workflow.ci.reports import MOST_NAMED, Report

MOST_DEPTH = 100
_MOST_NAME = 200


class BadReport(ValueError):
    """A file is no report: the text says why."""


@dataclass(slots=True)
class Tally:
    """What all report files of a cell say together; `covered` of `valid` lines."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)
    covered: float = 0.0
    valid: float = 0.0

    def report(self) -> Report | None:
        """None when no file said anything."""
        if not (self.passed or self.failed or self.skipped or self.valid):
            return None
        share = self.covered / self.valid if self.valid else None
        return Report(self.passed, self.failed, self.skipped, tuple(self.failures), share)

    def take_tests(self, content: bytes) -> None:
        """Adds a JUnit file. Raises BadReport, and then adds nothing."""
        cases = _Cases()
        _parse(content, cases.start, cases.end)
        if cases.root not in ("testsuites", "testsuite"):
            raise BadReport(f"it is no JUnit XML: it begins with <{cases.root[:40]}>")
        self.passed += cases.ends.count("passed")
        self.failed += cases.ends.count("failed")
        self.skipped += cases.ends.count("skipped")
        self.failures += cases.failures[: MOST_NAMED - len(self.failures)]

    def take_coverage(self, content: bytes) -> None:
        """Adds a Cobertura or JaCoCo file. Raises BadReport, and then adds nothing."""
        lines = _Lines()
        _parse(content, lines.start, lines.end)
        if lines.root not in ("coverage", "report"):
            raise BadReport(f"it is neither Cobertura nor JaCoCo XML: it begins with <{lines.root[:40]}>")
        self.covered += lines.covered
        self.valid += lines.valid


@dataclass(slots=True)
class _Cases:
    """The test cases of a JUnit file: how each ended."""

    root: str = ""
    ends: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _name: str = ""
    _end: str = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.root = self.root or tag
        if tag == "testcase":
            self._end = "passed"
            self._name = ".".join(part for part in (attributes.get("classname"), attributes.get("name")) if part)[:_MOST_NAME]
        elif self._end and tag in ("failure", "error"):
            self._end = "failed"
        elif self._end == "passed" and tag == "skipped":
            self._end = "skipped"

    def end(self, tag: str) -> None:
        if tag != "testcase" or not self._end:
            return
        self.ends.append(self._end)
        if self._end == "failed" and len(self.failures) < MOST_NAMED:
            self.failures.append(self._name)
        self._end = ""


@dataclass(slots=True)
class _Lines:
    """The lines that a coverage file counts; where only a rate is given, it stands for a hundred lines."""

    root: str = ""
    covered: float = 0.0
    valid: float = 0.0
    _depth: int = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self.root = tag
        if self._depth == 1 and tag == "coverage":
            self._cobertura(attributes)
        elif self._depth == 2 and tag == "counter" and attributes.get("type") == "LINE":
            self._count(_number(attributes, "covered"), _number(attributes, "covered") + _number(attributes, "missed"))

    def end(self, tag: str) -> None:  # noqa: ARG002 - the parser's signature
        self._depth -= 1

    def _cobertura(self, attributes: dict[str, str]) -> None:
        if "lines-valid" in attributes:
            self._count(_number(attributes, "lines-covered"), _number(attributes, "lines-valid"))
        else:
            self._count(100 * _number(attributes, "line-rate"), 100.0)

    def _count(self, covered: float, valid: float) -> None:
        if not 0 <= covered <= valid:
            raise BadReport(f"it says that {covered:g} of {valid:g} lines are covered")
        self.covered, self.valid = covered, valid


def _number(attributes: dict[str, str], name: str) -> float:
    try:
        return float(attributes.get(name, ""))
    except ValueError:
        raise BadReport(f"its `{name}` is no number: {attributes.get(name, '')[:40]!r}") from None


def _parse(content: bytes, start: Callable[[str, dict[str, str]], None], end: Callable[[str], None]) -> None:
    """Raises BadReport for what is not well-formed, declares entities, or is nested too deep."""
    depth = 0

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise BadReport(f"it is nested more than {MOST_DEPTH} levels deep")
        start(tag, attributes)

    def closed(tag: str) -> None:
        nonlocal depth
        depth -= 1
        end(tag)

    def declared(*_: object) -> None:
        raise BadReport("it declares entities, which reports do not need and bombs are made of")

    parser = ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = opened, closed, declared
    try:
        parser.Parse(content, True)
    except (ExpatError, ValueError) as problem:
        if isinstance(problem, BadReport):
            raise
        raise BadReport(f"it is not well-formed XML: {problem}") from None
