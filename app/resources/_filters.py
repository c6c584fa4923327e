"""Which branches, tags and commits of a repository make versions (spec/workflow-language.md sections 2.3 and 4.7)."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from app.resources._base import strings, text
from app.workflow.definition import Json, JsonMap
from app.workflow.line import MAIN, Lane

QUEUE_PREFIX = "gh-readonly-queue/"
"""Branches that a merge queue makes: their groups make versions, pushes to them none (spec/forges.md, `merge_group`)."""

_MARKS = ("[skip ci]", "[ci skip]")
_COMMIT_MARKS = (*_MARKS, "[no ci]")
_TRAILER = re.compile(r"^skip-checks:\s*true\s*$", re.IGNORECASE | re.MULTILINE)


def branch_passes(content: JsonMap, branch: str) -> bool:
    """`branch` alone, or `branches.only` then `branches.except`; globs, with case. Neither: all branches."""
    single = text(content, "branch")
    return fnmatchcase(branch, single) if single else _passes(content.get("branches"), branch)


def tag_passes(content: JsonMap, tag: str) -> bool:
    return _passes(content.get("tags"), tag)


def branch_lane(content: JsonMap, branch: str, default_branch: str, repository: str) -> Lane:
    """Main for the resource's branch (with none: the default branch) and for those that `branches` names literally."""
    only = _list(content.get("branches"), "only")
    own = text(content, "branch") or default_branch
    return MAIN if branch == own or branch in only else Lane(f"branch/{branch}@{repository}")


def skip_mark(message: str) -> str:
    """The mark in a commit message that asks for no runs, "" for none (spec/forges.md trap 26)."""
    found = next((mark for mark in _COMMIT_MARKS if mark in message.lower()), "")
    return found or ("skip-checks: true" if _TRAILER.search(message) else "")


def title_mark(title: str) -> str:
    """Likewise of a pull request, whose title must have it (section 4.7.4)."""
    return next((mark for mark in _MARKS if mark in title.lower()), "")


def _passes(rule: Json, name: str) -> bool:
    only, excepted = _list(rule, "only"), _list(rule, "except")
    return (not only or _any(only, name)) and not _any(excepted, name)


def _any(globs: tuple[str, ...], name: str) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


def _list(rule: Json, key: str) -> tuple[str, ...]:
    return strings(rule.get(key)) if isinstance(rule, dict) else ()
