"""Whether a run may have secrets, OUTs and jobs behind it: not with a fork's commit, whatever set it off (product.md section 8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.workflow._course import Course
from app.workflow.line import Run, Taken, Version


def untrusted(course: Course, run: Run) -> bool:
    """Whether a fork's commit caused the run or is among what it took."""
    return any(cause.fork for cause in run.causes) or any(_of_forks(course, run.inputs))


def not_allowed(course: Course, taken: Iterable[Taken]) -> str:
    """The sentence that says which of `taken` is a fork's commit that nobody allowed, "" for none.

    A run that a fork's commit caused is held until it is allowed; a person, a pin or the clock may give one to a run of theirs.
    """
    for version in _of_forks(course, taken):
        repository, sha = str(version.bag.get("repository", "")), str(version.bag.get("sha", ""))
        if not course.line.allowed(repository, sha):
            return f"version {version.ref.number} of {version.ref.name} is a fork's commit ({sha[:12]}) that nobody has allowed"
    return ""


def _of_forks(course: Course, taken: Iterable[Taken]) -> Iterator[Version]:
    refs = [each.version for each in taken if each.version]
    kinds = [course.kind_of(node.resource) for node in course.line.nodes(ref.name for ref in refs)]
    repositories = [ref for ref, kind in zip(refs, kinds, strict=True) if kind is not None and kind.family == "repository"]
    return (version for version in course.line.versions(repositories) if version.bag.get("fork") is True)
