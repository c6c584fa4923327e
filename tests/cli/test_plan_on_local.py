"""On the local forge, too, a pull request that edits workflow files is told what it would change."""

from __future__ import annotations

from app.errands._drain import drain_errands
from app.leaving import Leaving
from tests.cli.machine import WORKFLOW, Machine


def test_a_request_on_the_local_forge_is_told_its_plan(line: Machine) -> None:
    sha = line.world.commit("acme/app", "topic", {"gateline.yml": WORKFLOW.replace(b"[alice]", b"[alice, wendy]")}, "More approvers")
    done = line.types("pr", "open", "acme/app", "topic", "--as", "wendy", "--title", "More approvers")
    assert done.exit_code == 0, done.output
    line.compare()
    drain_errands(line.context, "errands", Leaving(30, line.clock))
    repository = line.world.forge.repository("acme/app").id
    written = line.store.written(repository, sha, "gateline: plan")
    assert written is not None
    assert (written.state, written.description) == ("success", "1 gate weaker, 1 job changed")
    assert line.store.posted("plan", "local:acme/app@main 1") is not None
