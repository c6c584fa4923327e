"""Reading the steps of a job (spec/workflow-language.md section 3.1): each is one of IN, OUT and TASK, with attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.workflow._composer import OPERATIONS
from app.workflow._fields import read_fields
from app.workflow._keys import Findings, Keys, nearest
from app.workflow._nodes import Entry, List, Map, Node, Scalar, described, json_of, shortened
from app.workflow._tasks import MANAGED, read_task
from app.workflow.definition import HookKind, Input, Json, Mode, Output, Paths, Pin, Step, Task
from app.workflow.kinds import Field, JobKind, Use
from app.workflow.paths import ANY_FOLDERS

_HOOKS = frozenset(kind.value for kind in HookKind)
IN_WORDS = ("showBuildStatus", "vote", "scopes", "pull", "applyTo", "force", "deployName")
"""IN attributes of the language that some kind reads; other kinds keep them unread, as the original did."""


@dataclass(slots=True)
class Steps:
    """The steps read so far, and settings of the job that stood beside a `TASK` (data/workflow-facts.md, section 2)."""

    kind: JobKind
    findings: Findings
    found: list[Step] = field(default_factory=list)
    beside_task: dict[str, Json] = field(default_factory=dict)
    tasks: int = 0

    def read(self, node: Node | None) -> None:
        """Reads `steps`; None (absent or null) is an empty list."""
        if node is None:
            return
        if not isinstance(node, List):
            self.findings.error(node.place, f"`steps` must be a list (each item begins with `- `), not {described(node)}")
            return
        for number, item in enumerate(node.items, 1):
            self.findings.within = f"in job `{shortened(self.findings.subject)}`, step {number}{_operation(item)}"
            self._item(item)
        self.findings.within = ""
        self._twice()

    def _twice(self) -> None:
        first: dict[tuple[str, str], Step] = {}
        for step in self.found:
            operation = {Input: "IN", Output: "OUT"}.get(type(step))
            if operation and (other := first.setdefault((operation, step.name), step)) is not step:
                self.findings.error(step.place, f"{operation} `{step.name}` stands twice; first at {other.place}. Remove one of them")

    def _item(self, item: Node) -> None:
        if not isinstance(item, Map):
            hint = ": write a blank after the colon" if isinstance(item, Scalar) and ":" in item.text else ""
            self.findings.error(item.place, f"a step must be a map with IN, OUT or TASK, not {described(item)}{hint}")
            return
        operations = [entry for entry in item.entries if entry.key in OPERATIONS]
        if len(operations) == 1:
            self._operation(operations[0], item)
        elif operations:
            names = " and ".join(entry.key for entry in operations)
            self.findings.error(item.place, f"a step has one of IN, OUT and TASK; this one has {names}: make it {len(operations)} steps")
        else:
            self._no_operation(item)

    def _no_operation(self, item: Map) -> None:
        keys = [entry.key for entry in item.entries]
        if keys and _HOOKS.issuperset(keys):
            sentence = f"`{keys[0]}` has no effect as a step; it belongs to the job, beside `steps`"
            self.findings.warning(item.place, sentence)
            return
        renamed = {"GET": "IN", "PUT": "OUT"}
        guess = next((renamed.get(key) or nearest(key, OPERATIONS) for key in keys if key in renamed or nearest(key, OPERATIONS)), "")
        listed = ", ".join(f"`{shortened(key, 30)}`" for key in keys[:5]) or "nothing"
        self.findings.error(item.place, f"a step needs IN, OUT or TASK; this one has {listed}", guess)

    def _operation(self, entry: Entry, item: Map) -> None:
        keys = Keys(item, f"{'an' if entry.key != 'TASK' else 'a'} {entry.key} step", self.findings)
        keys.allow([entry.key])
        if entry.key == "TASK":
            self._task(keys)
            return
        value = entry.value
        if not isinstance(value, Scalar) or value.null or not value.text.strip():
            self.findings.error(value.place, f"`{entry.key}` must name a job or resource, not {described(value)}")
            return
        self.found.append(_input(value.text, keys, self.kind) if entry.key == "IN" else _output(value.text, keys, self.kind))
        keys.close()

    def _task(self, keys: Keys) -> None:
        self.beside_task |= read_fields(keys, self.kind.fields)
        keys.close()
        node = keys.take("TASK")
        if isinstance(node, Scalar) and self.kind.tasks is not Use.REQUIRED:
            if node.text != MANAGED:
                guess = nearest(node.text, (MANAGED,))
                self.findings.error(
                    node.place, f"`TASK` of a {self.kind.name} job is `{MANAGED}`, or left out, not {described(node)}", guess
                )
            return
        if self.kind.tasks is Use.NONE:
            self.findings.error(keys.place("TASK"), f"a {self.kind.name} job takes no TASK; Gateline itself does its work")
            return
        task = read_task(node, self.tasks, keys.place("TASK"), self.findings)
        self.tasks += 1
        if isinstance(task, Task):
            self.found.append(task)


def _operation(item: Node) -> str:
    """` (IN app)` of a step."""
    entry = next((entry for entry in item.entries if entry.key in OPERATIONS), None) if isinstance(item, Map) else None
    if entry is None:
        return ""
    return f" ({entry.key} {shortened(entry.value.text, 30)})" if isinstance(entry.value, Scalar) else f" ({entry.key})"


def _input(name: str, keys: Keys, kind: JobKind) -> Input:
    on_success, on_failure = keys.truth("triggerOnSuccess"), keys.truth("triggerOnFailure")
    mode = keys.choice("dependencyMode", tuple(Mode))
    return Input(
        name=name,
        switch=keys.truth("switch") is not False,
        pin=_pin(keys),
        mode=Mode(mode) if mode else None,
        on_success=on_success is not False,
        on_failure=on_failure is True,
        lanes=_lanes(keys),
        paths=_paths(keys),
        attributes=_attributes(keys, kind.input_fields, IN_WORDS),
        place=keys.place("IN"),
    )


def _output(name: str, keys: Keys, kind: JobKind) -> Output:
    on_pull_request, lanes = keys.truth("replicateOnPullRequest"), _lanes(keys)
    if on_pull_request and "pr/*" not in lanes and "all" not in lanes:
        lanes = (*lanes, "pr/*")
    return Output(
        name=name,
        replicate=keys.text("replicate"),
        replicate_on_pull_request=on_pull_request is not False,
        overwrite=keys.truth("overwrite") is True,
        on_failure=keys.truth("on_failure") is True,
        lanes=lanes,
        attributes=_attributes(keys, kind.output_fields, ()),
        place=keys.place("OUT"),
    )


def _pin(keys: Keys) -> Pin | None:
    name, number = keys.text("versionName"), keys.whole("versionNumber", 1)
    if name is not None and number is not None:
        sentence = "a step is pinned by `versionName` or by `versionNumber`, not by both: remove one"
        keys.findings.error(keys.place("versionNumber"), sentence)
        return None
    return Pin(number, name) if name is not None or number is not None else None


def _lanes(keys: Keys) -> tuple[str, ...]:
    """Globs of lanes, `all` as written; `[main]` is what every step does anyway, so `main` is left out."""
    return tuple(glob for glob in keys.texts("lanes") or () if glob != "main")


def _paths(keys: Keys) -> Paths | None:
    node = keys.map("paths")
    if node is None:
        return None
    parts = Keys(node, "`paths`", keys.findings)
    found = Paths(_globs(parts, "only"), _globs(parts, "except"))
    parts.close()
    return found


def _globs(parts: Keys, key: str) -> tuple[str, ...]:
    """Globs of paths from the repository's root: what could never match a file is an error, for it would silently skip the job."""
    globs = parts.texts(key) or ()
    for glob in globs:
        names = glob.removesuffix("/").split("/")
        if any(ANY_FOLDERS in name and name != ANY_FOLDERS for name in names):
            sentence = f"`**` in `{shortened(glob)}` must stand alone between slashes, such as `src/**/*.py`"
            parts.findings.error(parts.place(key), sentence)
        elif any(name in ("", ".", "..") for name in names):
            sentence = f"`{shortened(glob)}` matches no file: write paths from the repository's root, such as `src/` or `src/**/*.py`"
            parts.findings.error(parts.place(key), sentence)
    return globs


def _attributes(keys: Keys, fields: Mapping[str, Field], words: tuple[str, ...]) -> dict[str, Json]:
    found = read_fields(keys, fields)
    for word in words:
        if word not in fields and (node := keys.take(word)) is not None:
            found[word] = json_of(node)
    return found
