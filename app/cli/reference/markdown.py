"""Tables of GitHub-flavoured Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Lines of a table; cells are Markdown on one line."""
    names = tuple(head)
    yield _row(names)
    yield _row("---" for _ in names)
    for row in rows:
        yield _row(cell(each) for each in row)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def cell(text: str) -> str:
    """On one line, and with its bars escaped."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """As inline code; nothing for nothing."""
    return f"`{text}`" if text else ""


def first_sentences(docstring: str | None) -> str:
    """The first paragraph of a docstring."""
    return " ".join((docstring or "").strip().partition("\n\n")[0].split())
