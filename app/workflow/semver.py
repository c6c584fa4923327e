"""Semantic versions and how they are bumped (spec/workflow-language.md section 3.6; section 10 #22: not node-semver's rules)."""

from __future__ import annotations

from collections.abc import Iterable

from semver import Version

ACTIONS = ("major", "minor", "patch", "alpha", "beta", "rc", "final")
_TAGS = ("alpha", "beta", "rc")


def bump(version: str, action: str) -> str:
    """The version after `version`; a `v` before it is kept.

    `major`, `minor`, `patch` count up, zero what is lower and drop a pre-release. `alpha`, `beta`, `rc` give the core that tag,
    or count it (`-rc`, `-rc.1`, `-rc.2`). `final` strips it. Raises ValueError with a sentence for a bad version or action.
    """
    sentence = invalid(version)
    if sentence:
        raise ValueError(sentence)
    parsed = _parse(version)
    match action:
        case "major":
            after = parsed.bump_major()
        case "minor":
            after = parsed.bump_minor()
        case "patch":
            after = parsed.bump_patch()
        case "final":
            after = parsed.finalize_version()
        case "alpha" | "beta" | "rc":
            after = parsed.replace(prerelease=_counted(parsed.prerelease or "", action), build=None)
        case _:
            raise ValueError(f"`{action}` is no bump: use one of {', '.join(ACTIONS)}.")
    return f"{'v' if version.startswith('v') else ''}{after}"


def invalid(version: str) -> str:
    """What is wrong with a version that jobs should count on from, as a sentence; "" when nothing is (section 2.2)."""
    try:
        tag, _, count = (_parse(version).prerelease or "").partition(".")
    except ValueError:
        return f"`{version}` is no semantic version: write it as `1.0.0`, `v1.0.0` or `1.0.0-rc.1`."
    if tag and (tag not in _TAGS or (count and not count.isdigit())):
        return f"`{version}` ends in an unknown pre-release: `-alpha`, `-beta` and `-rc` are known, with a number as in `-rc.1`."
    return ""


def newest(versions: Iterable[str]) -> str:
    """The greatest of `versions`; one that is none comes first, so that it is only chosen alone."""
    return max(versions, key=lambda version: (0, Version(0)) if invalid(version) else (1, _parse(version)))


def _parse(version: str) -> Version:
    return Version.parse(version.removeprefix("v"))


def _counted(prerelease: str, tag: str) -> str:
    current, _, count = prerelease.partition(".")
    return f"{tag}.{int(count or 0) + 1}" if current == tag else tag
