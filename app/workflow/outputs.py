"""What a finished run leaves behind, as the next version of an output or of the job itself (spec/workflow-language.md section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from app.workflow.definition import Json, Output, digest
from app.workflow.events import Left
from app.workflow.kinds import ResourceKind
from app.workflow.line import Version

LABEL = "versionName"
"""The key in an `.env` file that names the version instead of going into its bag."""

UNCOMPARED = frozenset({"trace", "sourceObjectId", "sourceObjectType"})
"""Keys of a bag that do not make it a different one (section 2.1)."""

Content: TypeAlias = tuple[str, dict[str, Json], str | None]
"""Label, bag and storage key of files: a version but for its number, lane and origin."""


def next_version(step: Output, kind: ResourceKind, current: Version | None, taken: Mapping[str, Version], left: Left) -> Content | None:
    """What `step` posts after a run, None when that equals what is `current`.

    In order (sections 3.1 and 5): the current version; `overwrite` empties its bag; `replicate` copies the version that the run has
    `taken` (by name) of that IN (not a pull request's with `replicateOnPullRequest: false`); an edited `version.json` replaces the bag;
    keys of the `.env` file go over it. Files are replaced when any were left, and kept otherwise: a run that leaves nothing changes
    nothing.
    """
    label, bag, files = _start(step, kind, current)
    replicated = taken.get(step.replicate or "")
    if replicated is not None and (step.replicate_on_pull_request or not _of_pull_request(replicated)):
        label, bag = replicated.label, kind.replicate(bag, replicated.bag)
        files = replicated.files if kind.files else files
    if left.bag is not None:
        bag = kind.rewritten(bag, left.bag, [version.bag for version in taken.values()])
    if kind.files and left.files is not None:
        label, files = digest(left.files)[:40], left.files
    label, keys = _named(left.keys, label)
    bag = kind.merge(bag, keys) if keys else bag
    after = (label, bag, files)
    return after if _differs(after, current) else None


def own_version(left: Left, previous: Version | None, failed: bool) -> Content:
    """The version of the job that a run ends with.

    A successful run keeps what it left and nothing from before: of `outputVersion.json` the bag, unless there are keys. A failed one
    restores the files and the bag of `previous`, with its new keys over them (section 10 #9).
    """
    label, keys = _named(left.keys, "")
    if not failed:
        return label, dict(keys) if keys else dict(left.bag or {}), left.files
    if previous is None:
        return label, dict(keys), None
    return label or previous.label, {**previous.bag, **keys}, previous.files


def _start(step: Output, kind: ResourceKind, current: Version | None) -> Content:
    label, bag, files = (current.label, dict(current.bag), current.files) if current else ("", {}, None)
    return (label, kind.emptied(bag), files) if step.overwrite else (label, bag, files)


def _of_pull_request(version: Version) -> bool:
    return version.lane.kind == "pr" or version.bag.get("pullRequest") is not None


def _named(pairs: tuple[tuple[str, str], ...], label: str) -> tuple[str, dict[str, str]]:
    """The label that the keys give, else `label`, and the other keys; of one given twice the last counts."""
    keys = dict(pairs)
    return keys.pop(LABEL, label), keys


def _differs(after: Content, current: Version | None) -> bool:
    before: Content = (current.label, dict(current.bag), current.files) if current else ("", {}, None)
    return _compared(after) != _compared(before)


def _compared(content: Content) -> Content:
    label, bag, files = content
    return label, {key: value for key, value in bag.items() if key not in UNCOMPARED}, files
