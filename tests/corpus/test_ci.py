"""The CI keys of every real `shippable.yml` (data/workflow-facts.md section 2) are read without an error."""

from __future__ import annotations

import pytest

from app.workflow.ci.matrix import cells
from app.workflow.ci.read import ReadCi, read_ci
from app.workflow.definition import Severity
from tests.corpus.test_corpus import TEMPLATES, WORKFLOWS, repositories

pytestmark = pytest.mark.skipif(not WORKFLOWS.is_dir(), reason="the real workflow files are not here (set GATELINE_SHARED)")
EVERY_CELL = {
    "AlbertoGarciaFdez__ansible": 39,
    "Borda__pyGCO": 4,
    "0x-x0__spcBar": 2,
    "ambarish2012__ci-run-parallel-tests": 2,
    "deepikasl__sample-plv2images": 2,
    "devops-recipes__ci_multi_arch": 2,
}
"""Repositories whose matrix has more cells than one."""


@pytest.fixture(scope="module")
def found() -> dict[str, ReadCi]:
    roots = {name: files for name, files in repositories().items() if "shippable.yml" in files}
    return {
        name: read_ci("shippable.yml", files["shippable.yml"], {path: files[path] for path in (TEMPLATES,) if path in files})
        for name, files in roots.items()
    }


def test_no_real_file_has_an_error_in_its_ci_keys(found: dict[str, ReadCi]) -> None:
    assert [str(each) for ci in found.values() for each in ci.problems if each.severity is Severity.ERROR] == []


def test_forty_repositories_ask_for_ci(found: dict[str, ReadCi]) -> None:
    assert sum(ci.configuration is not None for ci in found.values()) == 40


def test_every_matrix_has_the_cells_that_were_counted_by_hand(found: dict[str, ReadCi]) -> None:
    counted = {name: len(cells(ci.configuration)) for name, ci in found.items() if ci.configuration}
    assert {name: count for name, count in counted.items() if count != 1} == EVERY_CELL
