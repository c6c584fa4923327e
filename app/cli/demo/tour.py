"""The `gateline demo` command: sets the stage, tells the story, and says how long it took."""

from __future__ import annotations

import os
import signal
import sys
import time
from types import FrameType

from rich.console import Console

from app.cli.demo.stage import Stage
from app.cli.demo.story import Story, Untrue
from app.errors import GatelineError


def run() -> int:
    """Exit code: 0 when everything came true, 1 when something did not, 130 after Ctrl-C. `KEEP=1` goes on serving at the end."""
    console = Console(width=None if sys.stdout.isatty() else 110)
    keep = os.environ.get("KEEP", "") not in ("", "0")  # the demo's own switch, not a setting of the service
    signal.signal(signal.SIGTERM, _interrupt)
    began = time.monotonic()
    try:
        with Stage(os.environ, keep) as stage:
            Story(stage, console).tell()
            console.print(f"\n[bold green]All of it came true[/] in {time.monotonic() - began:.0f} s.")
            if keep:
                _serve(stage, console)
    except KeyboardInterrupt:
        return 130
    except (GatelineError, Untrue) as problem:
        console.print(f"\n[bold red]Not as it should be:[/] {problem}")
        return 1
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _serve(stage: Stage, console: Console) -> None:
    console.print(f"Still serving on {stage.settings.url}; data in {stage.folder}. Ctrl-C ends it.")
    signal.pause()
