"""The examples in the documents: what is shown is read by the real reader, and what is named exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.wire import kinds
from app.workflow.ci.read import read_ci
from app.workflow.definition import Fragment, Problem
from app.workflow.link import link
from app.workflow.parse import parse

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```yaml\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
REPOSITORY = re.compile(r"# repository: (?P<name>\S+)\n")


@dataclass(frozen=True)
class Example:
    """A block of YAML, with the repository that it says it belongs to ("" for one of its own)."""

    page: Path
    line: int
    text: str
    repository: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def source(self) -> str:
        return f"github:{self.repository or 'acme/app'}@main"

    @property
    def ci(self) -> bool:
        """Whether it shows a `shippable.yml`'s CI keys."""
        return self.text.startswith("language:")

    def read(self) -> tuple[Fragment | None, tuple[Problem, ...]]:
        parsed = parse(self.source, "", {"gateline.yml": self.text.encode()}, kinds())
        return parsed.fragment, parsed.problems


def examples() -> Iterator[Example]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in BLOCK.finditer(text):
            head = REPOSITORY.match(found["text"])
            yield Example(page, text.count("\n", 0, found.start()) + 1, found["text"], head["name"] if head else "")


EXAMPLES = list(examples())


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 10


@pytest.mark.parametrize("example", [each for each in EXAMPLES if not each.repository and not each.ci], ids=str)
def test_an_example_is_a_whole_file_without_problems(example: Example) -> None:
    fragment, problems = example.read()
    assert [str(problem) for problem in problems] == []
    assert fragment is not None
    assert fragment.jobs
    assert [str(problem) for problem in link({example.source: fragment}, kinds=kinds()).problems] == []


@pytest.mark.parametrize("example", [each for each in EXAMPLES if each.ci], ids=str)
def test_an_example_of_ci_keys_is_read_without_problems(example: Example) -> None:
    found = read_ci("shippable.yml", example.text.encode())
    assert found.problems == ()
    assert found.configuration is not None


def test_examples_of_two_repositories_form_one_line_and_need_the_consent_shown() -> None:
    several = [each for each in EXAMPLES if each.repository]
    assert {each.repository for each in several} == {"acme/infra", "acme/app"}

    def problems(withheld: str) -> list[str]:
        read = [Example(each.page, each.line, each.text.replace(withheld, ""), each.repository).read() for each in several]
        assert [str(problem) for _, found in read for problem in found] == []
        fragments = {fragment.source: fragment for fragment, _ in read if fragment}
        return [str(problem) for problem in link(fragments, kinds=kinds()).problems]

    assert problems("nothing that stands there") == []
    assert len(problems("accepts: [acme/app]")) == 1
