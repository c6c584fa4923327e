"""`externalReferences` of the templates file: texts elsewhere whose anchors are imported (spec/workflow-language.md section 1.1).

Only named here. Who fetches them, and keeps what was fetched, hands the texts to `parse`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.workflow._keys import Findings
from app.workflow._nodes import List, Map, Scalar, described, shortened
from app.workflow.definition import Place, Problem
from app.workflow.files import TEMPLATES
from app.workflow.reading import read

KEY = "externalReferences"
MOST = 20
"""References of one templates file."""


@dataclass(frozen=True, slots=True)
class References:
    """`places`: URL -> where it is named, in order. `problems` are errors of the list itself."""

    places: Mapping[str, Place]
    problems: tuple[Problem, ...] = ()


def references(files: Mapping[str, bytes]) -> References:
    """The references of the templates files among `files` (path -> content)."""
    places: dict[str, Place] = {}
    findings = Findings()
    for path in (path for path in TEMPLATES if path in files):
        root = read(path, files[path], partial=True).root
        entry = root.entry(KEY) if isinstance(root, Map) else None
        if entry is None or (isinstance(entry.value, Scalar) and entry.value.null):
            continue
        if not isinstance(entry.value, List):
            findings.error(entry.value.place, f"`{KEY}` must be a list of URLs, not {described(entry.value)}")
            continue
        for item in entry.value.items:
            if not isinstance(item, Scalar) or not _fit(item.text):
                findings.error(item.place, f"`{KEY}` lists URLs that begin with https://, not {described(item)}")
            elif len(places) >= MOST and item.text not in places:
                findings.error(item.place, f"at most {MOST} external references are read; `{shortened(item.text)}` is one too many")
            else:
                places.setdefault(item.text, item.place)
    return References(places, tuple(findings.problems))


def _fit(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False
