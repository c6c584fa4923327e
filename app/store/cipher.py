"""Encryption at rest: what is sealed under GATELINE_SECRET_KEY, whose keys rotate."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import Permanent
from app.store.codec import adapter

_CONTEXT = b"gateline secrets at rest, version 1"


class Cipher:
    """Encrypts with the first of `keys` (any texts), decrypts with all of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derived(key)) for key in keys]) if keys else None

    def seal(self, account: str, name: str, values: Mapping[str, str]) -> bytes:
        """The row's own name is sealed too, so that one row's content cannot be passed off as another's."""
        return self._keys().encrypt(adapter(dict[str, Any]).dump_json({"of": [account, name], "values": dict(values)}))

    def open(self, account: str, name: str, sealed: bytes) -> dict[str, str]:
        """Raises Permanent when none of the keys fits."""
        try:
            content = adapter(dict[str, Any]).validate_json(self._keys().decrypt(sealed))
        except InvalidToken:
            raise Permanent(
                f"The secret {name} of {account} cannot be decrypted: none of the keys in GATELINE_SECRET_KEY is the one "
                "it was encrypted with. Add the old key behind the new one, separated by a comma."
            ) from None
        if content["of"] != [account, name]:
            raise Permanent(f"The secret {name} of {account} holds what was sealed for another one: set it again.")
        return adapter(dict[str, str]).validate_python(content["values"])  # type: ignore[no-any-return]

    def _keys(self) -> MultiFernet:
        if self._fernet is None:
            raise Permanent("Secrets need a key: set GATELINE_SECRET_KEY (or GATELINE_SECRET_KEY_FILE) to a long random text.")
        return self._fernet


def _derived(key: str) -> bytes:
    return urlsafe_b64encode(HKDF(SHA256(), 32, salt=None, info=_CONTEXT).derive(key.encode()))
