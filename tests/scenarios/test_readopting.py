"""Adopting again: after a source was removed and added, after a name was found, and against readings that are older."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from textwrap import dedent
from typing import Any

import pytest

from app.adopt import adopt
from app.errors import Temporary
from app.forges import ForgePort, Level
from app.sources import add_source, remove_source
from app.workflow.line import Actor
from tests.scenarios.town import ACCOUNT, Town

LINE = """
    resources:
      - name: app
        type: gitRepo
        versionTemplate: {sourceName: acme/app, branch: main}
    jobs:
      - name: build
        type: runSh
        steps:
          - IN: app
          - TASK: [{script: make}]
      - name: deploy
        type: runSh
        gate: {approvers: [newbie]}
        steps:
          - IN: app
          - TASK: [{script: make}]
    """


def calling(job: str) -> dict[str, bytes]:
    """The files of LINE, with another name for `build`."""
    return {"gateline.yml": dedent(LINE).replace("name: build", f"name: {job}").encode()}


def jobs(town: Town) -> list[str]:
    return town.store.ask(ACCOUNT, lambda line: [job.name for each in line.fragments().of.values() for job in each.jobs])


def approvers(town: Town) -> tuple[str, ...]:
    job = town.store.ask(ACCOUNT, lambda line: line.node("deploy")).job
    assert job is not None
    assert job.gate is not None
    return job.gate.people


@dataclass
class Interrupted:
    """The forge, at which something happens once between the look at the tip and the look at the files."""

    inner: Any
    meanwhile: list[Callable[[], object]]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def tree(self, repository: str, sha: str) -> Any:
        if self.meanwhile:
            self.meanwhile.pop()()
        return self.inner.tree(repository, sha)


def interrupt(town: Town, *meanwhile: Callable[[], object]) -> Any:
    """The town's context, as one who adopts while all this happens sees it."""
    port = town.context.forges["github"]
    slow = ForgePort("github", port.hooks, Interrupted(port.api, list(meanwhile)))
    return replace(town.context, forges={"github": slow})


def test_a_source_that_was_removed_and_added_at_the_same_commit_is_adopted(town: Town) -> None:
    town.source({"gateline.yml": LINE})
    remove_source(town.context, town.store.sources()[0].key, Actor("github:1", "root"))
    assert jobs(town) == []
    add_source(town.context, town.app)
    town.work()
    assert jobs(town) == ["build", "deploy"]
    town.push()
    town.work()
    assert town.ran() == ["build#1 succeeded"]


def test_an_approver_who_exists_now_may_approve_once_the_same_files_are_adopted_again(town: Town) -> None:
    town.source({"gateline.yml": LINE})
    assert approvers(town) == ()
    town.world.grant(town.app.id, "newbie", Level.WRITE)
    adopt(town.context, town.store.sources()[0])
    assert approvers(town) == (town.world.person("newbie").id,)
    assert town.store.sources()[0].problems == ()


def test_files_that_come_back_are_adopted_again(town: Town) -> None:
    town.source({"gateline.yml": LINE})
    first = town.world.at(town.app.id).branches["main"]
    second = town.world.commit(town.app.id, "main", calling("compile"))
    for tip, job in ((second, "compile"), (first, "build"), (second, "compile"), (first, "build")):
        town.world.at(town.app.id).branches["main"] = tip
        adopt(town.context, town.store.sources()[0])
        assert jobs(town) == [job, "deploy"]


def test_an_older_reading_does_not_replace_what_was_adopted_meanwhile(town: Town) -> None:
    town.source({"gateline.yml": LINE})
    town.world.commit(town.app.id, "main", calling("second"))

    def newer() -> None:
        town.world.commit(town.app.id, "main", calling("third"))
        adopt(town.context, town.store.sources()[0])

    adopt(interrupt(town, newer), town.store.sources()[0])
    assert jobs(town) == ["third", "deploy"]
    assert town.store.sources()[0].commit == town.world.at(town.app.id).branches["main"]


def test_adopting_that_is_overtaken_time_and_again_is_put_off(town: Town) -> None:
    town.source({"gateline.yml": LINE})
    town.world.commit(town.app.id, "main", calling("second"))

    def newer() -> None:
        town.world.commit(town.app.id, "main", calling(f"job{town.world.next_id()}"))
        adopt(town.context, town.store.sources()[0])

    with pytest.raises(Temporary, match="while it was read, 3 times"):
        adopt(interrupt(town, newer, newer, newer, newer), town.store.sources()[0])


def test_a_source_that_is_removed_while_it_is_read_stays_removed(town: Town) -> None:
    town.source({"gateline.yml": LINE})
    town.world.commit(town.app.id, "main", calling("second"))
    source = town.store.sources()[0]

    said = adopt(interrupt(town, lambda: remove_source(town.context, source.key, Actor("github:1", "root"))), source)
    assert said == "acme/app: no source any more"
    assert jobs(town) == []


def test_two_sources_with_problems_do_not_read_each_other_for_ever(town: Town) -> None:
    other = town.repository("other")
    town.source({"gateline.yml": LINE})
    town.source({"gateline.yml": LINE.replace("deploy", "ship").replace("name: build", "name: other")}, other)
    assert all(source.problems for source in town.store.sources())
    town.settle()
