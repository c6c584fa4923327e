"""Reading `build` and `runtime` (spec/ci-integrations-deploy.md section 1.2)."""

from __future__ import annotations

from app.workflow._keys import Findings, Keys
from app.workflow._nodes import List, Map, described
from app.workflow._scripts import lines
from app.workflow.ci.configuration import NO_BUILD, Boot, Build, Pool
from app.workflow.ci.env import read_entries
from app.workflow.definition import Image

_PHASES = ("pre_ci", "ci", "post_ci", "on_success", "on_failure", "always", "push")


def read_build(node: Map | None, findings: Findings, base: Build = NO_BUILD) -> Build:
    """`node` over `base`: keys that are there replace those of `base`, others are inherited (a pool's own `build`)."""
    if node is None:
        return base
    keys = Keys(node, "`build`", findings)
    phases = {phase: _script(keys, phase, findings) for phase in _PHASES}
    boot = keys.map("pre_ci_boot")
    cache, folders = keys.truth("cache"), keys.texts("cache_dir_list")
    keys.allow(("advancedReporting",))
    keys.close()
    return Build(
        pre_ci=_or(phases["pre_ci"], base.pre_ci),
        boot=base.boot if boot is None else _boot(boot, findings),
        ci=base.ci if phases["ci"] is None else phases["ci"] or None,
        post_ci=_or(phases["post_ci"], base.post_ci),
        on_success=_or(phases["on_success"], base.on_success),
        on_failure=_or(phases["on_failure"], base.on_failure),
        always=_or(phases["always"], base.always),
        push=_or(phases["push"], base.push),
        cache=base.cache if cache is None else cache,
        cache_folders=_or(folders, base.cache_folders),
    )


def read_pools(keys: Keys, build: Build) -> tuple[Pool, ...]:
    """`runtime`: `{nodePool: X}`, or a list of such maps, each with a `build` of its own over the main one."""
    node = keys.take("runtime")
    items = node.items if isinstance(node, List) else (node,) if node is not None else ()
    found: dict[str, Pool] = {}
    for item in items:
        if not isinstance(item, Map):
            keys.findings.error(item.place, f"each item of `runtime` is a map with `nodePool`, not {described(item)}")
            continue
        own = Keys(item, "`runtime`", keys.findings)
        name = own.text("nodePool") or ""
        found.setdefault(name, Pool(name, read_build(own.map("build"), keys.findings, build)))
        own.close()
    return tuple(found.values())


def _or(own: tuple[str, ...] | None, base: tuple[str, ...]) -> tuple[str, ...]:
    return base if own is None else own


def _script(keys: Keys, phase: str, findings: Findings) -> tuple[str, ...] | None:
    """The lines of a phase, None when its key is not there or says nothing."""
    node = keys.take(phase)
    return None if node is None else tuple(line for line in lines(node, findings) if line.strip())


def _boot(node: Map, findings: Findings) -> Boot:
    keys = Keys(node, "`pre_ci_boot`", findings)
    image = Image(keys.text("image_name") or "", keys.text("image_tag") or "", keys.truth("pull", default=True) is True, _options(keys))
    boot = Boot(image, read_entries(keys.take("env"), findings))
    keys.close()
    return boot


def _options(keys: Keys) -> str:
    return " ".join(keys.texts("options") or ())
