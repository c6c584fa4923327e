"""Where npm's packages of GitHub descriptions are: `GATELINE_NODE_MODULES`, or `tests/node/node_modules`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]


def npm_package(name: str) -> Path:
    """The folder of an installed package. Without it the test is skipped, naming it; under `CI=true` it fails instead."""
    found = find_npm_package(name)
    if found is None:
        sentence = f"the npm package {name} is missing: run `npm ci` in tests/node, or set GATELINE_NODE_MODULES"
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return found


def find_npm_package(name: str) -> Path | None:
    """The folder of an installed package, None when it is not installed."""
    folder = Path(os.environ.get("GATELINE_NODE_MODULES", PROJECT / "tests" / "node" / "node_modules")) / name
    return folder if folder.is_dir() else None
