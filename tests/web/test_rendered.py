"""A run's summary is foreign Markdown: shown as what it says, never as markup of its own."""

from __future__ import annotations

import pytest

from app.web.rendered import rendered


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("# Two failed", "<h1>Two failed</h1>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("![x](http://e/x.png)", '<p>!<a rel="nofollow noopener noreferrer" href="http://e/x.png">x</a></p>\n'),
        ("[x](https://e)", '<p><a rel="nofollow noopener noreferrer" href="https://e">x</a></p>\n'),
    ],
)
def test_markdown_becomes_html_without_markup_of_its_own(text: str, html: str) -> None:
    assert rendered(text) == html


def test_tables_are_tables() -> None:
    assert "<td>1</td>" in rendered("| a |\n|---|\n| 1 |\n")
