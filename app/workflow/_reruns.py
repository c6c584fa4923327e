"""Reading `lock`, `retry` and `definition` of a job: keys of Gateline's own (docs/write-a-line.md)."""

from __future__ import annotations

from app.workflow._gate import seconds
from app.workflow._keys import Keys, nearest
from app.workflow._nodes import List, Map, Node, Scalar, described
from app.workflow.definition import Gate, Lock, Retry, Trouble
from app.workflow.kinds import JobKind, Use

HOLDS = ("run", "gate")
DEFINITIONS = ("source", "lane")
MOST_TRIES = 10


def read_lock(keys: Keys) -> Lock | None:
    """`lock: NAME`, or a map with `name` and `hold`."""
    node = keys.take("lock")
    if not isinstance(node, Map):
        name = keys.text("lock")
        return Lock(name) if name else None
    inner = Keys(node, "`lock` of a job", keys.findings)
    name, hold = inner.text("name"), inner.choice("hold", HOLDS)
    inner.close()
    if not name:
        keys.findings.error(node.place, "`lock` of a job needs `name`: jobs that name the same lock run one at a time")
        return None
    return Lock(name, hold == "gate")


def read_retry(keys: Keys) -> Retry | None:
    """`retry: {times, on, wait}`."""
    node = keys.map("retry")
    if node is None:
        return None
    inner = Keys(node, "`retry` of a job", keys.findings)
    times, wait, ends = inner.whole("times", 1, MOST_TRIES), _wait(inner), _ends(inner)
    inner.close()
    if times is None:
        if inner.take("times") is None:
            keys.findings.error(node.place, f"`retry` of a job needs `times`: how often it is tried again, from 1 to {MOST_TRIES}")
        return None
    on = tuple(end for end in Trouble if end in ends)
    codes = tuple(end for end in ends if isinstance(end, int))
    return Retry(times, on if ends else (Trouble.FAILURE,), codes, wait)


def _wait(keys: Keys) -> float:
    node = keys.take("wait")
    if node is None or (isinstance(node, Scalar) and node.text == "0"):
        return 0.0
    found = seconds(node.text) if isinstance(node, Scalar) else None
    if found is None:
        keys.wrong("wait", node, "a duration such as 30s, 5m, 1h, or seconds")
    return found or 0.0


def _ends(keys: Keys) -> list[Trouble | int]:
    """The ends that are worth another try: words, and exit codes from 1 to 255."""
    node = keys.take("on")
    items = node.items if isinstance(node, List) else () if node is None else (node,)
    return [end for item in items if (end := _end(item, keys)) is not None]


def _end(node: Node, keys: Keys) -> Trouble | int | None:
    text = node.text if isinstance(node, Scalar) else ""
    if text in tuple(Trouble):
        return Trouble(text)
    if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 255:
        return int(text)
    sentence = f"`on` of `retry` takes {', '.join(Trouble)} and exit codes from 1 to 255, not {described(node)}"
    keys.findings.error(node.place, sentence, nearest(text, tuple(Trouble)))
    return None


def read_own_definition(keys: Keys, kind: JobKind, gate: Gate | None) -> bool:
    """`definition: lane`. What an approval names is the source branch's definition, so a gate and this do not go together."""
    own = keys.choice("definition", DEFINITIONS) == "lane"
    if own and kind.tasks is Use.NONE:
        keys.findings.error(keys.place("definition"), f"`definition: lane` says whose TASKs run, and a {kind.name} job has none")
    elif own and gate is not None:
        sentence = "`definition: lane` and `gate` do not go together: people approve what the source branch defines. Remove one of them"
        keys.findings.error(keys.place("definition"), sentence)
    return own
