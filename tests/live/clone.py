"""A copy of the project as a newcomer has it after `git clone`, with the packages that are installed already."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.live.stage import PROJECT


def clone(folder: Path) -> Path:
    """Copies all that git knows or would take, and links the virtual environment: the only thing that is not installed anew."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        source, target = PROJECT / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    folder.joinpath(".venv").symlink_to(Path(sys.prefix))
    folder.joinpath(".make").mkdir()
    for stamp in ("run", "dev"):
        folder.joinpath(".make", stamp).touch()
    return folder


def newcomers_environment(home: Path, **settings: str) -> dict[str, str]:
    """Nothing but what a shell has, and `settings`."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TERM") if name in os.environ}
    return {**kept, "HOME": str(home), "TMPDIR": str(home), **settings}
