"""`python -m app.cli.reference [FOLDER]`: writes the generated blocks of the pages under FOLDER (default: docs)."""

from __future__ import annotations

import sys
from pathlib import Path

from app.cli.reference.blocks import filled, pages


def main(folder: Path) -> None:
    """Names each page that changed."""
    for page in pages(folder):
        before = page.read_text(encoding="utf-8")
        after = filled(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
            print(page)


if __name__ == "__main__":
    main(Path(*sys.argv[1:2] or ["docs"]))
