"""What a command prints: for people as lines and tables, for programs the same content as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from app.workflow.definition import Json

WIDE = 200
"""Columns where no terminal says how many there are: lines stay whole for `grep`."""


@dataclass(frozen=True, slots=True)
class Printout:
    """`parts` are shown one below the other, strings just as they are; `json` is the same for programs. Not `fine`: exit code 1."""

    json: Json
    parts: tuple[RenderableType, ...] = ()
    fine: bool = True


def show(printout: Printout, as_json: bool) -> None:
    """Writes it to standard output."""
    if as_json:
        print(dumped(printout.json, indent=2))
        return
    console = console_of_output()
    for part in printout.parts:
        if isinstance(part, str | Text):
            console.print(Text(part) if isinstance(part, str) else part, soft_wrap=True)
        else:
            print("\n".join(line.rstrip() for line in _drawn(console, part)))


def _drawn(console: Console, part: RenderableType) -> list[str]:
    """Lines of a table, which rich pads to its full width."""
    with console.capture() as capture:
        console.print(part)
    return capture.get().splitlines()


def dumped(value: Json, indent: int | None = None) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=False)


def console_of_output() -> Console:
    """Colours and the terminal's width where there is one, plain and wide elsewhere."""
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)


def table(headings: Sequence[str], rows: Iterable[Sequence[RenderableType]], title: str = "") -> Table:
    """Columns without lines; strings are text, never markup."""
    made = Table(*headings, box=None, pad_edge=False, padding=(0, 2, 0, 0), title=title or None, title_justify="left", title_style="bold")
    for row in rows:
        made.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return made
