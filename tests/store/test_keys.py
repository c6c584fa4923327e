"""RSA key pairs of `secure:` texts: made once, tried in order, encrypted at rest (spec/workflow-language.md section 7)."""

from __future__ import annotations

import subprocess
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_curve_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from sqlalchemy import select

from app.errors import Permanent, Refused
from app.store import Store
from app.store.around import keys
from app.store.keys import encrypt
from tests.store.making import ACCOUNT, REPOSITORY

WithKeys = Callable[..., Store]
TEXT = 'TOKEN=correct-horse K2="v 2"'


@pytest.fixture
def with_keys(database_url: str, tmp_path: Path) -> Iterator[WithKeys]:
    """Opens the one database with these keys, newest first."""
    with ExitStack() as opened:
        yield lambda *keys: opened.enter_context(closing(Store(database_url, tmp_path, keys)))


def pem(bits: int = 2048, form: PrivateFormat = PrivateFormat.TraditionalOpenSSL, secret: bytes = b"") -> bytes:
    encryption = BestAvailableEncryption(secret) if secret else NoEncryption()
    return generate_private_key(65537, bits).private_bytes(Encoding.PEM, form, encryption)


def test_a_key_is_made_once_and_reads_what_it_encrypted(store: Store) -> None:
    public = store.key(ACCOUNT, REPOSITORY)
    assert public.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert store.key(ACCOUNT, REPOSITORY) == public != store.key(ACCOUNT, "")
    secure = encrypt(public, TEXT)
    assert len(secure) == 344
    assert store.unseal(ACCOUNT, REPOSITORY, secure) == TEXT


def test_a_long_text_takes_several_blocks(store: Store) -> None:
    long = f"A={'é' * 500}"
    secure = encrypt(store.key(ACCOUNT, ""), long)
    assert len(b64decode(secure)) == 5 * 256
    assert store.unseal(ACCOUNT, "", secure) == long


def test_the_repositorys_key_is_tried_first_then_the_accounts_and_no_others(store: Store) -> None:
    of_repository, of_account = (encrypt(store.key(ACCOUNT, each), TEXT) for each in (REPOSITORY, ""))
    assert store.unseal(ACCOUNT, REPOSITORY, of_account) == TEXT
    for account, repository in ((ACCOUNT, "github:8"), (ACCOUNT, ""), ("github:other", REPOSITORY)):
        with pytest.raises(Refused, match="fits neither the key of this repository nor the account's"):
            store.unseal(account, repository, of_repository)


def test_a_reset_makes_all_that_was_encrypted_unreadable(store: Store) -> None:
    before = store.key(ACCOUNT, "")
    secure = encrypt(before, TEXT)
    assert store.reset_key(ACCOUNT, "") == store.key(ACCOUNT, "") != before
    with pytest.raises(Refused, match="encrypt its values again"):
        store.unseal(ACCOUNT, "", secure)


@pytest.mark.parametrize("form", [PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8])
def test_a_private_key_from_elsewhere_reads_what_openssl_encrypted_for_it(store: Store, tmp_path: Path, form: PrivateFormat) -> None:
    private = pem(form=form)
    (tmp_path / "key").write_bytes(private)
    command = ["openssl", "pkeyutl", "-encrypt", "-inkey", str(tmp_path / "key"), "-pkeyopt", "rsa_padding_mode:oaep"]
    sealed = subprocess.run([*command], input=TEXT.encode(), stdout=subprocess.PIPE, check=True).stdout
    folded = subprocess.run(["base64"], input=sealed, stdout=subprocess.PIPE, check=True).stdout.decode()
    store.import_key(ACCOUNT, REPOSITORY, private)
    assert store.unseal(ACCOUNT, REPOSITORY, folded) == TEXT


def test_what_is_no_rsa_key_of_2048_bits_is_refused(store: Store) -> None:
    curve = generate_curve_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for wrong, sentence in ((b"hush", "no private key"), (pem(secret=b"x"), "passphrase"), (pem(1024), "2048 bits"), (curve, "2048 bits")):
        with pytest.raises(Refused, match=sentence) as refusal:
            store.import_key(ACCOUNT, "", wrong)
        assert "hush" not in str(refusal.value)


def test_what_is_no_ciphertext_is_refused_with_what_to_type(store: Store) -> None:
    with pytest.raises(Refused, match="no whole number of blocks of 256; make it with `gateline encrypt`"):
        store.unseal(ACCOUNT, "", "AAAA")


def test_private_keys_are_encrypted_at_rest_and_rotate_with_the_secrets(with_keys: WithKeys) -> None:
    secure = encrypt(with_keys("old").key(ACCOUNT, ""), TEXT)
    both = with_keys("new", "old")
    with both.database.read() as transaction:
        assert "PRIVATE" not in str(transaction.rows(select(keys)))
    assert both.rotate_secrets() == 1
    assert with_keys("new").unseal(ACCOUNT, "", secure) == TEXT
    with pytest.raises(Permanent, match="none of the keys in GATELINE_SECRET_KEY"):
        with_keys("old").unseal(ACCOUNT, "", secure)


def test_no_key_is_made_where_nothing_could_seal_it(with_keys: WithKeys) -> None:
    with pytest.raises(Permanent, match="GATELINE_SECRET_KEY"):
        with_keys().key(ACCOUNT, "")
