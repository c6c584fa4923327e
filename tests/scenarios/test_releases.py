"""A published release runs what asks for releases, at the commit of its tag, which the hook often does not tell."""

from __future__ import annotations

import pytest

from app.workflow.events import Commit, Released
from tests.scenarios.town import Town

LINE = {
    "gateline.yml": """
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app, branch: main, buildOnCommit: false, buildOnRelease: true}
        jobs:
          - name: publish
            type: runSh
            steps:
              - IN: app
              - TASK: [{script: make publish}]
        """
}


def release(town: Town, tag: str = "v1.0", sha: str = "", repository: str = "") -> Released:
    """As a forge's hook tells it: without a commit, unless the release was made at a SHA."""
    return Released(
        key=f"release:{tag}",
        at=town.clock(),
        repository=town.world.at(repository or town.app.id).about,
        tag=tag,
        name="The first",
        prerelease=False,
        released_at="2027-01-15T08:00:00Z",
        commit=Commit(sha),
        by=town.world.person("carol"),
    )


@pytest.fixture
def tagged(town: Town) -> str:
    """The commit of v1.0, which is no tip of a branch any more."""
    town.source(LINE)
    sha = town.push(message="What is released")
    town.world.tag(town.app.id, "v1.0", sha)
    town.push(message="What came after")
    town.settle()
    assert town.runs() == []
    return sha


def told(town: Town) -> str:
    """What was kept with the newest delivery."""
    return town.store.deliveries()[0][3]


def test_a_release_runs_at_the_commit_of_its_tag(town: Town, tagged: str) -> None:
    town.deliver(release(town))
    town.settle()
    [run] = town.runs()
    assert [(cause.sha, cause.title) for cause in run.causes] == [(tagged, "The first")]
    assert town.versions("app")[-1].label == tagged
    assert town.statuses(tagged) == {"gateline/publish": ("success", "succeeded in 0.0 s")}


def test_a_release_that_was_made_at_a_commit_is_of_that_commit(town: Town, tagged: str) -> None:
    tip = town.world.at(town.app.id).branches["main"]
    town.deliver(release(town, sha=tip))
    town.settle()
    assert set(town.statuses(tip)) == {"gateline/publish"}
    assert "gateline/publish" not in town.statuses(tagged)


@pytest.mark.usefixtures("tagged")
def test_a_release_whose_tag_is_gone_triggers_nothing_and_says_so(town: Town) -> None:
    town.deliver(release(town, tag="v2.0"))
    town.settle()
    assert town.runs() == []
    assert told(town) == "acme/app has no tag v2.0 any more: its release triggers nothing"
    assert town.stuck() == []


def test_a_release_in_a_repository_that_nobody_watches_asks_the_forge_nothing(town: Town) -> None:
    other = town.repository("other")
    town.deliver(release(town, repository=other.id))
    town.settle()
    assert told(town) == "nobody watches this repository"
