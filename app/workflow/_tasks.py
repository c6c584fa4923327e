"""Reading `TASK` steps (spec/workflow-language.md section 3.2)."""

from __future__ import annotations

from app.workflow._keys import Findings, Keys
from app.workflow._nodes import List, Map, Node, Scalar, described
from app.workflow._scripts import item_lines, lines
from app.workflow.definition import Image, Place, Task
from app.workflow.names import field_name

MANAGED = "managed"
"""`TASK: managed` of jobs whose work is Gateline's own."""


def read_task(node: Node | None, index: int, place: Place, findings: Findings) -> Task | None:
    """A task from its list form (`{script: line}` items or lines) or its map form; None, and an error, when it is neither.

    `index` counts the tasks of the job from 0 and names those without a name.
    """
    name = f"Task {index}"
    match node:
        case List():
            return _complete(Task(name, item_lines(node, findings), place=place), findings)
        case Map():
            return _complete(_from_map(Keys(node, "a TASK", findings), name, place), findings)
    wanted = "`TASK` must be a list of script lines, or a map with `script`"
    findings.error(node.place if node else place, f"{wanted}, not {described(node) if node else 'nothing'}")
    return None


def _complete(task: Task, findings: Findings) -> Task:
    if not any(line.strip() for line in task.script) and not findings.failed:
        findings.error(task.place, f"`{task.name}` has no script line; a task needs at least one")
    return task


def _from_map(keys: Keys, name: str, place: Place) -> Task:
    script, runtime = keys.take("script"), keys.map("runtime")
    name = keys.text("name") or name
    if isinstance(script, Map):
        keys.wrong("script", script, "text or a list of texts")
        script = None
    written = lines(script, keys.findings) if script is not None else ()
    keys.close()
    if runtime is None:
        return Task(name, written, place=place)
    inner = Keys(runtime, "`runtime` of a TASK", keys.findings)
    container, options = inner.truth("container"), inner.map("options")
    inner.close()
    if options is None:
        return Task(name, written, container, place=place)
    choices = Keys(options, "`runtime.options` of a TASK", keys.findings)
    image, env = _image(choices), _env(choices)
    choices.close()
    return Task(name, written, container, image, env, place)


def _image(keys: Keys) -> Image | None:
    """What the options say of a container; None when they have only `env`."""
    name, tag, options = keys.text("imageName"), keys.text("imageTag"), keys.text("options")
    pull = keys.truth("pull")
    if name is None and tag is None and options is None and pull is None:
        return None
    return Image(name or "", (tag or "latest") if name else "", pull is not False, options or "")


def _env(keys: Keys) -> tuple[tuple[str, str], ...]:
    """`env` as (name, value) pairs: a map, or a list of one-pair maps. Invalid characters of names are removed."""
    node = keys.take("env")
    if node is None:
        return ()
    maps = node.items if isinstance(node, List) else (node,)
    found: list[tuple[str, str]] = []
    for each in maps:
        if not isinstance(each, Map):
            keys.wrong("env", each, "a map, or a list of maps with one pair each")
            continue
        for entry in each.entries:
            name = _variable(entry.key)
            if not name or not isinstance(entry.value, Scalar):
                keys.findings.error(entry.place, f"`env` sets names to texts or numbers; `{entry.key}` is {described(entry.value)}")
                continue
            found.append((name, "" if entry.value.null else entry.value.text))
    return tuple(found)


def _variable(key: str) -> str:
    """The key without characters that no variable may have, its case kept."""
    kept = "".join(character for character in key if field_name(character))
    return kept.lstrip("0123456789")
