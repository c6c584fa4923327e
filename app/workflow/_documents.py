"""The files of one source as YAML documents, each read with the anchors that it may use (spec/workflow-language.md section 1.1)."""

from __future__ import annotations

from collections.abc import Mapping

from app.workflow._nodes import Node, shortened
from app.workflow.definition import Place, Problem, Severity
from app.workflow.files import TEMPLATES
from app.workflow.reading import read
from app.workflow.references import references


def documents_of(files: Mapping[str, bytes], imported: Mapping[str, bytes]) -> tuple[list[tuple[str, Node]], list[Problem]]:
    """The files that are not empty, by path, and what is wrong with any.

    Anchors of the `imported` texts (URL -> text) come first, then those of the templates file, and all may be used everywhere. Where one
    of these is missing or broken, nobody is blamed for an alias that it may define.
    """
    listed = references(files)
    problems = [*listed.problems, *(_not_read(url, place) for url, place in listed.places.items() if url not in imported)]
    shared = {url: imported[url] for url in listed.places if url in imported}
    shared |= {path: files[path] for path in TEMPLATES if path in files}
    partial = any(url not in imported for url in listed.places)
    anchors: dict[str, Node] = {}
    roots: list[tuple[str, Node]] = []
    for path, text in (shared | {path: files[path] for path in sorted(files) if path not in shared}).items():
        document = read(path, text, anchors, partial=partial)
        problems += document.problems
        if path in shared:
            anchors |= document.anchors
            partial = partial or document.broken
        if document.root is not None and path in files:
            roots.append((path, document.root))
    return roots, problems


def _not_read(url: str, place: Place) -> Problem:
    sentence = f"the external reference {shortened(url, 200)} was not fetched; what it defines is not known here"
    return Problem(place, Severity.WARNING, sentence)
