"""Cutting texts to what GitHub takes (spec/forges.md A3, A10, trap 11)."""

from __future__ import annotations

import re

DESCRIPTION = 140
BODY = 65_536
CUT_NOTE = "\n\n*Cut here: GitHub takes no longer comments.*\n"
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


def cut(text: str, most: int) -> str:
    """At most `most` characters; an ellipsis says that some are missing."""
    return text if len(text) <= most else text[: most - 1] + "…"


def cut_body(text: str, most: int = BODY) -> str:
    """A comment's body of at most `most` characters, cut at a line's end, with its open fences and details closed again."""
    if len(text) <= most:
        return text
    kept = text[: most - len(CUT_NOTE) - 200]
    kept = kept[: kept.rfind("\n") + 1] or kept
    return kept.rstrip("\n") + _closing(kept) + CUT_NOTE


def _closing(kept: str) -> str:
    """What closes the fence that is open at the end, then the `<details>` that are."""
    fence, details = "", 0
    for line in kept.splitlines():
        fence = _fence_after(fence, line)
        if not fence:
            details = max(details + line.count("<details") - line.count("</details>"), 0)
    return (f"\n{fence}" if fence else "") + "\n</details>" * min(details, 10)


def _fence_after(fence: str, line: str) -> str:
    """The fence that is open after a line: closed by the same character, as often at least, and nothing behind it."""
    found = FENCE.fullmatch(line)
    if found is None:
        return fence
    marks, rest = found[1], found[2].strip()
    if not fence:
        return marks
    return "" if marks.startswith(fence) and not rest else fence
