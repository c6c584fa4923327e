"""Which files of a repository are workflow files (product.md section 2; spec/workflow-language.md section 1.1)."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

TEMPLATES = ("shippable.templates.yml", "shippable.templates.yaml")
"""Files at the root whose anchors every other workflow file of the repository may use."""

_OWN = ("gateline.yml", ".gateline.yml", "gateline.yaml", ".gateline.yaml")
_FOLDER = ".gateline"
_SPLIT = ("resources", "jobs", "triggers")
_YAML = re.compile(r"\.ya?ml$")
_NEAR = 0.8


def is_workflow_file(path: str) -> bool:
    """Whether the file at `path` (relative to the repository's root, with `/`) is read for workflow definitions.

    True for a templates file too: it defines nothing itself, but others depend on it.
    """
    folder, _, name = path.rpartition("/")
    if not _YAML.search(name):
        return False
    if path in _OWN or path in TEMPLATES or folder == _FOLDER:
        return True
    stem = _YAML.sub("", name)
    return stem.endswith("shippable") or stem in {f"shippable.{part}" for part in _SPLIT}


def is_triggers_file(path: str) -> bool:
    """Whether the file may be a bare list of triggers (data/workflow-facts.md, fact 14)."""
    return _YAML.sub("", path.rpartition("/")[2]) == "shippable.triggers"


def near_miss(path: str) -> str | None:
    """A sentence for a file that looks meant as a workflow file and is not read as one; None for every other file."""
    folder, _, name = path.rpartition("/")
    if is_workflow_file(path) or not _YAML.search(name.lower()):
        return None
    if name in TEMPLATES:
        return f"`{path}` is not read: the templates file belongs to the root of the repository."
    if name in _OWN:
        return f"`{path}` is not read: `{name}` belongs to the root of the repository."
    if folder.startswith(f"{_FOLDER}/"):
        return f"`{path}` is not read: workflow files stand directly in `{_FOLDER}/`, not in folders below it."
    meant = _meant(name)
    return f"`{path}` is not read as a workflow file: is `{meant}` meant?" if meant else None


def _meant(name: str) -> str | None:
    stem = _YAML.sub("", name.lower())
    if is_workflow_file(name.lower()):
        return name.lower()
    known = ("gateline", ".gateline", "shippable", ".shippable", *(f"shippable.{part}" for part in (*_SPLIT, "templates")))
    likeness = {word: SequenceMatcher(None, word, stem).ratio() for word in known}
    best = max(known, key=likeness.__getitem__)
    return f"{best}.yml" if likeness[best] >= _NEAR else None
