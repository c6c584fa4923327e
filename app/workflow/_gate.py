"""Reading `gate:` of a job (product.md section 4). A gate that cannot be understood is an error, never no gate."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache

from app.workflow._keys import TRUTHS, Findings, Keys
from app.workflow._nodes import List, Map, Node, Scalar, described, shortened
from app.workflow.definition import Gate

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_DURATION = re.compile(r"(?:\d{1,9}(?:\.\d{1,3})?[smhdw])+|\d{1,9}")
_PART = re.compile(r"([\d.]+)([smhdw]?)")
_APPROVER = re.compile(r"@?[A-Za-z0-9_.-]+(/[A-Za-z0-9_./-]+)?")
_INNER = ("approvers", "required", "allow_author", "timeout", "on_timeout", "reviews")
_ALIKE = re.compile(r"gates?$|gated$|gating|approv|allow_author|on_timeout", re.IGNORECASE)
_LIKENESS = 0.75


def seconds(text: str) -> float | None:
    """A duration such as `24h`, `90m`, `2d`, `1h30m` or `3600` (seconds), None when it is none or not above zero."""
    if not _DURATION.fullmatch(text):
        return None
    total = sum(float(number) * _UNITS[unit or "s"] for number, unit in _PART.findall(text))
    return total or None


def read_gate(keys: Keys) -> Gate | None:
    """The gate of the job whose `keys` are being read; None without one, or when it is wrong, which is then an error."""
    entry = keys.node.entry("gate")
    keys.allow(["gate"])
    if entry is None:
        return None
    value = entry.value
    if isinstance(value, Map):
        return _from_map(Keys(value, "a gate", keys.findings))
    if isinstance(value, Scalar) and value.text.lower() in TRUTHS:
        return Gate() if TRUTHS[value.text.lower()] else None
    keys.findings.error(value.place, f"`gate` must be true or a map of {', '.join(_INNER)}, not {described(value)}")
    return None


def _from_map(keys: Keys) -> Gate:
    approvers = _approvers(keys)
    gate = Gate(
        approvers=approvers or (),
        restricted=keys.node.entry("approvers") is not None,
        required=keys.whole("required", 1, 100) or 1,
        allow_author=keys.truth("allow_author"),
        timeout=_timeout(keys),
        on_timeout_reject=keys.choice("on_timeout", ("expire", "reject")) == "reject",
        reviews=keys.truth("reviews", False) or False,
    )
    for key, place, guess in keys.unread():
        keys.findings.error(place, f"`{shortened(key)}` is not a key of a gate; they are {', '.join(_INNER)}", guess)
    for entry in keys.node.entries:
        if isinstance(entry.value, Scalar) and entry.value.null:
            keys.findings.error(entry.place, f"`{shortened(entry.key)}` of a gate has no value")
    _warn(gate, keys)
    return gate


def _approvers(keys: Keys) -> tuple[str, ...] | None:
    approvers = keys.texts("approvers")
    for name in approvers or ():
        if not _APPROVER.fullmatch(name):
            sentence = f'`{shortened(name)}` is neither a user (`alice`) nor a team (`"@acme/ops"`)'
            keys.findings.error(keys.place("approvers"), sentence)
    return approvers


def _timeout(keys: Keys) -> float | None:
    value: Node | None = keys.take("timeout")
    if value is None:
        return None
    found = seconds(value.text) if isinstance(value, Scalar) else None
    if found is None:
        keys.wrong("timeout", value, "a duration above zero such as 90m, 24h, 2d, or seconds")
    return found


def _warn(gate: Gate, keys: Keys) -> None:
    if gate.on_timeout_reject and gate.timeout is None:
        keys.findings.warning(keys.place("on_timeout"), "`on_timeout` says nothing without `timeout`")
    if gate.restricted and not gate.approvers:
        keys.findings.warning(keys.place("approvers"), "`approvers` is empty: nobody may open this gate")
        return
    people = {name.removeprefix("@").lower() for name in gate.approvers if "/" not in name}
    teams = any("/" in name for name in gate.approvers)
    if gate.restricted and not teams and len(people) < gate.required:
        sentence = f"`required` is {gate.required} and only {len(people)} approvers are named: this gate can never open"
        keys.findings.warning(keys.place("required"), sentence)


def refuse_stray_gates(node: Node, findings: Findings, level: int = 0) -> None:
    """Reports keys of a job, at any depth, that look meant as a gate and are none: a job must never lose its gate silently.

    Level 0 is the job itself, whose own `gate` is fine.
    """
    for entry in node.entries if isinstance(node, Map) else ():
        if _like_a_gate(entry.key) and not (level == 0 and entry.key == "gate"):
            where = "belongs to the job itself" if entry.key == "gate" else "is not a key here"
            sentence = f"`{shortened(entry.key)}` {where}; a gate is written `gate: true`, or `gate:` with {', '.join(_INNER)} below it"
            findings.error(entry.place, sentence, "gate" if entry.key != "gate" else "")
        elif entry.key in ("steps", "runtime", "TASK"):
            refuse_stray_gates(entry.value, findings, level + 1)
    for item in node.items if isinstance(node, List) else ():
        refuse_stray_gates(item, findings, level + 1)


@lru_cache(maxsize=1024)
def _like_a_gate(key: str) -> bool:
    """Kept for the few hundred words that keys are made of: a line of thousands of jobs has each of them thousands of times."""
    return bool(_ALIKE.match(key)) or SequenceMatcher(None, "gate", key.lower()).ratio() >= _LIKENESS
