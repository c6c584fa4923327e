"""How names become names of environment variables (spec/workflow-language.md section 2.4, section 10 #12)."""

from __future__ import annotations

import re

_INVALID = re.compile(r"[^A-Za-z0-9_]")
_INVALID_OR_LEADING_DIGITS = re.compile(r"^[^A-Za-z_]+|[^A-Za-z0-9_]")


def env_name(name: str) -> str:
    """A job's or resource's name: invalid characters and leading digits deleted, upper-case (`my-key-1` -> `MYKEY1`).

    "" when nothing is left (`1-2`).
    """
    return _INVALID_OR_LEADING_DIGITS.sub("", name).upper()


def field_name(name: str) -> str:
    """A field's or key's name: invalid characters deleted, upper-case (`versionName` -> `VERSIONNAME`)."""
    return _INVALID.sub("", name).upper()
