"""Environment variables: which names only the platform may set (product.md section 8), values as texts, `$NAME` in texts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from app.workflow.definition import Json

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_INVALID = re.compile(r"[^A-Za-z0-9_]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset({"PATH", "BASH_ENV", "ENV", "IFS"})
_RESERVED_PREFIXES = ("LD_", "GIT_", "GATELINE_")


def is_reserved(name: str) -> bool:
    """Whether params, integrations, injected values and tasks may not set this variable."""
    return name in _RESERVED or name.startswith(_RESERVED_PREFIXES)


def is_name(name: str) -> bool:
    """Whether a shell can have a variable of this name."""
    return _NAME.fullmatch(name) is not None


def expand(text: str, variables: Mapping[str, str]) -> str:
    """`$NAME` and `${NAME}` replaced as envsubst does; unknown ones by nothing (spec/workflow-language.md section 2.1)."""
    return _VARIABLE.sub(lambda found: variables.get(found[1] or found[2], ""), text)


def text_of(value: Json) -> str:
    """A JSON value as a shell sees it: objects and lists as JSON, booleans in lower case, nothing for null (section 2.4)."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def stripped(name: str) -> str:
    """`name` without the characters that no variable may have; upper and lower case are kept."""
    return _INVALID.sub("", name)
