"""Serves a double of GitHub: `python -m tests.fakes.github --port 8099 --folder /tmp/github [--token T=login]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.fakes.github.server import GithubDouble


def main() -> None:
    """Prints the address in one line when it serves, and serves until it is ended."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.github", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--folder", type=Path, required=True, help="where its git repositories are made")
    parser.add_argument("--token", action="append", default=[], metavar="TOKEN=LOGIN", help="a personal access token")
    arguments = parser.parse_args()
    double = GithubDouble(arguments.folder, arguments.port)
    for granted in arguments.token:
        token, _, login = granted.partition("=")
        double.happen.token(token, login)
    sys.stdout.write(f"{double.url}\n")
    sys.stdout.flush()
    double.serve()


if __name__ == "__main__":
    main()
