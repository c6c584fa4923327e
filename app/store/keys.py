"""RSA key pairs of repositories and accounts, for `secure:` texts (spec/workflow-language.md section 7); private keys encrypted at rest.

A text is base64 of blocks of 256 bytes, RSA-OAEP with SHA-1, which is what `openssl` and the original take `oaep` to mean.
"""

from __future__ import annotations

from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from sqlalchemy import select

from app.errors import Refused
from app.store.around import keys
from app.store.cipher import Cipher
from app.store.part import Part
from app.workflow.secure import BLOCK, ciphertext

_PADDING = OAEP(MGF1(SHA1()), SHA1(), None)  # noqa: S303 - the format's own: collisions do not matter to OAEP
_MOST = BLOCK - 2 * SHA1.digest_size - 2
"""Bytes of text in a block."""


def key_name(repository: str) -> str:
    """What a private key is sealed as."""
    return f"RSA key of {repository}"


def encrypt(public: str, text: str) -> str:
    """What stands behind `secure:`."""
    key = load_pem_public_key(public.encode())
    assert isinstance(key, RSAPublicKey)  # noqa: S101 - for the type checker: no other kind is ever stored
    raw = text.encode()
    blocks = [key.encrypt(raw[at : at + _MOST], _PADDING) for at in range(0, len(raw), _MOST)]
    return b64encode(b"".join(blocks)).decode()


def _new() -> RSAPrivateKey:
    return generate_private_key(65537, BLOCK * 8)


class Keys(Part):
    """`repository` is a forge-qualified id, "" for the account's own key."""

    _cipher: Cipher

    def key(self, account: str, repository: str) -> str:
        """The public key (PEM); made when there is none yet. Raises Permanent without a key to seal it with."""
        found = self._public(account, repository)
        if not found:
            row = self._row(account, repository, _new())
            with self.database.write() as transaction:
                transaction.add_missing(keys, [row | {"made": transaction.now}])
            found = self._public(account, repository)  # of two who made one at once, one is kept
        return found

    def reset_key(self, account: str, repository: str) -> str:
        """A new pair: what was encrypted with the old one cannot be read any more. Returns the public key."""
        return self._put(account, repository, _new())

    def import_key(self, account: str, repository: str, pem: bytes) -> str:
        """A private key from elsewhere, so that what was encrypted for it can be read. Raises Refused when it is none."""
        try:
            private = load_pem_private_key(pem, None)
        except (ValueError, TypeError):
            raise Refused("This is no private key in PEM without a passphrase (`-----BEGIN RSA PRIVATE KEY-----` …).") from None
        if not isinstance(private, RSAPrivateKey) or private.key_size != BLOCK * 8:
            raise Refused(f"This is no RSA key of {BLOCK * 8} bits, which is what `secure` texts are encrypted with.")
        return self._put(account, repository, private)

    def unseal(self, account: str, repository: str, text: str) -> str:
        """What was encrypted: with the key of `repository`, else with the account's. Raises Refused when neither fits."""
        try:
            blocks = ciphertext(text)
        except ValueError as problem:
            raise Refused(f"a `secure` text cannot be read: {problem}; make it with `gateline encrypt`") from None
        for owner in dict.fromkeys((repository, "")):
            plain = self._decrypted(account, owner, blocks)
            if plain is not None:
                return plain
        raise Refused(
            "a `secure` text fits neither the key of this repository nor the account's: encrypt its values again with `gateline "
            "encrypt`, or bring the private key that it was made for with `gateline key import`"
        )

    def _put(self, account: str, repository: str, private: RSAPrivateKey) -> str:
        row = self._row(account, repository, private)
        with self.database.write() as transaction:
            transaction.upsert(keys, [row | {"made": transaction.now}])
        return str(row["public"])

    def _row(self, account: str, repository: str, private: RSAPrivateKey) -> dict[str, object]:
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        sealed = self._cipher.seal(account, key_name(repository), {"private": pem})
        return {"account": account, "repository": repository, "public": public, "sealed": sealed}

    def _public(self, account: str, repository: str) -> str:
        with self.database.read() as transaction:
            row = transaction.row(select(keys.c.public).filter_by(account=account, repository=repository))
        return str(row.public) if row else ""

    def _decrypted(self, account: str, repository: str, blocks: bytes) -> str | None:
        with self.database.read() as transaction:
            row = transaction.row(select(keys.c.sealed).filter_by(account=account, repository=repository))
        if row is None:
            return None
        pem = self._cipher.open(account, key_name(repository), row.sealed)["private"]
        key = load_pem_private_key(pem.encode(), None)
        assert isinstance(key, RSAPrivateKey)  # noqa: S101 - for the type checker: no other kind is ever stored
        try:
            return b"".join(key.decrypt(blocks[at : at + BLOCK], _PADDING) for at in range(0, len(blocks), BLOCK)).decode()
        except ValueError:
            return None
