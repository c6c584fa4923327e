"""Slack hears of failures, recoveries and gates, and of what `NOTIFY` says (product.md section 7)."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import Permanent, Temporary
from app.store import Store
from tests.fakes.clock import MovableClock
from tests.fakes.executor import failing
from tests.scenarios.town import ACCOUNT, Town

LINE = {
    "gateline.yml": """
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {sourceName: acme/app, branch: main, buildOnPullRequest: true}
          - name: hourly
            type: time
            seed: {interval: "30 * * * *"}
          - name: team
            type: notification
            integration: slack-token
            versionTemplate: {recipients: ["#builds"]}
        jobs:
          - name: build
            type: runSh
            steps:
              - IN: app
              - TASK: [{script: make}]
            on_failure:
              - NOTIFY: team
          - name: deploy
            type: runSh
            gate: {approvers: [alice]}
            steps:
              - IN: build
              - TASK: [{script: make deploy}]
          - name: sweep
            type: runSh
            steps:
              - IN: hourly
              - TASK: [{script: make sweep}]
        """
}


@pytest.fixture
def loud(store: Store, clock: MovableClock, tmp_path: Path) -> Town:
    """A town with a default channel."""
    return Town(store, clock, tmp_path, slack_bot_token="xoxb-1", slack_channel="#ops")


def titles(town: Town) -> list[str]:
    """Of messages to the default channel, threads left out."""
    return [message.title for message, credentials in town.slack.sent if not message.thread and credentials.get("channel") == "#ops"]


def test_the_default_channel_hears_of_gates_and_failures_and_recoveries_in_one_message_a_line_run(loud: Town) -> None:
    loud.source(LINE)
    loud.executor.acts["build"] = failing()
    broken = loud.push()
    loud.settle()
    assert titles(loud) == [f"acme/app {broken[:12]}: build failed: exit code 1"]
    loud.executor.acts.clear()
    mended = loud.push()
    loud.settle()
    gate = loud.gate("deploy")
    assert gate is not None
    waits = f"deploy waits for approval: /gateline approve deploy {gate.short}"
    assert titles(loud)[1:] == [f"acme/app {mended[:12]}: {waits}"]
    message = loud.slack.sent[-1][0]
    assert message.lines == ("build works again", waits)
    handles = [message.handle for message, _ in loud.slack.sent]
    assert handles[0] == ""


def test_nothing_is_said_of_what_just_works(loud: Town) -> None:
    loud.source({"gateline.yml": LINE["gateline.yml"].replace("            gate: {approvers: [alice]}\n", "")})
    loud.push()
    loud.settle()
    assert loud.slack.sent == []


def test_a_failure_that_no_commit_caused_is_told_too(loud: Town) -> None:
    loud.source(LINE)
    loud.executor.acts["sweep"] = failing()
    loud.tick(1800)
    loud.settle()
    assert titles(loud) == ["hourly at 2027-01-15T08:30:00Z: sweep failed: exit code 1"]


def test_a_message_is_updated_when_the_retry_works(loud: Town) -> None:
    loud.source(LINE)
    loud.executor.acts["build"] = failing()
    sha = loud.push()
    loud.settle()
    loud.executor.acts.clear()
    loud.comment("carol", "/gateline retry", sha=sha)
    loud.settle()
    updates = [message for message, _ in loud.slack.sent if message.handle]
    assert updates
    assert updates[-1].handle == "C1:1"
    assert updates[-1].lines[0] == "build works again"


def test_a_notification_resource_is_told_as_the_hook_says(town: Town) -> None:
    town.source(LINE)
    town.secret("slack-token", {"webhookUrl": "https://hooks.example/1"}, type="slackKey")
    town.executor.acts["build"] = failing()
    town.push()
    town.settle()
    [(message, credentials)] = town.slack.sent
    assert (message.title, message.recipients, credentials["webhookUrl"]) == (
        "build #1 failed: exit code 1",
        ("#builds",),
        "https://hooks.example/1",
    )
    assert message.url == f"https://gateline.example/runs/{town.store.runs(ACCOUNT, 'build')[0].key}"


def test_a_notification_without_its_integration_is_shown_as_a_problem_and_fails_no_run(town: Town) -> None:
    town.source(LINE)
    town.executor.acts["build"] = failing()
    town.push()
    town.settle()
    assert town.ran() == ["build#1 failed"]
    assert town.stuck() == [
        "notify: notification team uses the integration 'slack-token', which is not set: `gateline secret set slack-token`"
    ]


def test_an_outage_of_slack_puts_messages_off_with_growing_pauses_and_loses_none(loud: Town) -> None:
    loud.source(LINE)
    loud.executor.acts["build"] = failing()
    loud.slack.broken = Temporary("Slack is away")
    loud.push()
    loud.settle(0)
    assert "line_message: Slack is away" in loud.stuck()
    first, *_ = [each for each in loud.store.stuck() if each.errand.kind == "line_message"]
    loud.tick(30)
    later, *_ = [each for each in loud.store.stuck() if each.errand.kind == "line_message"]
    assert later.attempts > first.attempts
    loud.slack.broken = None
    loud.tick(300)
    assert len(titles(loud)) == 1


def test_a_refusal_of_slack_is_given_up_at_once_and_shown(loud: Town) -> None:
    loud.source(LINE)
    loud.executor.acts["build"] = failing()
    loud.slack.broken = Permanent("no such channel")
    loud.push()
    loud.settle()
    assert "line_message: no such channel" in loud.stuck()


def test_breaking_the_glass_is_told(loud: Town) -> None:
    loud.source(LINE)
    loud.push()
    loud.settle()
    loud.obey("dora", "trigger deploy", break_glass="the site is down")
    loud.settle()
    assert "deploy#1: the gate was passed by dora: the site is down" in titles(loud)
