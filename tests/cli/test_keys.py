"""`gateline encrypt`, `decrypt` and `key` (features 167 and 168 of the contract)."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.cli.machine import ACCOUNT, Machine


def test_what_is_encrypted_for_a_repository_is_decrypted_with_its_key_and_noted(line: Machine) -> None:
    done = line.types("encrypt", "--repo", "Acme/App", answers='A=1 B="two words"\n')
    assert done.exit_code == 0
    label, secure = done.stdout.split()
    assert (label, len(secure)) == ("secure:", 344)
    assert line.types("decrypt", done.stdout, "--repo", "local:acme/app").stdout == 'A=1 B="two words"\n'
    assert [(entry.action, entry.subject) for entry in line.store.audit(ACCOUNT)][:1] == [("decrypt", "local:acme/app")]
    refused = line.types("decrypt", secure)
    assert (refused.exit_code, "fits neither" in refused.stderr) == (1, True)


def test_without_a_repository_it_is_the_accounts_key(line: Machine) -> None:
    secure = line.json("encrypt", "A=1")["secure"]
    assert line.types("decrypt", "-", answers=secure).stdout == "A=1\n"
    assert line.types("decrypt", "--repo", "acme/app", answers=secure).stdout == "A=1\n"


@pytest.mark.parametrize("text", ["hush", 'A="hush', " "])
def test_what_could_not_be_read_again_is_not_encrypted_nor_echoed(line: Machine, text: str) -> None:
    done = line.types("encrypt", text, answers="")
    assert done.exit_code == 2
    assert "hush" not in done.output


def test_a_repository_that_is_no_source_is_answered_with_those_there_are(line: Machine) -> None:
    done = line.types("encrypt", "A=1", "--repo", "acme/other")
    assert (done.exit_code, done.stderr) == (1, "Error: acme/other is the repository of no source; there are acme/app.\n")


def test_a_key_is_shown_reset_only_when_asked_and_imported(line: Machine, tmp_path: Path) -> None:
    public = line.json("key", "show")["public"]
    assert line.types("key", "reset", answers="n\n").exit_code == 1
    assert line.json("key", "show")["public"] == public
    assert line.json("key", "reset", "--yes")["public"] != public
    private = generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (tmp_path / "key.pem").write_bytes(private)
    done = line.types("key", "import", str(tmp_path / "key.pem"), "--repo", "acme/app")
    assert done.stdout.startswith("-----BEGIN PUBLIC KEY-----")
    assert "PRIVATE" not in done.output
    assert [entry.action for entry in line.store.audit(ACCOUNT)][:2] == ["key import", "key reset"]
