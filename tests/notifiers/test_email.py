"""E-mail, by a relay that speaks SMTP."""

from __future__ import annotations

import pytest

from app.errors import Permanent, Temporary
from app.notifiers import Extract, Message
from app.notifiers.email import plugin
from app.outward import Outward
from tests.fakes.mail import MailDouble

OUT = Outward()
MESSAGE = Message(
    "build #1 failed: <exit> code 1\nBcc: x@y",
    "https://gateline.example/runs/1?a=1&b=2",
    ("acme/app 0123 Add <b>",),
    "#cb2431",
    ("ops@example.com", "dev@example.com"),
    extracts=(Extract("make <all>", ".\none & two"),),
)


def given(relay: MailDouble, user: str = "") -> dict[str, str]:
    return {"url": f"smtp://{user}{relay.host}", "from": "Gateline <ci@example.com>"}


def test_one_mail_goes_to_all_recipients_as_text_and_as_html() -> None:
    with MailDouble() as relay:
        plugin.send(MESSAGE, given(relay), OUT)
    [taken] = relay.mails
    assert (taken.sender, taken.recipients) == ("ci@example.com", ["ops@example.com", "dev@example.com"])
    assert taken.mail["Subject"] == "build #1 failed: <exit> code 1 Bcc: x@y"
    assert taken.mail["Bcc"] is None
    assert taken.mail["Auto-Submitted"] == "auto-generated"
    text, html = taken.mail.get_body(("plain",)), taken.mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n").endswith("https://gateline.example/runs/1?a=1&b=2\n\n$ make <all>\n.\none & two\n")
    shown = html.get_content()
    for part in ("#cb2431", "a=1&amp;b=2", "Add &lt;b&gt;", "$ make &lt;all&gt;", "one &amp; two"):
        assert part in shown


def test_user_and_password_of_the_relay_are_percent_decoded() -> None:
    with MailDouble() as relay:
        plugin.send(MESSAGE, given(relay, "us%40er:p%3Aw@"), OUT)
    assert relay.login == "us@er p:w"


def test_a_password_is_not_sent_in_the_clear_to_another_machine() -> None:
    """127.1 is this machine, but not known as such by its name."""
    with MailDouble() as relay:
        clear = {"url": f"smtp://u:p@{relay.host.replace('127.0.0.1', '127.1')}", "from": "ci@example.com"}
        with pytest.raises(Permanent, match="offers no TLS"):
            plugin.send(MESSAGE, clear, OUT)
    assert relay.login == ""


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [("550 no such user", Permanent, "refused every recipient"), ("450 later", Temporary, "refused every recipient")],
)
def test_recipients_that_are_refused_are_named(answer: str, kind: type[Exception], said: str) -> None:
    with MailDouble(refused=dict.fromkeys(MESSAGE.recipients, answer)) as relay, pytest.raises(kind, match=said):
        plugin.send(MESSAGE, given(relay), OUT)


def test_one_recipient_that_is_refused_does_not_keep_the_others_from_hearing() -> None:
    with MailDouble(refused={"dev@example.com": "550 no such user"}) as relay, pytest.raises(Permanent, match=r"refused dev@example\.com"):
        plugin.send(MESSAGE, given(relay), OUT)
    assert [taken.recipients for taken in relay.mails] == [["ops@example.com"]]


@pytest.mark.parametrize(("greeting", "kind"), [("554 go away", Permanent), ("421 busy", Temporary)])
def test_a_relay_that_refuses_is_asked_again_only_when_that_may_help(greeting: str, kind: type[Exception]) -> None:
    with MailDouble(greeting=greeting) as relay, pytest.raises(kind, match=greeting[:3]):
        plugin.send(MESSAGE, given(relay), OUT)


def test_a_relay_that_is_away_is_asked_again() -> None:
    with MailDouble() as relay:
        away = given(relay)
    with pytest.raises(Temporary, match="cannot be reached"):
        plugin.send(MESSAGE, away, OUT)


def test_without_settings_or_recipients_the_problem_says_what_to_set() -> None:
    with pytest.raises(Permanent, match="GATELINE_SMTP_URL and GATELINE_MAIL_FROM"):
        plugin.send(MESSAGE, {"url": "", "from": "a@b"}, OUT)
    with pytest.raises(Permanent, match="recipients"):
        plugin.send(Message("x"), {"url": "smtp://x", "from": "a@b"}, OUT)
