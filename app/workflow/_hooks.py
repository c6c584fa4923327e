"""Reading the hook sections of a job: `on_start`, `on_success`, `on_failure`, `on_cancel`, `always`."""

from __future__ import annotations

from app.workflow._keys import Findings, Keys
from app.workflow._nodes import List, Map, Node, described
from app.workflow._scripts import item_lines, lines, read_notices
from app.workflow.definition import Hook, HookKind, Notice, Place

_NOTICES_ONLY = (HookKind.ON_START, HookKind.ON_CANCEL)


def read_hooks(keys: Keys, type_name: str, scripts: bool) -> dict[HookKind, Hook]:
    """The hooks of a job. `scripts`: whether jobs of its type may have any; where none run they are ignored with a warning."""
    found: dict[HookKind, Hook] = {}
    for kind in HookKind:
        node = keys.take(kind.value)
        if node is None:
            continue
        hook = _section(node, kind, keys.findings)
        if hook.script and (kind in _NOTICES_ONLY or not scripts):
            whose = "any job" if kind in _NOTICES_ONLY else f"a {type_name} job"
            _ignored(kind, whose, keys.place(kind.value), keys.findings)
            hook = Hook((), hook.notify)
        found[kind] = hook
    return found


def _ignored(kind: HookKind, whose: str, place: Place, findings: Findings) -> None:
    findings.warning(place, f"scripts in `{kind.value}` of {whose} never run; only NOTIFY counts there (section 10 #14)")


def _section(node: Node, kind: HookKind, findings: Findings) -> Hook:
    notices: list[Notice] = []
    if isinstance(node, List):
        script = item_lines(node, findings, notices)
        return Hook(script, tuple(notices))
    if not isinstance(node, Map):
        sentence = f"`{kind.value}` must be a list of `script:` and `NOTIFY:` items, or a map with these keys, not {described(node)}"
        findings.error(node.place, sentence)
        return Hook()
    keys = Keys(node, f"`{kind.value}`", findings)
    script_node, notify = keys.take("script"), keys.take("NOTIFY")
    if notify is not None:
        notices += read_notices(notify, findings)
    keys.close()
    return Hook(lines(script_node, findings) if script_node is not None else (), tuple(notices))
