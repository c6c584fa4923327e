"""Gates: nothing opens one but a yes to exactly what was announced, by somebody who may (product.md section 4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.obey import Verdict
from app.react import react
from app.workflow.events import VersionPosted
from app.workflow.line import CandidateState, Lane
from tests.fakes.executor import failing
from tests.scenarios.town import ACCOUNT, Town

HOUR = 3600.0


def line(gate: str = "{approvers: [alice]}", more: str = "") -> dict[str, str]:
    """app -> build -> deploy, which is gated and has more INs: a clock, a trigger and params that somebody posts."""
    return {
        "gateline.yml": f"""
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {{sourceName: acme/app, branch: main, buildOnPullRequest: true}}
          - name: nightly
            type: time
            seed: {{interval: "0 9 * * *"}}
          - name: settings
            type: params
            version: {{params: {{COLOUR: grey}}}}
        jobs:
          - name: build
            type: runSh
            steps:
              - IN: app
              - TASK: [{{script: make}}]
          - name: deploy
            type: runSh
            gate: {gate}
            steps:
              - IN: build
                {more or "switch: on"}
              - IN: settings
              - TASK: [{{script: make deploy}}]
          - name: report
            type: runSh
            gate: {gate}
            steps:
              - IN: nightly
              - IN: build
                switch: off
              - TASK: [{{script: make report}}]
        """
    }


def candidate(town: Town, job: str = "deploy") -> str:
    """The digest that waits."""
    found = town.gate(job)
    assert found is not None
    return found.short


def announcement(town: Town, number: int | None = None, sha: str = "") -> str:
    return next(body for body in reversed(town.answers(number, sha)) if "waits for" in body and ":gate " in body)


def reply(town: Town, number: int | None = None, sha: str = "") -> str:
    """The newest reply, without its marker."""
    found = next(body for body in reversed(town.answers(number, sha)) if body.startswith("<!-- gateline:reply"))
    return found.partition("\n\n")[2]


def pushed(town: Town, **push: object) -> str:
    sha = town.push(**push)  # type: ignore[arg-type]
    town.settle()
    return sha


# -- what may start a gated job --------------------------------------------------------------------------------------------


def by_trigger(town: Town, sha: str) -> None:
    town.comment("carol", "/gateline trigger deploy REGION=eu", sha=sha)


def by_command_line(town: Town, sha: str) -> None:
    assert town.obey("carol", "trigger deploy REGION=us").verdict is Verdict.DONE


def by_an_input_that_is_on(town: Town, sha: str) -> None:
    town.push()


def by_a_pin(town: Town, sha: str) -> None:
    town.comment("carol", "/gateline pin deploy settings 1", sha=sha)


def by_the_api(town: Town, sha: str) -> None:
    at = town.clock()
    event = VersionPosted(
        key=f"api:{at}", at=at, resource="settings", label="blue", bag={"params": {"A": "b"}}, by=town.world.person("carol")
    )
    react(town.context, ACCOUNT, event)


def by_the_clock(town: Town, sha: str) -> None:
    town.tick(HOUR)
    town.tick(HOUR)


def by_retry(town: Town, sha: str) -> None:
    town.executor.acts["deploy"] = failing()
    town.comment("alice", f"/gateline approve deploy {candidate(town)}", sha=sha)
    town.settle()
    assert town.ran()[-1] == "deploy#1 failed"
    town.comment("carol", "/gateline retry deploy", sha=sha)


@pytest.mark.parametrize(
    ("start", "job"),
    [
        (by_trigger, "deploy"),
        (by_command_line, "deploy"),
        (by_an_input_that_is_on, "deploy"),
        (by_a_pin, "deploy"),
        (by_the_api, "deploy"),
        (by_the_clock, "report"),
        (by_retry, "deploy"),
    ],
)
def test_whatever_would_start_a_gated_job_only_proposes_it(town: Town, start: Callable[[Town, str], None], job: str) -> None:
    town.source(line())
    sha = pushed(town)
    start(town, sha)
    before = [run.ref for run in town.runs(job)]
    town.settle()
    assert [run.ref for run in town.runs(job)] == before
    waiting = town.gate(job)
    assert waiting is not None
    assert waiting.state is CandidateState.OPEN
    assert town.stuck() == []


# -- which words open it -----------------------------------------------------------------------------------------------------


def test_an_approval_in_one_pull_request_for_what_another_announced_is_refused_with_the_line_to_type(town: Town) -> None:
    town.source(line(more="lanes: all"))
    first, second = (_request(town, branch) for branch in ("one", "two"))
    [mine, other] = [each for _, each in town.store.candidates(ACCOUNT, "deploy")]
    town.comment("alice", "/gateline approve deploy", number=first)
    town.settle()
    assert [run.lane for run in town.runs("deploy")] == [town.lane(first)]
    town.comment("alice", f"/gateline approve deploy {other.short}", number=first)
    town.settle()
    assert [run.lane for run in town.runs("deploy")] == [town.lane(first), town.lane(second)]
    assert mine.digest != other.digest


def test_a_bare_approval_where_nothing_was_announced_is_refused_with_the_line_to_type(town: Town) -> None:
    town.source(line())
    number = _request(town, "one")
    pushed(town)
    town.comment("alice", "/gateline approve deploy", number=number)
    town.settle()
    assert town.runs("deploy") == []
    assert reply(town, number) == (
        "Not done: `/gateline approve deploy`\n\n"
        "What waits at the gate of `deploy` was not announced in this conversation. An approval that is not typed below the announcement "
        f"has to name the candidate by its digest.\n\nTo type: `/gateline approve deploy {candidate(town)}`"
    )


def _request(town: Town, branch: str) -> int:
    town.push(branch=branch)
    number = town.open(branch)
    town.settle()
    return number


def test_an_approval_typed_one_second_after_the_announcement_is_refused_and_two_seconds_after_counts(town: Town) -> None:
    town.source(line())
    sha = town.push()
    town.work()
    assert "waits for one approval" in announcement(town, sha=sha)
    town.clock.forward(1)
    town.comment("alice", "/gateline approve deploy", sha=sha)
    town.work()
    assert town.runs("deploy") == []
    assert "less than 2 seconds before you answered" in reply(town, sha=sha)
    town.clock.forward(1)
    town.comment("alice", "/gateline approve deploy", sha=sha)
    town.work()
    assert len(town.runs("deploy")) == 1


def test_an_approval_of_a_superseded_digest_says_which_item_changed(town: Town) -> None:
    town.source(line())
    older = pushed(town)
    old = candidate(town)
    newer = pushed(town)
    new = candidate(town)
    assert old != new
    town.comment("alice", f"/gateline approve deploy {old}", sha=older)
    town.settle()
    assert town.runs("deploy") == []
    assert reply(town, sha=older) == (
        f"Not done: `/gateline approve deploy {old}`\n\n"
        f"`{old}` of `deploy` is superseded by `{new}`; approvals do not carry over. What is different: build (1 before, 2 now)."
        f"\n\nTo type: `/gateline approve deploy {new}`"
    )
    assert town.answers(sha=older)[0].partition("\n\n")[2] == (
        f"🔓 `deploy` (digest `{old}`) was superseded: `build: #1 -> #2`\n\nWhat waits instead is `{new}`; approvals do not carry over."
    )
    assert "waits for one approval" in announcement(town, sha=newer)


def test_the_same_person_counts_once_however_they_say_it(town: Town) -> None:
    town.source(line("{approvers: [alice, dora], required: 2}"))
    sha = pushed(town)
    digest = candidate(town)
    town.comment("alice", f"/gateline approve deploy {digest}", sha=sha)
    town.settle()
    again = town.obey("alice", f"approve deploy {digest}")
    assert again.verdict is Verdict.REFUSED
    assert "has approved" in again.text
    town.settle()
    assert town.runs("deploy") == []
    town.comment("dora", f"/gateline approve deploy {digest}", sha=sha)
    town.settle()
    assert town.ran()[-1] == "deploy#1 succeeded"


@pytest.mark.parametrize(
    "text",
    [
        "> /gateline approve deploy {digest}",
        "```\n/gateline approve deploy {digest}\n```",
        "`/gateline approve deploy {digest}`",
        "<!-- /gateline approve deploy {digest} -->",
        "On Friday, alice@example.com wrote:\n/gateline approve deploy {digest}",
    ],
)
def test_what_is_quoted_or_code_opens_nothing_and_is_not_answered(town: Town, text: str) -> None:
    town.source(line())
    sha = pushed(town)
    said = len(town.answers(sha=sha))
    town.comment("alice", text.format(digest=candidate(town)), sha=sha)
    town.settle()
    assert town.runs("deploy") == []
    assert len(town.answers(sha=sha)) == said


def test_a_bot_opens_nothing(town: Town) -> None:
    town.world.person("robo", bot=True)
    town.source(line("{approvers: [robo]}"))
    sha = pushed(town)
    town.comment("robo", f"/gateline approve deploy {candidate(town)}", sha=sha)
    town.settle()
    assert town.runs("deploy") == []


def test_an_approval_edited_into_a_comment_counts_and_one_edited_by_somebody_else_does_not(town: Town) -> None:
    town.source(line())
    sha = pushed(town)
    said = town.comment("alice", "Looks good.", sha=sha)
    town.deliver(town.world.edit(said.comment, "/gateline approve deploy " + candidate(town), by="bob"))
    town.settle()
    assert town.runs("deploy") == []


def test_somebody_who_may_not_approve_is_told_who_may(town: Town) -> None:
    town.source(line())
    sha = pushed(town)
    town.comment("carol", f"/gateline approve deploy {candidate(town)}", sha=sha)
    town.settle()
    assert town.runs("deploy") == []
    assert "You are not among those who may answer for the gate of `deploy`" in reply(town, sha=sha)
    assert ("carol", "approve", "deploy", False) in town.audit()


# -- rules of a gate ---------------------------------------------------------------------------------------------------------


def test_an_author_may_not_approve_where_the_gate_says_so(town: Town) -> None:
    town.source(line("{approvers: [alice, carol], allow_author: false}"))
    sha = pushed(town)
    town.comment("carol", f"/gateline approve deploy {candidate(town)}", sha=sha)
    town.settle()
    assert town.runs("deploy") == []
    assert "made some of the changes" in reply(town, sha=sha)
    town.comment("alice", f"/gateline approve deploy {candidate(town)}", sha=sha)
    town.settle()
    assert len(town.runs("deploy")) == 1


def test_with_two_required_the_author_does_not_count_unless_the_gate_says_so(town: Town) -> None:
    town.source(line("{approvers: [alice, carol, dora], required: 2}"))
    sha = pushed(town)
    for name in ("carol", "alice"):
        town.comment(name, f"/gateline approve deploy {candidate(town)}", sha=sha)
        town.settle()
    assert town.runs("deploy") == []


def test_a_member_of_a_team_may_approve_and_nobody_of_an_unknown_one(town: Town) -> None:
    town.world.team("@acme/ops", "alice")
    town.source(line('["@acme/ops"]'.join(("{approvers: ", "}"))))
    sha = pushed(town)
    assert "@acme/ops: please look at this." in announcement(town, sha=sha)
    town.world.team("@acme/ops")
    town.comment("alice", f"/gateline approve deploy {candidate(town)}", sha=sha)
    town.settle()
    assert town.runs("deploy") == []
    town.world.team("@acme/ops", "alice")
    town.comment("alice", f"/gateline approve deploy {candidate(town)}", sha=sha)
    town.settle()
    assert len(town.runs("deploy")) == 1


def test_a_candidate_expires_when_its_time_is_over(town: Town) -> None:
    town.source(line("{approvers: [alice], timeout: 24h}"))
    sha = pushed(town)
    digest = candidate(town)
    town.tick(23 * HOUR)
    assert town.gate("deploy") is not None
    town.tick(HOUR)
    assert town.gate("deploy") is None
    assert "expired: `nobody approved it in time`" in town.answers(sha=sha)[0]
    town.comment("alice", f"/gateline approve deploy {digest}", sha=sha)
    town.settle()
    assert town.runs("deploy") == []
    assert "is expired already" in reply(town, sha=sha)


def test_a_candidate_is_rejected_when_its_time_is_over_and_the_gate_says_so(town: Town) -> None:
    town.source(line("{approvers: [alice], timeout: 1h, on_timeout: reject}"))
    sha = pushed(town)
    town.tick(HOUR)
    assert town.statuses(sha)["gateline/deploy"] == ("cancelled", "rejected: nobody approved it in time")


def test_a_rejection_ends_the_candidate_and_says_by_whom_and_why(town: Town) -> None:
    town.source(line())
    sha = pushed(town)
    town.comment("alice", f"/gateline reject deploy {candidate(town)} -- not on a Friday", sha=sha)
    town.settle()
    assert town.gate("deploy") is None
    assert town.statuses(sha)["gateline/deploy"] == ("cancelled", "rejected by alice: not on a Friday")
    assert "was rejected: `rejected by alice: not on a Friday`" in town.answers(sha=sha)[0]


def test_only_an_administrator_breaks_the_glass_and_everybody_hears_of_it(town: Town) -> None:
    town.source(line())
    sha = pushed(town)
    assert town.obey("alice", "trigger deploy", break_glass="the site is down").verdict is Verdict.FORBIDDEN
    assert town.runs("deploy") == []
    said = town.obey("dora", "trigger deploy", break_glass="the site is down")
    town.settle()
    assert said.verdict is Verdict.DONE, said.text
    assert [run.status.value for run in town.runs("deploy")] == ["succeeded"]
    assert ("dora", "trigger", "deploy", True) in town.audit()
    assert any("passed by dora: the site is down" in body for body in town.answers(sha=sha))


def test_a_review_of_the_head_counts_where_the_gate_says_so(town: Town) -> None:
    town.source(line("{approvers: [alice], reviews: true}", more="lanes: all"))
    number = _request(town, "one")
    assert town.gate("deploy") is not None
    town.deliver(town.world.review(town.app.id, number, "alice"))
    town.settle()
    assert [run.lane for run in town.runs("deploy")] == [town.lane(number)]


def test_a_review_given_before_the_gate_asked_counts_too(town: Town) -> None:
    town.source(line("{approvers: [alice], reviews: true}", more="lanes: all"))
    town.push(branch="one")
    number = town.open("one")
    town.deliver(town.world.review(town.app.id, number, "alice"))
    town.settle()
    assert [run.lane for run in town.runs("deploy")] == [town.lane(number)]


def test_a_weaker_gate_applies_only_to_what_came_after_it(town: Town) -> None:
    town.source(line("{approvers: [alice, dora], required: 2}"))
    pushed(town)
    sha = pushed(town, files=line("{approvers: [alice, dora]}"))
    town.comment("alice", f"/gateline approve deploy {candidate(town)}", sha=sha)
    town.settle()
    assert len(town.runs("deploy")) == 1


def test_what_runs_is_what_was_frozen_though_newer_versions_came_in_between(town: Town) -> None:
    town.source(line())
    sha = pushed(town)
    waiting = town.gate("deploy")
    assert waiting is not None
    town.comment("alice", f"/gateline approve deploy {waiting.short}", sha=sha)
    town.deliveries()
    by_the_api(town, sha)
    town.settle()
    [run] = town.runs("deploy")
    assert run.inputs == waiting.inputs
    assert town.gate("deploy") is not None


def test_a_run_without_a_commit_is_announced_on_the_newest_commit_in_its_lineage(town: Town) -> None:
    town.source(line())
    sha = pushed(town)
    town.tick(HOUR)
    assert town.gate("report") is not None
    assert "`report` waits for one approval" in announcement(town, sha=sha)


def test_main_never_sees_a_gate_of_a_pull_request(town: Town) -> None:
    town.source(line(more="lanes: all"))
    number = _request(town, "one")
    sha = pushed(town)
    lanes = {each.lane for _, each in town.store.candidates(ACCOUNT, "deploy")}
    assert lanes == {Lane(), town.lane(number)}
    town.comment("alice", "/gateline approve deploy", sha=sha)
    town.settle()
    assert [run.lane for run in town.runs("deploy")] == [Lane()]


def test_the_announcement_says_what_would_run_what_changed_and_what_to_type(town: Town) -> None:
    town.source(line())
    sha = pushed(town, message="Paint it red, @everybody")
    digest = candidate(town)
    assert announcement(town, sha=sha).partition("\n\n") == (
        "<!-- gateline:gate github:acme deploy 1 -->",
        "\n\n",
        f"""\
### 🔒 `deploy` waits for one approval

@alice: please look at this.

To run exactly this: `/gateline approve deploy {digest}`

To end it: `/gateline reject deploy {digest} -- why`

**What would run**

- `build (version 1)`
- `settings (version 1)`

**Commits**

```text
acme/app {sha[:12]} Paint it red, @everybody
```""",
    )
