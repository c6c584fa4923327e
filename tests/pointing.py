"""Tables that say which test covers a numbered rule: the tests they point to exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent


@cache
def functions_of(file: str) -> frozenset[str]:
    """The names of the test functions in a file, given relative to the repository."""
    tree = ast.parse((TESTS.parent / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def exists(node_id: str) -> bool:
    file, _, name = node_id.partition("::")
    return (TESTS.parent / file).is_file() and name in functions_of(file)


def numbered(word: str, names: Iterable[str]) -> set[int]:
    """The numbers of tests called `test_<word>_<number>_…`; `_and_<number>` names another."""
    found: set[int] = set()
    for name in names:
        if match := re.match(rf"test_{word}_((?:\d+)(?:_and_\d+)*)_", name):
            found |= {int(number) for number in match[1].split("_and_")}
    return found
