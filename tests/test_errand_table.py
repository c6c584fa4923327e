"""The table of errands is the one place that says which there are and what they read: it must name them all, and no other."""

from __future__ import annotations

import re

from app.registry import load
from app.workflow.errands import Errand


def test_the_table_of_errands_names_every_plugin_and_nothing_else() -> None:
    rows = re.findall(r"^    (\w+) +\| ", Errand.__doc__ or "", re.MULTILINE)
    assert sorted(set(rows) - {"kind"}) == sorted(load("app.errands"))
