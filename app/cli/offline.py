"""Workflow files as they lie on this machine, read and joined as an adoption would: no settings, no database, no server."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.text import Text

from app.wire import kinds
from app.workflow.ci.read import read_ci_of
from app.workflow.definition import Fragment, Json, Place, Problem, Severity, Workflow
from app.workflow.elsewhere import tolerated
from app.workflow.link import link
from app.workflow.parse import Parsed, is_workflow_file, near_miss, parse

PASSED_OVER = frozenset({".git", ".venv", "node_modules"})
"""Folders that are not looked into: what is in them is not part of the repository."""
NOTE = "note"
COLOURS = {Severity.ERROR.value: "red", Severity.WARNING.value: "yellow", NOTE: "cyan"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem at the machine: `level` is error, warning, or note (what only another source or a forge can answer)."""

    level: str
    problem: Problem

    def text(self) -> Text:
        hint = f" (did you mean {self.problem.nearest}?)" if self.problem.nearest else ""
        return Text.assemble(f"{self.problem.place}: ", (self.level, COLOURS[self.level]), f": {self.problem.sentence}{hint}")

    @property
    def told(self) -> Json:
        place = self.problem.place
        said: dict[str, Json] = {"level": self.level, "sentence": self.problem.sentence, "nearest": self.problem.nearest}
        return {"file": place.file, "line": place.line, "column": place.column, **said}


@dataclass(slots=True)
class Repository:
    """The workflow files under one folder, by their path in it; `missed` are files that only look like one."""

    root: Path
    files: dict[str, bytes] = field(default_factory=dict)
    missed: list[Problem] = field(default_factory=list)

    def shown(self, problem: Problem) -> Problem:
        """The problem with its file as it is reached from here."""
        file = os.path.relpath(self.root / problem.place.file) if problem.place.file else str(self.root)
        return replace(problem, place=Place(file, problem.place.line, problem.place.column))

    def pass_over(self, path: str) -> None:
        """Keeps what is to be said of a file that is no workflow file."""
        if (sentence := near_miss(path)) is not None:
            self.missed.append(Problem(Place(path), Severity.WARNING, sentence))


@dataclass(frozen=True, slots=True)
class Checked:
    """Some repositories joined to one line, and what is wrong with it, by place. `files` as they are reached from here."""

    workflow: Workflow
    findings: tuple[Finding, ...]
    files: tuple[str, ...]
    fragments: Mapping[str, Fragment]

    def count(self, level: str) -> int:
        return sum(each.level == level for each in self.findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.level == Severity.ERROR)


# -- what is read --------------------------------------------------------------------------------------------------------------


def repositories(paths: Iterable[Path]) -> Iterator[Repository]:
    """Each folder is a repository of its own; single files belong to the one they stand in."""
    of_files: dict[Path, Repository] = {}
    for path in paths:
        if path.is_dir():
            yield _folder(path)
            continue
        root = path.parent.parent if path.parent.name == ".gateline" else path.parent
        repository = of_files.setdefault(root, Repository(root))
        repository.files[path.relative_to(root).as_posix()] = path.read_bytes()
    yield from of_files.values()


def _folder(root: Path) -> Repository:
    found = Repository(root)
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - PASSED_OVER)
        for path in sorted(Path(folder, name) for name in names):
            inside = path.relative_to(root).as_posix()
            if is_workflow_file(inside):
                found.files[inside] = path.read_bytes()
            else:
                found.pass_over(inside)
    return found


# -- what is found -------------------------------------------------------------------------------------------------------------


def check(found: Iterable[Repository], strict: bool = False) -> Checked:
    """Parses and links all. `strict`: what nobody here defines is an error, not a note."""
    fragments: dict[str, Fragment] = {}
    homes: dict[str, Repository] = {}
    findings: list[Finding] = []
    known = kinds()
    for repository in found:
        source = f"file:{os.path.relpath(repository.root)}"
        homes[source] = repository
        parsed = parse(source, "", repository.files, known)
        problems = (*parsed.problems, *_of_ci(repository, parsed), *repository.missed)
        findings += [Finding(each.severity.value, repository.shown(each)) for each in problems]
        if parsed.fragment is not None:
            fragments[source] = parsed.fragment
    linked = link(fragments, kinds=known)
    workflow, notes = (linked.workflow, {}) if strict else tolerated(linked)
    for problem, source in zip(linked.problems, linked.sources, strict=True):
        level = NOTE if problem in notes else problem.severity.value
        findings.append(Finding(level, homes[source].shown(notes.get(problem, problem))))
    findings += [Finding(NOTE, homes[source].shown(problem)) for problem, source in _unneeded(linked.workflow)]
    files = tuple(os.path.relpath(each.root / path) for each in homes.values() for path in each.files)
    return Checked(workflow, tuple(sorted(findings, key=lambda each: each.problem.place)), files, fragments)


def _of_ci(repository: Repository, parsed: Parsed) -> Iterator[Problem]:
    """What is wrong with the CI keys at the root; what keeps a file from being read was told with the file."""
    told = {each.place for each in parsed.problems}
    return (each for each in read_ci_of(repository.files).problems if each.place not in told)


def _unneeded(workflow: Workflow) -> Iterator[tuple[Problem, str]]:
    """Integrations of repositories, with the source that writes them: a repository is read with its source's own."""
    for each in workflow.resources.values():
        if each.watches and each.integration:
            sentence = (
                f"`{each.name}` is read with the credentials of its source's forge; `integration: {each.integration}` counts for nothing"
            )
            yield Problem(each.place, Severity.WARNING, sentence, each.name), each.source
