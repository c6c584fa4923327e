"""Every real workflow file is read without an exception, and every one that is valid YAML without a YAML error."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import pytest
import yaml
from jsonschema import Draft202012Validator

from app.registry import load
from app.workflow._nodes import json_of
from app.workflow.definition import Json, Severity
from app.workflow.json_schema import schema
from app.workflow.kinds import JobKind, Kinds, ResourceKind
from app.workflow.link import link
from app.workflow.parse import Parsed, is_workflow_file, parse
from app.workflow.reading import read

ROOT = Path(__file__).parents[2]
WORKFLOWS = Path(os.environ.get("GATELINE_SHARED", ROOT.parent / "shared")) / "data" / "workflows"
TEMPLATES = "shippable.templates.yml"
BROKEN = ("is not YAML", "means nothing", "stands twice", "has no meaning here", "does not fit", "never closed", "no key can be")


def repositories() -> dict[str, dict[str, bytes]]:
    """Repository -> path -> content, of all files that were collected."""
    found: dict[str, dict[str, bytes]] = {}
    for path in sorted(WORKFLOWS.rglob("*.yml")):
        repository, *rest = path.relative_to(WORKFLOWS).parts
        found.setdefault(repository, {})["/".join(rest)] = path.read_bytes()
    return found


@pytest.fixture(scope="module")
def corpus() -> dict[str, dict[str, bytes]]:
    if not WORKFLOWS.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the real workflow files are missing: {WORKFLOWS} (set GATELINE_SHARED)")
        pytest.skip(f"the real workflow files are not here: {WORKFLOWS} (set GATELINE_SHARED)")
    return repositories()


@pytest.fixture(scope="module")
def kinds() -> Kinds:
    resources = cast("Mapping[str, ResourceKind]", load("app.resources"))
    return Kinds(resources, cast("Mapping[str, JobKind]", load("app.jobs")))


@pytest.fixture(scope="module")
def results(corpus: dict[str, dict[str, bytes]], kinds: Kinds) -> dict[str, Parsed]:
    return {name: parse(f"github:{name.replace('__', '/')}@master", "c0ffee", files, kinds) for name, files in corpus.items()}


def test_all_collected_files_are_there(corpus: dict[str, dict[str, bytes]]) -> None:
    assert sum(len(files) for files in corpus.values()) == 140


def test_every_file_that_is_valid_yaml_is_read(corpus: dict[str, dict[str, bytes]], results: dict[str, Parsed]) -> None:
    for name, files in corpus.items():
        valid = {path for path in files if _valid(path, files)}
        errors = [each for each in results[name].problems if each.severity is Severity.ERROR and each.place.file in valid]
        assert [str(each) for each in errors if any(word in each.sentence for word in BROKEN)] == [], name
        assert (results[name].fragment is not None) >= (valid == set(files)), name


def test_every_problem_has_a_place_in_a_file_of_its_repository(corpus: dict[str, dict[str, bytes]], results: dict[str, Parsed]) -> None:
    for name, result in results.items():
        for problem in result.problems:
            assert problem.place.file in corpus[name]
            assert problem.place.line > 0
            assert problem.sentence


def test_every_definition_is_kept_or_named_as_left_out(corpus: dict[str, dict[str, bytes]], results: dict[str, Parsed]) -> None:
    for name, files in corpus.items():
        fragment = results[name].fragment
        if fragment is None:
            continue
        written = {each for path in files for each in _names(path, files)}
        kept = {job.name for job in fragment.jobs if not job.automatic} | {resource.name for resource in fragment.resources}
        assert kept | results[name].left_out == written, name


def test_every_fragment_can_be_linked(results: dict[str, Parsed]) -> None:
    fragments = {fragment.source: fragment for result in results.values() if (fragment := result.fragment)}
    linked = link(fragments)
    assert linked == link(fragments)
    assert len(linked.workflow.jobs) > 50


def test_only_the_names_of_the_language_are_workflow_files(corpus: dict[str, dict[str, bytes]]) -> None:
    others = {path for files in corpus.values() for path in files if not is_workflow_file(path)}
    assert others == {"shippables.jobs.yml", "shippable.jobs_old.yml", "shippable.jobs_old2.yml"}


def _text(path: str, files: dict[str, bytes]) -> bytes:
    """The file with the templates file in front, which is how the original read it."""
    return files[path] if path == TEMPLATES else files.get(TEMPLATES, b"") + b"\n" + files[path]


def _valid(path: str, files: dict[str, bytes]) -> bool:
    try:
        yaml.compose(_text(path, files), yaml.SafeLoader)
    except yaml.YAMLError:
        return False
    return True


def _names(path: str, files: dict[str, bytes]) -> Iterator[str]:
    loaded: Json = yaml.load(_text(path, files), yaml.BaseLoader)  # BaseLoader makes texts, lists and maps only
    for section in ("jobs", "resources", "triggers"):
        items = loaded.get(section) if isinstance(loaded, dict) else loaded  # a triggers file may be a bare list
        for item in items if isinstance(items, list) else []:
            if isinstance(item, dict) and item.get("name"):
                yield str(item["name"])


def test_every_file_without_a_problem_is_valid_by_the_json_schema(corpus: dict[str, dict[str, bytes]], kinds: Kinds) -> None:
    validator = Draft202012Validator(cast("dict[str, object]", schema(kinds)))
    checked = 0
    for name, files in corpus.items():
        templates = read(TEMPLATES, files.get(TEMPLATES, b"")).anchors
        alone = {path: parse("s", "", {TEMPLATES: files.get(TEMPLATES, b""), path: files[path]}, kinds) for path in files}
        for path in (path for path, result in alone.items() if result.problems == () and path != TEMPLATES):
            root = read(path, files[path], templates).root
            errors = [error.message for error in validator.iter_errors(json_of(root) if root else None)]
            assert errors == [], f"{name}/{path}"
            checked += 1
    assert checked > 50
