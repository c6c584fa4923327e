"""Connections to addresses that users name: public ones only, unless an administrator allows them.

The address that is checked is the one that is then connected to, so that a name that resolves differently the second time gains
nothing. Redirects are never followed and proxies never used: what answers is what was checked.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Event, Timer
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from app.errors import Permanent, Temporary

Address: TypeAlias = IPv4Address | IPv6Address
SECONDS = 10.0
"""For one request from the connection to the last byte, however slowly they come."""
_NAT64 = ip_network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether anybody may reach it: it is not private, loopback, link-local, shared, reserved or multicast, and carries no such address."""
    if isinstance(address, IPv6Address):
        carried = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
        inner = (*carried, IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None)
        if not all(each is None or is_public(each) for each in inner):
            return False
        if address.ipv4_mapped is not None:
            return True
    return address.is_global and not address.is_multicast


def resolved(host: str, port: int) -> tuple[Address, ...]:
    """The addresses of a host, as this machine's resolver gives them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a URL. At most `most` bytes of the answer are read; a longer one is refused."""

    url: str
    method: str = "GET"
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    most: int = 64 * 1024
    schemes: tuple[str, ...] = ("https",)


@dataclass(frozen=True, slots=True)
class Reply:
    """`status` as it came, 3xx among them; `headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outward:
    """`allowed`: networks (`10.0.0.0/8`), addresses and host names (globs) that may be connected to though they are not public."""

    allowed: tuple[str, ...] = ()
    resolve: Callable[[str, int], tuple[Address, ...]] = resolved
    tls: ssl.SSLContext | None = None
    seconds: float = SECONDS

    def addresses(self, host: str, port: int) -> tuple[Address, ...]:
        """The addresses of `host` that may be connected to. Raises Permanent when none may, Temporary when the name is not found."""
        try:
            found = self.resolve(host, port)
        except (OSError, UnicodeError) as problem:
            raise Temporary(f"{host} is not found: {problem}") from None
        fine = tuple(address for address in found if self.permits(host, address))
        if not fine:
            shown = ", ".join(map(str, found)) or "no address"
            raise Permanent(f"{host} ({shown}) is not public; an administrator can allow it by GATELINE_ALLOW_PRIVATE_ADDRESSES")
        return fine

    def permits(self, host: str, address: Address) -> bool:
        """Whether this address of `host` may be connected to."""
        return is_public(address) or any(_matches(pattern, host, address) for pattern in self.allowed)

    def connect(self, host: str, port: int) -> socket.socket:
        """A TCP connection to the first permitted address that answers. Raises Permanent and Temporary like `addresses`."""
        problem: OSError | None = None
        for address in self.addresses(host, port):
            try:
                return socket.create_connection((str(address), port), timeout=self.seconds)
            except OSError as refused:
                problem = refused
        raise Temporary(f"{host}:{port} cannot be reached: {problem}")

    def send(self, request: Request) -> Reply:
        """Asks once. Raises Permanent for a URL or address that may not be asked, or a longer answer; Temporary when nobody answers.

        No error shows the URL whole: paths of webhooks are secrets.
        """
        parts = _split(request)
        host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
        wire = self.connect(host, port)
        try:
            if parts.scheme == "https":
                context = self.tls or ssl.create_default_context()
                wire = context.wrap_socket(wire, server_hostname=host, do_handshake_on_connect=False)
            with _ended_after(wire, self.seconds):
                reply = _exchange(wire, parts, request)
        except ssl.SSLCertVerificationError as problem:
            raise Permanent(f"the certificate of {host} is not trusted: {problem.verify_message}") from None
        except (OSError, HTTPException) as problem:
            raise Temporary(f"{host}:{port} gave no answer: {str(problem) or type(problem).__name__}") from None
        finally:
            wire.close()
        if len(reply.body) > request.most:
            raise Permanent(f"the answer of {host} is longer than {request.most} bytes")
        return reply


ANYWHERE = Outward(("*",))
"""For what an administrator's own settings name."""


def _exchange(wire: socket.socket, parts: SplitResult, request: Request) -> Reply:
    if isinstance(wire, ssl.SSLSocket):
        wire.do_handshake()
    connection = HTTPConnection(parts.netloc)
    connection.sock = wire
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request(request.method, target, request.body, {"User-Agent": "gateline", **request.headers})
    answer = connection.getresponse()
    return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read(request.most + 1))


@contextmanager
def _ended_after(wire: socket.socket, seconds: float) -> Iterator[None]:
    """Ends the connection when the time is over: a peer that sends a byte now and then holds nobody. Raises TimeoutError then."""
    over = Event()

    def end() -> None:
        over.set()
        with suppress(OSError):
            socket.socket.shutdown(wire, socket.SHUT_RDWR)  # below TLS, which would wait for its peer

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if over.is_set():
        raise TimeoutError(f"it was not done within {seconds:g} s")


def _split(request: Request) -> SplitResult:
    if any(each.isspace() or not each.isascii() or not each.isprintable() for each in request.url):
        raise Permanent("a URL has neither blanks nor letters beyond ASCII: quote them")
    try:
        parts = urlsplit(request.url)
        fine = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise Permanent("this is not a URL") from None
    if parts.scheme not in request.schemes or not fine:
        raise Permanent(f"a URL that begins with {' or '.join(f'{each}://' for each in request.schemes)} and a host is needed")
    if parts.username is not None:
        raise Permanent(f"the URL for {parts.hostname} holds credentials before its `@`; they do not belong there")
    return parts


def _matches(pattern: str, host: str, address: Address) -> bool:
    try:
        return address in ip_network(pattern, strict=False)
    except ValueError:
        return fnmatchcase(host.lower(), pattern.lower())
