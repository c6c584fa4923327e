"""The table of spec/workflow-language.md section 3.6."""

from __future__ import annotations

import pytest

from app.workflow.semver import bump, invalid


@pytest.mark.parametrize(
    ("version", "action", "after"),
    [
        ("1.0.0", "major", "2.0.0"),
        ("2.0.0", "major", "3.0.0"),
        ("1.2.3", "major", "2.0.0"),
        ("1.0.0", "minor", "1.1.0"),
        ("1.1.4", "minor", "1.2.0"),
        ("1.0.0", "patch", "1.0.1"),
        ("1.0.1", "patch", "1.0.2"),
        ("1.0.1-rc.2", "patch", "1.0.2"),
        ("1.1.0-beta", "minor", "1.2.0"),
        ("1.0.0", "rc", "1.0.0-rc"),
        ("1.0.0-rc", "rc", "1.0.0-rc.1"),
        ("1.0.0-rc.1", "rc", "1.0.0-rc.2"),
        ("1.0.0-rc.9", "rc", "1.0.0-rc.10"),
        ("1.0.0-alpha.3", "beta", "1.0.0-beta"),
        ("1.0.0", "alpha", "1.0.0-alpha"),
        ("4.0.0-rc.5", "final", "4.0.0"),
        ("4.0.0", "final", "4.0.0"),
        ("v1.0.0", "minor", "v1.1.0"),
        ("v1.0.0-rc.1", "rc", "v1.0.0-rc.2"),
    ],
)
def test_bumps_follow_the_table(version: str, action: str, after: str) -> None:
    assert bump(version, action) == after


@pytest.mark.parametrize(
    ("version", "action"), [("1.0", "minor"), ("one", "minor"), ("1.0.0-next.1", "rc"), ("1.0.0", "hotfix"), ("", "major")]
)
def test_what_cannot_be_bumped_is_refused_with_a_sentence(version: str, action: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        bump(version, action)


@pytest.mark.parametrize("version", ["1.0.0", "v1.0.0", "0.1.0-alpha", "1.0.0-beta.2", "1.0.0-rc.10"])
def test_seeds_of_a_version_may_have_a_v_and_a_known_pre_release(version: str) -> None:
    assert invalid(version) == ""


@pytest.mark.parametrize("version", ["1.0", "01.0.0", "1.0.0-snapshot", "1.0.0-rc.x", "V1.0.0", "latest"])
def test_other_seeds_are_explained(version: str) -> None:
    assert f"`{version}`" in invalid(version)
