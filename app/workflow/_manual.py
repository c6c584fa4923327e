"""Reading `inputs` of a job: the values that a manual run takes (a key of Gateline's own, docs/write-a-line.md)."""

from __future__ import annotations

from app.workflow._keys import Keys
from app.workflow._nodes import Entry, Map, Scalar
from app.workflow.definition import Parameter, Sort
from app.workflow.manual import pattern_fault, unfit
from app.workflow.variables import is_name, is_reserved


def read_parameters(keys: Keys) -> tuple[Parameter, ...] | None:
    """What is declared, in the order of the file; None without the key."""
    node = keys.map("inputs")
    if node is None:
        return None
    return tuple(found for entry in node.entries if (found := _parameter(entry, keys)) is not None)


def _parameter(entry: Entry, keys: Keys) -> Parameter | None:
    findings = keys.findings
    if not is_name(entry.key) or is_reserved(entry.key):
        findings.error(entry.place, f"`{entry.key}` cannot be an input: it has to be a name of an environment variable that may be set")
        return None
    value = entry.value
    if isinstance(value, Scalar) and value.null:
        return Parameter(entry.key)
    if not isinstance(value, Map):
        findings.error(value.place, f"input `{entry.key}` must be a map of type, default, required, pattern, options and description")
        return None
    inner = Keys(value, f"input `{entry.key}`", findings)
    sort = inner.choice("type", tuple(Sort))
    found = Parameter(
        name=entry.key,
        sort=Sort(sort) if sort else Sort.STRING,
        default=inner.text("default"),
        required=inner.truth("required") is True,
        pattern=inner.text("pattern") or "",
        options=inner.texts("options") or (),
        description=inner.text("description") or "",
    )
    inner.close()
    _check(found, inner)
    return found


def _check(found: Parameter, keys: Keys) -> None:
    """What of one input does not fit together."""
    findings, name = keys.findings, found.name
    if (found.sort is Sort.CHOICE) != bool(found.options):
        what = "needs `options`: the list to choose from" if found.sort is Sort.CHOICE else "has `options`, so its `type` must be choice"
        findings.error(keys.node.place, f"input `{name}` {what}")
        return
    if fault := pattern_fault(found.pattern):
        findings.error(keys.place("pattern"), f"`pattern` of input `{name}` is no regular expression: {fault}")
        return
    if found.default is not None and (wrong := unfit(found, found.default)):
        findings.error(keys.place("default"), f"`default` of input `{name}` does not fit: {wrong}")
