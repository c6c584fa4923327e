"""IRC, by a server that speaks it."""

from __future__ import annotations

import pytest

from app.errors import Permanent, Temporary
from app.notifiers import Message
from app.notifiers.irc import plugin
from app.outward import ANYWHERE, Outward
from tests.fakes.irc import IrcDouble


def told(server: IrcDouble, *channels: str) -> Message:
    places = tuple(f"127.0.0.1:{server.port}{channel}" for channel in channels)
    return Message("build #1 failed", "https://g.example/1", ("first\r\nQUIT", "é" * 300), recipients=places)


def test_lines_are_said_as_notices_in_each_channel_of_a_server_by_one_connection() -> None:
    with IrcDouble() as server:
        plugin.send(told(server, "#b", "#a"), {"nick": "bot", "password": "p"}, ANYWHERE)
    said = ["build #1 failed https://g.example/1", "first  QUIT", "é" * 200]
    assert server.said == [
        "PASS p",
        "USER bot 0 * :Gateline",
        "NICK bot",
        "PONG :42",
        "JOIN #a",
        *(f"NOTICE #a :{line}" for line in said),
        "JOIN #b",
        *(f"NOTICE #b :{line}" for line in said),
        "QUIT :told",
    ]


def test_a_nick_in_use_gets_an_underline() -> None:
    with IrcDouble(taken={"gateline"}) as server:
        plugin.send(told(server, "#a"), {}, ANYWHERE)
    assert "NICK gateline_" in server.said
    assert server.said[-1] == "QUIT :told"


def test_a_channel_that_cannot_be_joined_is_given_up() -> None:
    with IrcDouble(closed={"#a"}) as server, pytest.raises(Permanent, match="Cannot join channel"):
        plugin.send(told(server, "#a"), {}, ANYWHERE)


def test_a_server_that_is_away_is_asked_again() -> None:
    with IrcDouble() as server:
        message = told(server, "#a")
    with pytest.raises(Temporary, match="cannot be reached"):
        plugin.send(message, {}, ANYWHERE)


def test_a_private_address_is_refused() -> None:
    with IrcDouble() as server, pytest.raises(Permanent, match="is not public"):
        plugin.send(told(server, "#a"), {}, Outward())
    assert server.said == []


@pytest.mark.parametrize("recipient", ["#a", "irc.example", "irc.example#", "irc.example:x#a", "irc.example#a b"])
def test_what_is_no_channel_is_said(recipient: str) -> None:
    with pytest.raises(Permanent, match="write `server#channel`"):
        plugin.send(Message("x", recipients=(recipient,)), {}, ANYWHERE)
