"""The matrix rules of spec/ci-integrations-deploy.md section 1.6."""

from __future__ import annotations

from textwrap import dedent

import pytest

from app.workflow.ci.matrix import MOST_CELLS, Cell, cells
from app.workflow.ci.read import read_ci
from app.workflow.definition import Severity

RUBY = """\
language: ruby
rvm: [1.9.2, 2.0.0, 2.1.0]
gemfile: [Gemfile.a, Gemfile.b]
env: [T=unit, T=all]
"""


def of(text: str) -> tuple[Cell, ...]:
    found = read_ci("shippable.yml", dedent(text).encode())
    assert found.configuration, found.problems
    return cells(found.configuration)


def titles(text: str) -> list[str]:
    return [cell.title for cell in of(text)]


def test_axes_multiply_in_the_order_version_gemfile_env() -> None:
    found = titles(RUBY)
    assert len(found) == 12
    assert found[:3] == [
        "rvm 1.9.2, gemfile Gemfile.a, T=unit",
        "rvm 1.9.2, gemfile Gemfile.a, T=all",
        "rvm 1.9.2, gemfile Gemfile.b, T=unit",
    ]


def test_cells_are_numbered_from_one_in_order() -> None:
    assert [cell.index for cell in of(RUBY)] == list(range(1, 13))


def test_exclude_drops_cells_that_have_all_its_values_and_include_adds_one() -> None:
    found = of(
        RUBY
        + """\
matrix:
  exclude: [{rvm: 1.9.2, gemfile: Gemfile.b}]
  include: [{rvm: 2.2.0, gemfile: Gemfile.a, env: T=extra}]
  allow_failures: [{rvm: 2.2.0}]
"""
    )
    assert len(found) == 11
    assert not [cell for cell in found if cell.title.startswith("rvm 1.9.2, gemfile Gemfile.b")]
    assert [(cell.index, cell.title) for cell in found if cell.allow_failure] == [(11, "rvm 2.2.0, gemfile Gemfile.a, T=extra")]


def test_jdk_is_an_axis_beside_the_version_of_scala() -> None:
    assert titles("{language: scala, scala: [2.11, 2.12], jdk: [a, b]}") == [
        "scala 2.11, jdk a",
        "scala 2.11, jdk b",
        "scala 2.12, jdk a",
        "scala 2.12, jdk b",
    ]


def test_without_axes_and_without_include_there_is_one_cell() -> None:
    assert titles("{language: none, build: {ci: [make]}}") == [""]


def test_only_included_cells_run_when_no_axis_and_no_runtime_is_declared() -> None:
    assert titles("{language: none, env: {global: [G=1]}, matrix: {include: [{env: T=a}, {env: T=b}]}}") == ["T=a", "T=b"]


def test_base_cells_run_beside_included_ones_when_there_is_an_axis() -> None:
    assert titles("{language: python, python: 3.6, matrix: {include: [{python: 3.7}]}}") == ["python 3.6", "python 3.7"]


def test_base_cells_run_beside_included_ones_when_there_is_a_runtime() -> None:
    assert titles("{language: none, runtime: {nodePool: big}, matrix: {include: [{env: T=a}]}}") == ["big", "T=a, big"]


def test_an_include_that_names_no_version_takes_the_first() -> None:
    assert titles("{language: python, python: [3.6, 3.7], matrix: {include: [{env: T=a}]}}")[-1] == "python 3.6, T=a"


def test_each_pool_makes_a_cell_with_its_own_build_over_the_main_one() -> None:
    text = """\
        language: none
        runtime: [{nodePool: small}, {nodePool: big, build: {ci: [make big]}}]
        build: {ci: [make], post_ci: [push]}
        matrix: {include: [{env: A=1}, {env: A=2, nodePool: big}, {env: A=3, nodePool: other}]}
        """
    assert [(cell.pool, cell.build.ci, cell.build.post_ci) for cell in of(text)] == [
        ("small", ("make",), ("push",)),
        ("big", ("make big",), ("push",)),
        ("small", ("make",), ("push",)),
        ("big", ("make big",), ("push",)),
        ("other", ("make",), ("push",)),
    ]


def test_an_exclude_without_a_pool_counts_in_every_pool() -> None:
    text = "{language: none, runtime: [{nodePool: a}, {nodePool: b}], env: [T=1, T=2], matrix: {exclude: [{env: T=1}]}}"
    assert titles(text) == ["T=2, a", "T=2, b"]


def test_surprise_36_one_excluded_entry_and_138_included_ones_are_138_cells() -> None:
    included = "".join(f"  - env: TEST=integration TARGET=posix IMAGE=image{number} PYTHON3=1\n" for number in range(138))
    found = of(f"language: python\nenv:\n  matrix: [TEST=none]\nmatrix:\n  exclude: [{{env: TEST=none}}]\n  include:\n{included}")
    assert len(found) == 138
    assert found[-1].env[0].text == "TEST=integration TARGET=posix IMAGE=image137 PYTHON3=1"
    assert found[-1].index == 138


def test_a_matrix_of_more_cells_than_are_run_is_a_problem_with_its_count() -> None:
    axis = ", ".join(f"N={number}" for number in range(MOST_CELLS + 1))
    (problem,) = read_ci("shippable.yml", f"language: none\nenv: [{axis}]\n".encode()).problems
    assert problem.severity is Severity.ERROR
    assert "the matrix has 501 cells; at most 500 are run" in problem.sentence


@pytest.mark.parametrize("axes", [2, 3])
def test_a_product_that_would_not_fit_in_memory_is_counted_and_not_made(axes: int) -> None:
    values = ", ".join(str(number) for number in range(2000))
    text = f"language: ruby\nrvm: [{values}]\njdk: [{values}]\n" + (f"gemfile: [{values}]\n" if axes == 3 else "")
    (problem,) = read_ci("shippable.yml", text.encode()).problems
    assert f"the matrix has {2000**axes} cells" in problem.sentence


def test_a_matrix_that_excludes_everything_is_a_problem() -> None:
    (problem,) = read_ci("shippable.yml", b"language: none\nenv: [T=1]\nmatrix: {exclude: [{env: T=1}]}\n").problems
    assert "leaves no cell to run" in problem.sentence
