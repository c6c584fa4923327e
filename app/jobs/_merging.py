"""How options, params and replicas are merged into manifests (spec/workflow-language.md section 3.5): in step order, later wins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.jobs._dependency import Dependency
from app.jobs._managed import names_in
from app.workflow.definition import Json, JsonMap
from app.workflow.deployment import SECURE, Manifest, Part, secure_texts

DEFAULT_OPTIONS: JsonMap = {"memory": 400, "cpuShares": 0}
DEFAULT_REPLICAS: JsonMap = {"count": 1}


def overlaid(manifest: Manifest, steps: Iterable[Dependency]) -> Manifest:
    """`manifest` with the dockerOptions, params and replicas among `steps` over what it has, as far as they apply to it: files have
    params only."""
    for step in steps:
        if manifest.kind != "image" and step.held.type != "params":
            continue
        names = names_in(step.step.attributes.get("applyTo"))
        whole = not names or manifest.name in names
        if step.held.type == "replicas" and whole:
            manifest = replace(manifest, replicas=dict(step.bag))
        elif step.held.type in ("dockerOptions", "params"):
            parts = tuple(_overlaid(part, step) if whole or part.name in names else part for part in manifest.parts)
            manifest = replace(manifest, parts=parts)
    return manifest


def with_defaults(manifest: Manifest) -> Manifest:
    """What an image has when nobody says so: 400 MiB, no CPU shares, one replica."""
    if manifest.kind != "image":
        return manifest
    parts = tuple(replace(part, options={**DEFAULT_OPTIONS, **part.options}) for part in manifest.parts)
    return replace(manifest, parts=parts, replicas=manifest.replicas or DEFAULT_REPLICAS)


def _overlaid(part: Part, step: Dependency) -> Part:
    if step.held.type == "dockerOptions":
        return replace(part, options={**part.options, **step.bag})
    params = step.bag.get("params")
    return replace(part, env=_united(part.env, params)) if isinstance(params, dict) else part


def _united(env: JsonMap, params: JsonMap) -> dict[str, Json]:
    """Encrypted texts of several params stand side by side: each holds keys of its own."""
    united = {**env, **params}
    texts = dict.fromkeys((*secure_texts(env), *secure_texts(params)))
    return {**united, SECURE: list(texts)} if texts else united
