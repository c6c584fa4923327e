"""Who may be connected to, and that what is checked is what is connected to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest

from app.errors import Permanent, Temporary
from app.outward import Address, Outward, Request, is_public
from tests.fakes.texts import serving

LOOPBACK = "127.0.0.1"


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_these_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.0.9",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
    ],
)
def test_these_addresses_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@contextmanager
def answering(*parts: bytes, hold: threading.Event | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A server that takes one connection, sends `parts`, and then waits for `hold`; its port, and what it was sent."""
    with socket.create_server((LOOPBACK, 0)) as server:
        seen: list[bytes] = []

        def serve() -> None:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            with peer:
                seen.append(peer.recv(65536))
                for part in parts:
                    peer.sendall(part)
                if hold is not None:
                    hold.wait(10)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1], seen
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def to(*addresses: str, allowed: tuple[str, ...] = (), seconds: float = 5.0) -> Outward:
    """Resolves every name to `addresses`."""
    found: tuple[Address, ...] = tuple(ip_address(each) for each in addresses)
    return Outward(allowed, lambda _host, _port: found, seconds=seconds)


def plain(port: int, path: str = "/hook", most: int = 100) -> Request:
    return Request(f"http://hooks.example:{port}{path}", most=most, schemes=("http", "https"))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "169.254.169.254"])
def test_a_name_that_resolves_to_no_public_address_is_refused(address: str) -> None:
    with pytest.raises(Permanent, match=r"hooks\.example \(.*\) is not public; .*GATELINE_ALLOW_PRIVATE_ADDRESSES"):
        to(address).addresses("hooks.example", 443)


def test_of_several_addresses_only_the_public_ones_are_connected_to() -> None:
    assert to("10.0.0.1", "8.8.8.8").addresses("hooks.example", 443) == (ip_address("8.8.8.8"),)


@pytest.mark.parametrize("pattern", ["127.0.0.0/8", "127.0.0.1", "hooks.example", "*.EXAMPLE"])
def test_an_administrator_allows_networks_addresses_and_names(pattern: str) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") as (port, seen):
        reply = to(LOOPBACK, allowed=(pattern,)).send(plain(port))
    assert (reply.status, reply.body) == (200, b"hi")
    assert f"Host: hooks.example:{port}".encode() in seen[0]


def test_what_is_allowed_opens_nothing_else() -> None:
    with pytest.raises(Permanent, match="is not public"):
        to("10.0.0.1", allowed=("127.0.0.0/8", "other.example")).send(plain(80))


def test_a_name_is_resolved_once_and_its_checked_address_is_connected_to() -> None:
    """DNS rebinding: a second answer would be a private one."""
    asked = []

    def resolve(host: str, port: int) -> tuple[Address, ...]:
        asked.append(host)
        return (ip_address(LOOPBACK),) if len(asked) == 1 else (ip_address("127.0.0.2"),)

    with answering(b"HTTP/1.1 204 No Content\r\n\r\n") as (port, _):
        assert Outward(("127.0.0.1",), resolve).send(plain(port)).status == 204
    assert asked == ["hooks.example"]


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with answering(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n") as (port, _):
        reply = to(LOOPBACK, allowed=(LOOPBACK,)).send(plain(port))
    assert (reply.status, reply.headers["location"]) == (302, "http://169.254.169.254/")


def test_an_answer_longer_than_asked_for_is_refused() -> None:
    with answering(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 101) as (port, _), pytest.raises(Permanent, match="longer than 100 bytes"):
        to(LOOPBACK, allowed=(LOOPBACK,)).send(plain(port))


def test_a_peer_that_never_ends_its_answer_is_left() -> None:
    hold = threading.Event()
    with answering(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", hold=hold) as (port, _):
        try:
            with pytest.raises(Temporary, match="gave no answer"):
                to(LOOPBACK, allowed=(LOOPBACK,), seconds=0.2).send(plain(port))
        finally:
            hold.set()


def test_a_certificate_that_nobody_signed_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path) as texts, pytest.raises(Permanent, match=r"the certificate of texts\.example is not trusted"):
        to(LOOPBACK, allowed=(LOOPBACK,)).send(Request(texts.says("/a", "text")))


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path) as texts, pytest.raises(Permanent, match=r"the certificate of other\.example is not trusted"):
        texts.outward().send(Request(texts.says("/a", "text").replace("texts.", "other.")))


def test_nobody_there_is_temporary() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Temporary, match="cannot be reached"):
        to(LOOPBACK, allowed=(LOOPBACK,)).send(plain(port))


def test_a_name_that_is_not_found_is_temporary() -> None:
    def unknown(_host: str, _port: int) -> tuple[Address, ...]:
        raise socket.gaierror("no such host")

    with pytest.raises(Temporary, match=r"nowhere\.example is not found"):
        Outward(resolve=unknown).send(Request("https://nowhere.example/"))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://hooks.example/secret", "begins with https://"),
        ("ftp://hooks.example/secret", "begins with https://"),
        ("https:///secret", "and a host is needed"),
        ("https://hooks.example:x/secret", "not a URL"),
        ("https://user:secret@hooks.example/", "holds credentials"),
        ("https://hooks.example/secret path", "neither blanks"),
        ("https://hooks.example/secret\r\nX: y", "neither blanks"),
    ],
)
def test_a_url_that_may_not_be_asked_is_refused_without_being_shown(url: str, sentence: str) -> None:
    with pytest.raises(Permanent, match=sentence) as refused:
        to("8.8.8.8").send(Request(url))
    assert "secret" not in str(refused.value)
