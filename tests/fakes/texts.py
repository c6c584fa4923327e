"""A small HTTPS server on the loopback that hands out texts, with a certificate of its own for `texts.example`."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.outward import Address, Outward

HOST = "texts.example"
LOOPBACK = "127.0.0.1"


@dataclass
class Texts:
    """`answers`: path -> status, headers and body. `asked`: the paths that were asked for, in order."""

    port: int
    certificate: str
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def says(self, path: str, text: str | bytes, status: int = 200, **headers: str) -> str:
        """What is answered from now on; returns the URL."""
        self.answers[path] = (status, headers, text if isinstance(text, bytes) else text.encode())
        return f"https://{HOST}:{self.port}{path}"

    def outward(self, allowed: tuple[str, ...] = (LOOPBACK,)) -> Outward:
        """Finds every host here, and trusts the certificate."""
        here: tuple[Address, ...] = (ip_address(LOOPBACK),)
        return Outward(allowed, lambda _host, _port: here, ssl.create_default_context(cadata=self.certificate))


@contextmanager
def serving(folder: Path) -> Iterator[Texts]:
    certificate, key = _certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            texts.asked.append(self.path)
            status, headers, body = texts.answers.get(self.path, (404, {}, b"no such text"))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Keeps quiet."""

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        texts = Texts(server.server_address[1], certificate.read_text())
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield texts
        finally:
            server.shutdown()
            thread.join()


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate, private
