"""`NOTIFY` by e-mail, IRC and webhook: what is said, and what is refused (spec/workflow-language.md section 8)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest
from pydantic import SecretStr

from app.notifiers import Notifier
from app.notifiers.email import plugin as email
from app.notifiers.irc import plugin as irc
from app.notifiers.webhook import plugin as webhook
from app.outward import ANYWHERE
from tests.fakes.executor import failing
from tests.fakes.hooked import HookDouble
from tests.fakes.irc import IrcDouble
from tests.fakes.mail import MailDouble
from tests.scenarios.town import Town


@pytest.fixture
def relay() -> Iterator[MailDouble]:
    with MailDouble() as double:
        yield double


def line(notification: str, notify: str = "news") -> dict[str, str]:
    return {
        "gateline.yml": f"""
        resources:
          - name: app
            type: gitRepo
            versionTemplate: {{sourceName: acme/app, branch: main}}
          - {{name: news, type: notification, {notification}}}
        jobs:
          - name: build
            type: runSh
            steps: [IN: app, TASK: [{{script: make}}]]
            on_failure: [NOTIFY: {notify}]
        """
    }


def fail(town: Town, files: dict[str, str], secret: tuple[str, dict[str, str]] | None = None, **settings: object) -> None:
    """A town with every notifier, in which `build` fails; `secret`: type and values of the integration `theirs`."""
    notifiers = {each.name: cast(Notifier, each) for each in (email, irc, webhook)}
    known = town.context.settings.model_copy(update=settings)
    town.context = replace(town.context, settings=known, notifiers={"slack": town.slack, **notifiers}, outward=ANYWHERE)
    town.source(files)
    if secret:
        town.secret("theirs", secret[1], type=secret[0])
    town.executor.acts["build"] = failing()
    town.push()
    town.settle()


def by_mail(town: Town, relay: MailDouble, notify: str) -> str:
    files = line("versionTemplate: {method: email, recipients: [ops@example.com]}", notify)
    fail(town, files, smtp_url=SecretStr(relay.url), mail_from="ci@example.com")
    [taken] = relay.mails
    assert (taken.recipients, taken.mail["Subject"]) == (["ops@example.com"], "build #1 failed: exit code 1")
    body = taken.mail.get_body(("plain",))
    assert body is not None
    return body.get_content().replace("\r\n", "\n")


def test_an_email_tells_job_number_status_and_link(town: Town, relay: MailDouble) -> None:
    text = by_mail(town, relay, "news")
    assert "build #1 failed: exit code 1\n\nacme/app" in text
    assert "https://gateline.example/runs/" in text
    assert "build runs" not in text


def test_a_failing_snippet_is_added_when_asked_for(town: Town, relay: MailDouble) -> None:
    assert by_mail(town, relay, "[{name: news, sendFailingSnippet: true}]").endswith("build runs\nexit code 1\n")


def test_without_a_relay_the_run_is_as_it_is_and_the_problem_says_what_to_set(town: Town) -> None:
    fail(town, line("versionTemplate: {method: email, recipients: [ops@example.com]}"))
    assert town.ran() == ["build#1 failed"]
    assert town.stuck() == ["notify: no e-mail can be sent: the administrator has not set GATELINE_SMTP_URL and GATELINE_MAIL_FROM"]


def test_irc_is_told(town: Town) -> None:
    with IrcDouble() as server:
        fail(town, line(f"versionTemplate: {{method: irc, recipients: '127.0.0.1:{server.port}#builds'}}"))
    assert "NICK gateline" in server.said
    assert any(said.startswith("NOTICE #builds :build #1 failed: exit code 1 https://gateline.example/runs/") for said in server.said)


def test_a_webhook_is_told(town: Town) -> None:
    with HookDouble() as hook:
        fail(town, line("integration: theirs"), ("webhookV2", {"webhookURL": f"{hook.url}/x", "authorization": "s3cret"}))
    [(_, headers, body)] = hook.asked
    assert headers["authorization"] == "s3cret"
    assert json.loads(body)["pretext"] == "build #1 failed: exit code 1"


@pytest.mark.parametrize(
    ("type", "sentence"),
    [
        ("hipchatKey", "HipChat was shut down; use Slack, e-mail, IRC or a webhook"),
        ("airBrakeKey", "NOTIFY cannot tell airBrakeKey anything; use `shipctl notify news` in a script"),
        ("newRelicKey", "NOTIFY cannot tell newRelicKey anything; use `shipctl notify news` in a script"),
        ("jira", "NOTIFY cannot tell jira anything; use `shipctl notify news` in a script"),
    ],
)
def test_ruling_27_other_providers_are_refused_with_a_sentence(town: Town, type: str, sentence: str) -> None:
    fail(town, line("integration: theirs"), (type, {"token": "t"}))
    assert town.ran() == ["build#1 failed"]
    assert town.stuck() == [f"notify: notification news: {sentence}"]


def test_default_addresses_hear_of_failures_and_recoveries_once_each(town: Town, relay: MailDouble) -> None:
    files = {"gateline.yml": line("integration: none")["gateline.yml"].replace("on_failure: [NOTIFY: news]", "")}
    fail(town, files, smtp_url=SecretStr(relay.url), mail_from="ci@example.com", mail_to=("ops@example.com",))
    town.executor.acts.clear()
    town.push()
    town.settle()
    town.settle()
    told = [(taken.recipients, str(taken.mail["Subject"]).partition(": ")[2]) for taken in relay.mails]
    assert told == [(["ops@example.com"], "build failed: exit code 1"), (["ops@example.com"], "build works again")]


def test_a_relay_that_is_away_keeps_slack_from_nothing(town: Town, relay: MailDouble) -> None:
    relay.greeting = "421 busy"
    slack = {"slack_bot_token": SecretStr("xoxb-1"), "slack_channel": "#ops"}
    fail(town, line("integration: none"), smtp_url=SecretStr(relay.url), mail_from="ci@example.com", mail_to=("ops@example.com",), **slack)
    town.tick(60)
    told = [message.title.partition(": ")[2] for message, _ in town.slack.sent if not message.thread]
    assert told == ["build failed: exit code 1"]
    assert "line_message: the mail relay answered 421 busy" in town.stuck()
