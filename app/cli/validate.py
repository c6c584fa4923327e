"""`gateline validate`: reads workflow files as an adoption would, offline, and says what is wrong and what would run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
from rich.console import RenderableType
from rich.text import Text

from app.cli.command import command
from app.cli.outline import Entry, outline, outline_table
from app.cli.printout import Printout
from app.wire import kinds
from app.workflow.definition import Fragment, Json, Place, Problem, Severity, Workflow
from app.workflow.link import link
from app.workflow.parse import is_workflow_file, near_miss, parse

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


@command("validate", "gateline validate", "gateline validate .gateline/deploy.yml", "gateline validate ../app ../infra")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(exists=True, path_type=Path))
def validate(paths: tuple[Path, ...]) -> Printout:
    """Check workflow files without a server: folders (default: this one) or single files."""
    repositories = tuple(_repositories(paths or (Path(),)))
    workflow, findings = check(repositories)
    files = [os.path.relpath(each.root / path) for each in repositories for path in each.files]
    if not files:
        sentence = f"No workflow file in {', '.join(map(str, paths)) or 'this folder'}: a gateline.yml is looked for."
        return Printout({"files": [], "findings": [each.told for each in findings], "jobs": []}, _parts(findings, [], sentence), False)
    entries = outline(workflow, workflow.jobs.values())
    told: Json = {
        "files": list(files),
        "findings": [each.told for each in findings],
        "jobs": [each.told for each in entries],
        "resources": [{"name": each.name, "type": each.type} for each in workflow.resources.values()],
    }
    return Printout(told, _parts(findings, entries, _summary(files, workflow, findings)), not _count(findings, Severity.ERROR))


def _parts(findings: Iterable[Finding], entries: Iterable[Entry], summary: str) -> tuple[RenderableType, ...]:
    tables = (outline_table(entries),) if entries else ()
    return (*(each.text() for each in findings), *tables, summary)


def _summary(files: list[str], workflow: Workflow, findings: Iterable[Finding]) -> str:
    counts = (
        (len(files), "file"),
        (len(workflow.jobs), "job"),
        (len(workflow.resources), "resource"),
        (sum(job.gate is not None for job in workflow.jobs.values()), "gate"),
        *((_count(findings, level), level) for level in COLOURS),
    )
    return ", ".join(f"{number or 'no'} {noun}{'' if number == 1 else 's'}" for number, noun in counts)


def _count(findings: Iterable[Finding], level: str) -> int:
    return sum(each.level == level for each in findings)


# -- what is read --------------------------------------------------------------------------------------------------------------


def _repositories(paths: Iterable[Path]) -> Iterator[Repository]:
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
            elif (sentence := near_miss(inside)) is not None:
                found.missed.append(Problem(Place(inside), Severity.WARNING, sentence))
    return found


# -- what is found -------------------------------------------------------------------------------------------------------------


def check(repositories: Iterable[Repository]) -> tuple[Workflow, tuple[Finding, ...]]:
    """The linked workflow of all, and what is wrong, by place."""
    fragments: dict[str, Fragment] = {}
    homes: dict[str, Repository] = {}
    found: list[Finding] = []
    known = kinds()
    for repository in repositories:
        source = f"file:{os.path.relpath(repository.root)}"
        parsed = parse(source, "", repository.files, known)
        found += [Finding(each.severity.value, repository.shown(each)) for each in (*parsed.problems, *repository.missed)]
        if parsed.fragment is not None:
            fragments[source], homes[source] = parsed.fragment, repository
    linked = link(fragments, kinds=known)
    missing = _missing(linked.workflow)
    found += [_linked(problem, linked.workflow, homes, missing) for problem in linked.problems]
    return linked.workflow, tuple(sorted(found, key=lambda each: each.problem.place))


def _linked(problem: Problem, workflow: Workflow, homes: Mapping[str, Repository], missing: Mapping[Place, str]) -> Finding:
    """A name that nobody defines here may be another repository's, unless it looks like a misspelt one."""
    owner = workflow.jobs.get(problem.subject) or workflow.resources.get(problem.subject)
    shown = homes[owner.source].shown(problem) if owner else problem
    if problem.place in missing and f"`{missing[problem.place]}`" in problem.sentence and not problem.nearest:
        sentence = f"`{missing[problem.place]}` is not defined here: another source of the account has to define it"
        return Finding(NOTE, replace(shown, sentence=sentence))
    return Finding(problem.severity.value, shown)


def _missing(workflow: Workflow) -> dict[Place, str]:
    """Where a step names something that is not defined here -> that name."""
    known = workflow.jobs.keys() | workflow.resources.keys()
    inputs = {step.place: step.name for job in workflow.jobs.values() for step in job.inputs}
    outputs = {step.place: step.name for job in workflow.jobs.values() for step in job.outputs}
    return {place: name for place, name in (inputs | outputs).items() if name not in known}
