"""What is wrong with the real workflow files: each repository's read together, files that are none by their names each alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from app.workflow.definition import Problem, Severity
from app.workflow.elsewhere import tolerated
from app.workflow.kinds import Kinds
from app.workflow.link import Linked, link
from app.workflow.parse import Parsed, is_workflow_file, parse

_LISTED = "; the types are "
"""What follows is a list of all types, and no part of the review."""
REVIEWED = Path(__file__).with_name("errors.tsv")


def source_of(repository: str) -> str:
    return f"github:{repository.replace('__', '/')}@master"


def groups(repository: Mapping[str, bytes]) -> Iterator[dict[str, bytes]]:
    yield {path: content for path, content in repository.items() if is_workflow_file(path)}
    yield from ({path: content} for path, content in repository.items() if not is_workflow_file(path))


def read(source: str, files: Mapping[str, bytes], kinds: Kinds) -> tuple[Parsed, Linked | None]:
    """The files of one source as they are read, and by themselves linked to a line."""
    parsed = parse(source, "c0ffee", files, kinds)
    return parsed, link({source: parsed.fragment}, kinds=kinds) if parsed.fragment else None


def errors(repositories: Mapping[str, Mapping[str, bytes]], kinds: Kinds) -> Iterator[tuple[str, str, str]]:
    """(repository, place, sentence) of each error; what another repository may define is none."""
    for name, repository in repositories.items():
        for files in groups(repository):
            parsed, linked = read(source_of(name), files, kinds)
            yield from ((name, str(each.place), each.sentence.partition(_LISTED)[0]) for each in _errors(parsed, linked))


def _errors(parsed: Parsed, linked: Linked | None) -> Iterator[Problem]:
    yield from (each for each in parsed.problems if each.severity is Severity.ERROR)
    if linked is not None:
        _, notes = tolerated(linked)
        yield from (each for each in linked.problems if each.severity is Severity.ERROR and each not in notes)


def reviewed() -> Iterator[tuple[str, str, str, str]]:
    """(repository, place, rule, sentence) of each line of the reviewed file."""
    for line in REVIEWED.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            repository, place, rule, sentence = line.split("\t")
            yield repository, place, rule, sentence
