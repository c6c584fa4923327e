"""Pages with generated blocks: `<!-- generated: NAME -->`, what is generated, `<!-- end -->`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from app.cli.reference import language, machine, outside
from app.errors import NotFound

BLOCKS = {
    "accounts": machine.accounts,
    "candidates": outside.candidates,
    "cli": machine.commands,
    "comments": outside.comments,
    "integrations": language.integrations,
    "jobs": language.jobs,
    "languages": language.languages,
    "posts": outside.posts,
    "resources": language.resources,
    "routes": outside.routes,
    "runs": outside.runs,
    "settings": machine.settings,
}
"""Name of a block -> the lines of Markdown that belong there."""

_BLOCK = re.compile(r"(<!-- generated: (?P<name>[a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages(folder: Path) -> tuple[Path, ...]:
    """Every page under `folder`."""
    return tuple(sorted(folder.rglob("*.md")))


def filled(text: str) -> str:
    """The page with all its blocks as they are now. Raises NotFound for a block that nobody generates."""

    def block(found: re.Match[str]) -> str:
        if found["name"] not in BLOCKS:
            raise NotFound(f"Nothing generates the block {found['name']}: there are {', '.join(BLOCKS)}.")
        return "".join((found[1], "\n".join(("", *BLOCKS[found["name"]](), "", "")), found[3]))

    return _BLOCK.sub(block, text)


def named(texts: Iterable[str]) -> Sequence[str]:
    """The names of all blocks in pages."""
    return [found["name"] for text in texts for found in _BLOCK.finditer(text)]
