"""Anchors from texts elsewhere (spec/workflow-language.md section 1.1): public, https, pinned, and asked for once a commit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.adopt import adopt
from app.errors import Temporary
from app.workflow.reading import MOST_BYTES
from tests.fakes.texts import HOST, LOOPBACK, Texts, serving
from tests.scenarios.town import Town

KEY = "github:acme/app@main"
FILES = {
    "gateline.yml": """
    resources:
      - {name: app, type: gitRepo, versionTemplate: {sourceName: acme/app, branch: main}}
    jobs:
      - name: build
        type: runSh
        steps:
          - IN: app
          - TASK: {script: [*shared, make]}
    """
}


@pytest.fixture
def texts(town: Town, tmp_path: Path) -> Iterator[Texts]:
    folder = tmp_path / "server"
    folder.mkdir()
    with serving(folder) as made:
        town.context = replace(town.context, outward=made.outward())
        yield made


def importing(url: str) -> dict[str, str]:
    return {**FILES, "shippable.templates.yml": f"externalReferences:\n  - {url}\n"}


def script(town: Town) -> tuple[str, ...]:
    (job,) = town.store.ask("github:acme", lambda line: line.fragments().of)[KEY].jobs
    return job.tasks[0].script


def problems(town: Town) -> str:
    source = town.store.source(KEY)
    assert source is not None
    return " ".join(map(str, source.problems))


def test_what_a_reference_says_becomes_a_part_of_the_line(town: Town, texts: Texts) -> None:
    town.source(importing(texts.says("/a.yml", "x: &shared [echo shared]")))
    assert script(town) == ("echo shared", "make")
    assert problems(town) == ""


def test_a_commit_is_pinned_to_what_was_said_and_nothing_is_asked_again(town: Town, texts: Texts) -> None:
    town.source(importing(texts.says("/a.yml", "x: &shared [echo old]")))
    texts.says("/a.yml", "x: &shared [echo new]")
    asked = list(texts.asked)
    source = town.store.source(KEY)
    assert source is not None
    town.store.update_source(KEY, problems=())
    adopt(town.context, source)
    town.push({"main.c": "int main;"})
    town.work()
    assert texts.asked == asked == ["/a.yml"]
    assert script(town) == ("echo old", "make")


def test_changed_workflow_files_are_read_with_what_is_said_then(town: Town, texts: Texts) -> None:
    url = texts.says("/a.yml", "x: &shared [echo old]")
    town.source(importing(url))
    texts.says("/a.yml", "x: &shared [echo new]")
    town.push({**importing(url), ".gateline/more.yml": "resources: [{name: more, type: state}]"})
    town.work()
    assert script(town) == ("echo new", "make")


def test_a_commit_whose_files_are_wrong_is_pinned_too(town: Town, texts: Texts) -> None:
    town.source(importing(texts.says("/a.yml", "x: &shared [echo old]")) | {"shippable.yml": "jobs: [\n"})
    source = town.store.source(KEY)
    assert source is not None
    adopt(town.context, source)
    assert texts.asked == ["/a.yml"]


@pytest.mark.parametrize(
    ("status", "text", "sentence"),
    [
        (404, "", "the answer was 404; only public texts can be imported"),
        (403, "", "the answer was 403"),
        (302, "", "redirects are not followed"),
        (200, b"\xff", "it is not UTF-8"),
        (200, b"#" * (MOST_BYTES + 1), f"longer than {MOST_BYTES} bytes"),
    ],
)
def test_a_reference_that_cannot_be_read_changes_nothing_and_says_where(
    town: Town, texts: Texts, status: int, text: bytes, sentence: str
) -> None:
    town.source(importing(texts.says("/a.yml", "x: &shared [echo old]")))
    url = texts.says("/b.yml", text, status, Location="https://texts.example/c.yml")
    town.push(importing(url))
    town.work()
    assert f"shippable.templates.yml:2:5: error: the external reference {url} cannot be read: " in problems(town)
    assert sentence in problems(town)
    assert script(town) == ("echo old", "make")


def test_a_reference_to_a_private_address_is_refused_unless_an_administrator_allows_it(town: Town, texts: Texts) -> None:
    town.context = replace(town.context, outward=texts.outward(allowed=()))
    town.source(importing(texts.says("/a.yml", "x: &shared [echo shared]")))
    assert f"{HOST} ({LOOPBACK}) is not public" in problems(town)
    assert texts.asked == []


def test_a_server_that_is_busy_is_asked_again_later(town: Town, texts: Texts) -> None:
    url = texts.says("/a.yml", "", 503)
    town.source(FILES)
    town.push(importing(url))
    source = town.store.source(KEY)
    assert source is not None
    with pytest.raises(Temporary, match="answered 503"):
        adopt(town.context, source)
    texts.says("/a.yml", "x: &shared [echo shared]")
    adopt(town.context, source)
    assert script(town) == ("echo shared", "make")


def test_a_pull_request_is_read_with_what_is_pinned_and_asks_nobody(town: Town, texts: Texts) -> None:
    town.source(importing(texts.says("/a.yml", "x: &shared [echo shared]")))
    asked = len(texts.asked)
    evil = texts.says("/evil.yml", "x: &shared [echo evil]")
    more = ".gateline/more.yml", "jobs: [{name: more, type: runSh, steps: [{TASK: {script: *shared}}]}]"
    town.push(dict([more]), branch="feature")
    town.open("feature")
    town.push(importing(evil), branch="other")
    town.open("other")
    town.work()
    assert len(texts.asked) == asked


def test_a_removed_source_leaves_no_pinned_text(town: Town, texts: Texts) -> None:
    sha = town.source(importing(texts.says("/a.yml", "x: &shared [echo shared]")))
    assert town.store.imports(KEY, sha) == {texts.says("/a.yml", ""): "x: &shared [echo shared]"}
    town.store.remove_source(KEY)
    assert town.store.imports(KEY, sha) == {}
