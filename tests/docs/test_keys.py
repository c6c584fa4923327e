"""Every key that the reader of workflow files asks for is described in the reference (docs/reference)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.wire import kinds
from app.workflow.ci.language import AXES
from tests.docs.test_reference import CODE, DOCS, FENCED, ROOT, described

WORD = re.compile(r"[A-Za-z_]\w*")
READERS = frozenset({"take", "text", "truth", "whole", "choice", "texts", "map", "number"})
"""Methods of `Keys` that ask for a key by name."""


def asked_for(path: Path) -> Iterator[str]:
    """The keys that a module asks `Keys` for by their names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def keys() -> frozenset[str]:
    modules = (ROOT / "app" / "workflow").rglob("*.py")
    return frozenset(key for path in modules for key in asked_for(path)) | frozenset(AXES)


def reference() -> frozenset[str]:
    """The words in inline code on all pages of the reference."""
    found = set()
    for page in (DOCS / "reference").glob("*.md"):
        for code in CODE.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
            found |= set(WORD.findall(code))
    return frozenset(found)


def test_there_are_keys() -> None:
    assert {"steps", "versionName", "integrations", "build", "global"} <= keys()


@pytest.mark.parametrize("key", sorted(keys()))
def test_every_key_that_is_read_is_described(key: str) -> None:
    assert key in reference()


@pytest.mark.parametrize("name", sorted({*kinds().jobs, "runCLI"}))
def test_every_job_type_is_described_with_its_keys_and_attributes(name: str) -> None:
    kind = kinds().jobs.get(name)
    assert name in described("reference/jobs.md")
    for fields in (kind.fields, kind.input_fields, kind.output_fields) if kind else ():
        assert fields.keys() <= described("reference/jobs.md")


@pytest.mark.parametrize("name", sorted(kinds().resources))
def test_every_resource_type_is_described_with_its_fields(name: str) -> None:
    assert {name, *kinds().resources[name].fields} <= described("reference/resources.md")
