"""`shipctl notify` (spec/workflow-language.md section 8.3), under every POSIX shell that there is."""

from __future__ import annotations

import json

import pytest

from tests.executors.test_shipctl import Desk, busybox_only, desk, hold  # noqa: F401 - fixtures
from tests.fakes.hooked import HookDouble
from tests.fakes.irc import IrcDouble


def news(desk: Desk, type_: str = "", recipients: object = (), **fields: str) -> None:  # noqa: F811
    """The notification `news` of the job, with an integration's type and fields."""
    hold(desk, "IN", "news", "notification", {"recipients": recipients} if recipients else {})
    desk.env |= {f"NEWS_INTEGRATION_{name.upper()}": value for name, value in fields.items()}
    desk.env |= {"BUILD_NUMBER": "7", "BUILD_URL": "https://g.example/runs/1"}
    if type_:
        desk.env["NEWS_INTEGRATION_MASTERNAME"] = type_


@pytest.fixture
def hook():
    with HookDouble() as double:
        yield double


def told(hook: HookDouble) -> list[dict]:
    return [json.loads(body) for _, _, body in hook.asked]


def test_slack_gets_one_message_for_each_recipient(desk, hook):  # noqa: F811
    news(desk, "slackKey", ["#a", "@b"], webhookUrl=f"{hook.url}/hook")
    desk.says("notify", "news", '--pretext=say "hé\\"', "--icon_url=https://i")
    shown = {"pretext": 'say "hé\\"', "text": "build #7 https://g.example/runs/1", "color": "#65cea7"}
    assert [json.loads(body.encode("latin-1")) for _, _, body in hook.asked] == [
        {"username": "Shippable", "channel": channel, "icon_url": "https://i", "attachments": [shown]} for channel in ("#a", "@b")
    ]


def test_an_option_is_stronger_than_its_variable_and_a_recipient_replaces_the_list(desk, hook):  # noqa: F811
    news(desk, "slackKey", ["#a", "@b"], webhookUrl=hook.url)
    desk.env |= {"NOTIFY_USERNAME": "env", "NOTIFY_COLOR": "red", "NOTIFY_RECIPIENT": "#c"}
    desk.says("notify", "news", "--username=flag")
    [said] = told(hook)
    assert (said["username"], said["channel"], said["attachments"][0]["color"]) == ("flag", "#c", "red")


def test_a_payload_is_sent_as_it_is(desk, hook):  # noqa: F811
    news(desk, "slackKey", ["#a"], webhookUrl=hook.url)
    desk.write("p.json", {"text": "mine"})
    desk.says("notify", "news", "--payload=p.json", "--text=ignored")
    assert told(hook) == [{"text": "mine"}]
    assert desk("notify", "news", "--payload=none.json").returncode == 99


def test_a_webhook_gets_flat_json_and_its_authorization(desk, hook):  # noqa: F811
    news(desk, "webhookV2", webhookURL=f"{hook.url}/w", authorization="Bearer 1")
    desk.says("notify", "news", "--text=two\nlines", "--pretext=p")
    assert told(hook) == [{"username": "Shippable", "pretext": "p", "text": "two\nlines", "color": "#65cea7"}]
    assert hook.asked[0][1]["authorization"] == "Bearer 1"


def test_airbrake_gets_a_deploy(desk, hook):  # noqa: F811
    news(desk, "airBrakeKey", ["42"], url=hook.url, token="t")
    desk.says("notify", "news", "--type=deploy", "--revision=abc", "--environment=prod", "--email=a@b", "--version=1", "--repository=r")
    assert hook.asked[0][0] == "/projects/42/deploys?key=t"
    known = {"environment": "prod", "username": "Shippable", "email": "a@b", "repository": "r", "revision": "abc", "version": "1"}
    assert told(hook) == [known]
    desk.says("notify", "news", "--type=deploy", "--project-id=43")
    assert hook.asked[1][0] == "/projects/43/deploys?key=t"
    assert desk("notify", "news").returncode == 99


def test_new_relic_gets_a_deployment_of_an_application_by_id_or_by_name(desk, hook):  # noqa: F811
    news(desk, "newRelicKey", url=f"{hook.url}/v2", token="t")
    desk.says("notify", "news", "--type=deployment", "--revision=abc", "--appId=5", "--changelog=c", "--description=d")
    assert hook.asked[0][0] == "/v2/applications/5/deployments.json"
    assert hook.asked[0][1]["x-api-key"] == "t"
    assert told(hook) == [{"deployment": {"revision": "abc", "changelog": "c", "description": "d", "user": "Shippable"}}]
    hook.answers["/v2/applications.json?filter%5Bname%5D=shop"] = (200, {}, json.dumps({"applications": [{"id": 9}]}))
    desk.says("notify", "news", "--type=deployment", "--revision=abc", "--appName=shop")
    assert hook.asked[-1][0] == "/v2/applications/9/deployments.json"
    for options in (("--revision=1", "--appId=5"), ("--type=deployment", "--appId=5"), ("--type=deployment", "--revision=1")):
        assert desk("notify", "news", *options).returncode == 99


def test_jira_gets_an_issue_and_then_its_attachment(desk, hook):  # noqa: F811
    news(desk, "jira", url=f"{hook.url}/api", username="u", token="t")
    hook.answers["/api/issue"] = (201, {}, '{"key": "OPS-1"}')
    desk.write("log.txt", "what was said")
    desk.says("notify", "news", "--project-id=OPS", "--type=Bug", "--summary=It broke", "--attach-file=log.txt")
    (_, headers, body), (path, _, attached) = hook.asked
    assert headers["authorization"] == "Basic dTp0"
    assert json.loads(body) == {"fields": {"summary": "It broke", "project": {"key": "OPS"}, "issuetype": {"name": "Bug"}}}
    assert path == "/api/issue/OPS-1/attachments"
    assert "what was said" in attached
    done = desk("notify", "news", "--project-id=OPS", "--type=Bug")
    assert (done.returncode, "--summary" in done.stderr) == (99, True)


def test_irc_hears_a_notice(desk):  # noqa: F811
    with IrcDouble(taken={"Shippable-7"}) as server:
        news(desk, "", f"127.0.0.1:{server.port}#builds")
        content = json.loads(desk.read("IN/news/version.json"))
        content["propertyBag"]["yml"] = {"versionTemplate": {"method": "irc"}}
        desk.write("IN/news/version.json", content)
        desk.says("notify", "news", "--pretext=done:", "--password=p")
    assert server.said == [
        "PASS p",
        "USER Shippable-7 0 * :Shippable",
        "NICK Shippable-7",
        "NICK Shippable-7_",
        "PONG :42",
        "JOIN #builds",
        "NOTICE #builds :done: build #7 https://g.example/runs/1",
        "QUIT :told",
    ]


@pytest.mark.parametrize("type_", ["hipchatKey", "gitlab", ""])
def test_other_types_cannot_be_told_anything(desk, type_):  # noqa: F811
    news(desk, type_)
    done = desk("notify", "news")
    assert (done.returncode, "notify cannot tell" in done.stderr) == (99, True)


def test_a_refusal_is_said_and_no_secret_with_it(desk, hook):  # noqa: F811
    news(desk, "slackKey", webhookUrl=f"{hook.url}/s3cret")
    hook.answers["/s3cret"] = (403, {}, "invalid_token")
    done = desk("notify", "news")
    assert (done.returncode, done.stderr) == (1, "shipctl: news was not told: the answer was 403 invalid_token\n")


def test_an_unknown_option_is_a_usage_error(desk):  # noqa: F811
    news(desk, "slackKey", webhookUrl="http://127.0.0.1/")
    done = desk("notify", "news", "--nosuch=1")
    assert (done.returncode, "usage: shipctl notify RESOURCE" in done.stderr) == (99, True)
    assert desk("notify", "none").returncode == 99
