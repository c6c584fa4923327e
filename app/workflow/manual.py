"""Values given to a manual run, held against the `inputs` that its job declares: one place for comments, CLI, API and page."""

from __future__ import annotations

import re
from difflib import get_close_matches

import re2

from app.workflow._keys import TRUTHS
from app.workflow.definition import Job, Parameter, Sort

Values = tuple[tuple[str, str], ...]

_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?")


def resolved(job: Job, given: Values) -> tuple[Values, str]:
    """The values that the run gets, defaults among them, and what is wrong with `given` ("" for nothing).

    A job without `inputs` takes any value.
    """
    if job.parameters is None:
        return given, ""
    known = {each.name: each for each in job.parameters}
    wrong = [_unknown(name, job.parameters) for name, _ in given if name not in known]
    wrong += [f"{name}: {fault}" for name, value in given if name in known and (fault := unfit(known[name], value))]
    values = {**{each.name: each.default for each in job.parameters if each.default is not None}, **dict(given)}
    wrong += [_missing(each) for each in job.parameters if each.required and each.name not in values]
    plain = [(name, _plain(each, values[name])) for name, each in known.items() if name in values and not wrong]
    return tuple(plain), "; ".join(wrong)


def chosen(job: Job, values: Values) -> Values:
    """Those of resolved `values` that somebody chose: the others are what the file says."""
    defaults = {each.name: _plain(each, each.default) for each in job.parameters or () if each.default is not None}
    return tuple((name, value) for name, value in values if defaults.get(name) != value)


def unfit(parameter: Parameter, value: str) -> str:
    """Why a value does not fit, "" when it does."""
    if parameter.sort is Sort.NUMBER and not _NUMBER.fullmatch(value):
        return f"it has to be a number, not `{_short(value)}`"
    if parameter.sort is Sort.BOOLEAN and value.lower() not in TRUTHS:
        return f"it has to be true or false, not `{_short(value)}`"
    if parameter.sort is Sort.CHOICE and value not in parameter.options:
        near = get_close_matches(value, parameter.options, 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        return f"it has to be one of {', '.join(parameter.options)}, not `{_short(value)}`{hint}"
    if parameter.pattern and not _compiled(parameter.pattern).fullmatch(value):
        return f"`{_short(value)}` does not match `{parameter.pattern}`"
    return ""


def pattern_fault(pattern: str) -> str:
    """Why a `pattern` cannot be matched, "" when it can."""
    try:
        _compiled(pattern)
    except re2.error as problem:
        said = problem.args[0]
        return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return ""


def _compiled(pattern: str) -> re2.Pattern:
    """Matched in time linear in the value, whatever the pattern: an account is locked meanwhile (docs/decisions/0003)."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def _unknown(name: str, parameters: tuple[Parameter, ...]) -> str:
    names = [each.name for each in parameters]
    near = get_close_matches(name, names, 1, 0.5)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return f"{_short(name)} is not an input of this job; it takes {', '.join(names) or 'none'}{hint}"


def _missing(parameter: Parameter) -> str:
    what = f" ({parameter.description})" if parameter.description else ""
    return f"{parameter.name} is missing{what}: add {parameter.name}=VALUE"


def _plain(parameter: Parameter, value: str) -> str:
    """Truth values reach the run in one spelling."""
    if parameter.sort is Sort.BOOLEAN:
        return "true" if TRUTHS[value.lower()] else "false"
    return value


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
