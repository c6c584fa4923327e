"""What a failing snippet is made of (spec/workflow-language.md section 8.2)."""

from __future__ import annotations

from app.errands._extracts import extracts
from app.notifiers import Extract
from app.store import Chunk


def log(*sections: tuple[str, str]) -> list[Chunk]:
    stamped = [(name, "".join(f"2027-01-15T08:00:00.000Z {line}\n" for line in text.split("\n"))) for name, text in sections]
    return [Chunk(number, 0.0, name, text) for number, (name, text) in enumerate(stamped, 1)]


def test_the_last_command_of_the_last_task_with_its_last_100_lines_counts() -> None:
    output = "\n".join(f"line {number}" for number in range(150))
    found = extracts(log(("Setup", "clone"), ("one", "$ make\nfine"), ("two", f"$ true\n$ make test\n{output}"), ("on_failure", "$ rm x")))
    assert found == (Extract("make test", "\n".join(f"line {number}" for number in range(50, 150))),)


def test_a_failure_before_any_task_shows_the_set_up() -> None:
    assert extracts(log(("Setup", "no such commit"))) == (Extract("Setup", "no such commit"),)


def test_each_failed_cell_of_a_ci_run_has_its_own() -> None:
    found = extracts(log(("Cells", "2 failed"), ("Cell 1: the end", "$ a\nx"), ("Cell 3: the end", "$ b\ny"), ("Ends", "failed")))
    assert found == (Extract("a", "x"), Extract("b", "y"))
