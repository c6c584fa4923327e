"""What Apprise reaches, over HTTP, and what it may not reach."""

from __future__ import annotations

import json

import pytest

from app.errors import Permanent, Temporary
from app.notifiers import Message
from app.notifiers.apprise import plugin
from app.outward import Outward
from tests.fakes.hooked import HookDouble

MESSAGE = Message("build #1 failed", "https://gateline.example/runs/1", ("acme/app 0123",))
HERE = Outward(("127.0.0.1",))


def url(hook: HookDouble, more: str = "/") -> dict[str, str]:
    return {"url": hook.url.replace("http", "json") + more}


def test_the_service_of_the_url_is_told() -> None:
    with HookDouble() as hook:
        plugin.send(MESSAGE, url(hook), HERE)
    [(_, _, body)] = hook.asked
    said = json.loads(body)
    assert (said["title"], said["message"]) == ("build #1 failed", "acme/app 0123\nhttps://gateline.example/runs/1")


def test_a_private_address_is_refused() -> None:
    with HookDouble() as hook, pytest.raises(Permanent, match=r"127\.0\.0\.1\) is not public; an administrator can allow it"):
        plugin.send(MESSAGE, url(hook), Outward())
    assert hook.asked == []


def test_a_redirect_to_a_private_address_is_refused() -> None:
    with HookDouble() as hook:
        elsewhere = hook.url.replace("127.0.0.1", "127.0.0.2")
        hook.answers["/"] = (302, {"Location": f"{elsewhere}/"}, "")
        with pytest.raises((Permanent, Temporary)):
            plugin.send(MESSAGE, url(hook, "/?redirect=yes"), HERE)
    assert len(hook.asked) == 1


def test_what_could_not_be_sent_is_tried_again() -> None:
    with HookDouble(answers={"/": (500, {}, "")}) as hook, pytest.raises(Temporary, match="Apprise could not send it"):
        plugin.send(MESSAGE, url(hook), HERE)


@pytest.mark.parametrize("wrong", ["", "no url", "nosuch://host"])
def test_what_is_no_apprise_url_is_said(wrong: str) -> None:
    with pytest.raises(Permanent, match="`url`"):
        plugin.send(MESSAGE, {"url": wrong}, HERE)


@pytest.mark.parametrize("local", ["syslog://", "dbus://", "json://127.0.0.1/?+x=1&template=/etc/passwd"])
def test_services_of_the_machine_itself_are_not_told_without_leave(local: str) -> None:
    with pytest.raises((Permanent, Temporary)):
        plugin.send(MESSAGE, {"url": local}, Outward())
