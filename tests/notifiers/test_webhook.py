"""Webhooks and Slack's incoming ones, over HTTP."""

from __future__ import annotations

import json

import pytest

from app.errors import Permanent, Temporary
from app.notifiers import Message
from app.notifiers.slack import plugin as slack
from app.notifiers.webhook import plugin
from app.outward import ANYWHERE, Outward
from tests.fakes.hooked import HookDouble

MESSAGE = Message("build #1 failed", "https://gateline.example/runs/1", ("acme/app 0123",), "#cb2431")


def test_one_flat_object_is_posted_with_the_authorization_that_was_set() -> None:
    with HookDouble() as hook:
        plugin.send(MESSAGE, {"webhookURL": f"{hook.url}/told", "authorization": "Bearer 1"}, ANYWHERE)
    [(path, headers, body)] = hook.asked
    assert (path, headers["authorization"], headers["content-type"]) == ("/told", "Bearer 1", "application/json")
    assert json.loads(body) == {
        "username": "Gateline",
        "pretext": "build #1 failed",
        "text": "acme/app 0123\nhttps://gateline.example/runs/1",
        "color": "#cb2431",
        "recipient": "",
        "icon_url": "",
    }


@pytest.mark.parametrize(
    ("status", "kind"), [(429, Temporary), (503, Temporary), (408, Temporary), (401, Permanent), (404, Permanent), (302, Permanent)]
)
def test_refusals_are_given_up_and_outages_are_not(status: int, kind: type[Exception]) -> None:
    answer = (status, {"Retry-After": "7", "Location": "http://127.0.0.1/"}, "no")
    with HookDouble(answers={"/": answer}) as hook, pytest.raises(kind, match=str(status)) as told:
        plugin.send(MESSAGE, {"webhookURL": f"{hook.url}/"}, ANYWHERE)
    assert len(hook.asked) == 1
    if isinstance(told.value, Temporary):
        assert told.value.after == 7


@pytest.mark.parametrize("field", ["webhookURL", "webhookUrl"])
def test_a_private_address_is_refused_unless_the_administrator_allows_it(field: str) -> None:
    notifier = plugin if field == "webhookURL" else slack
    with HookDouble() as hook:
        with pytest.raises(Permanent, match="is not public; an administrator can allow it by GATELINE_ALLOW_PRIVATE_ADDRESSES"):
            notifier.send(MESSAGE, {field: f"{hook.url}/secret"}, Outward())
        assert hook.asked == []
        notifier.send(MESSAGE, {field: f"{hook.url}/secret"}, Outward(("127.0.0.0/8",)))
    assert len(hook.asked) == 1


def test_without_an_address_the_problem_says_what_to_set() -> None:
    with pytest.raises(Permanent, match="webhookURL"):
        plugin.send(MESSAGE, {}, ANYWHERE)
