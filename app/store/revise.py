"""Writes the migration that turns the newest revision into what the tables say: `python -m app.store.revise NUMBER "MESSAGE"`.

`--initial` writes the first one anew instead; only for as long as no release has it.
"""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from sqlalchemy import create_engine

from app.store.schema import configuration

VERSIONS = Path(str(resources.files("app.store"))) / "migrations" / "versions"


def revise(number: str, message: str) -> None:
    """Compares a fresh database at the newest revision with the tables, and writes the difference."""
    with TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/empty.db")
        with engine.begin() as connection:
            config = configuration(connection)
            command.upgrade(config, "head")
            command.revision(config, message, autogenerate=True, rev_id=number)
        engine.dispose()


def main(arguments: list[str]) -> int:
    if arguments == ["--initial"]:
        for old in VERSIONS.glob("0001_*.py"):
            old.unlink()
        revise("0001", "Initial schema")
    elif len(arguments) == 2:
        revise(*arguments)
    else:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
