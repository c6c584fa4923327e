"""Integrations' values, encrypted at rest: visible only to the sources named, and optionally only to runs that an approval opened."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Row, delete, select, update

from app.errors import NotFound, Permanent, Refused
from app.store.around import secrets
from app.store.codec import adapter
from app.store.part import Part
from app.store.values import SecretRow

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


def _row_of(row: Row[Any]) -> SecretRow:
    return SecretRow(row.account, row.name, row.type, row.fields, row.sources, row.gated)


class Secrets(Part):
    _cipher: Cipher

    def put_secret(self, row: SecretRow, values: Mapping[str, str]) -> None:
        """Sets or replaces it. Raises Permanent without a key."""
        columns = {name: getattr(row, name) for name in ("account", "name", "type", "fields", "sources", "gated")}
        sealed = self._cipher.seal(row.account, row.name, values)
        with self.database.write() as transaction:
            transaction.upsert(secrets, [columns | {"sealed": sealed}])

    def secret_rows(self, account: str) -> tuple[SecretRow, ...]:
        """By name."""
        with self.database.read() as transaction:
            query = select(secrets).where(secrets.c.account == account).order_by(secrets.c.name)
            return tuple(_row_of(row) for row in transaction.rows(query))

    def reveal(self, account: str, name: str, source: str, gated: bool) -> Mapping[str, str]:
        """Its values. Raises Refused when `source` may not see it or the run is not `gated` as it must be, NotFound when there is
        none, Permanent when no key fits."""
        with self.database.read() as transaction:
            row = transaction.row(select(secrets).filter_by(account=account, name=name))
        if row is None:
            raise NotFound(f"{account} has no secret called {name}: set it with `gateline secret set`.")
        if source not in row.sources:
            raise Refused(f"The secret {name} is not visible to {source}: an administrator can name that source for it.")
        if row.gated and not gated:
            raise Refused(f"The secret {name} is given only to runs that an approval opened: the job needs a `gate`.")
        return self._cipher.open(account, name, row.sealed)

    def remove_secret(self, account: str, name: str) -> bool:
        with self.database.write() as transaction:
            return transaction.run(delete(secrets).filter_by(account=account, name=name)) == 1

    def rotate_secrets(self) -> int:
        """Encrypts everything anew under the newest key; returns how many. All or nothing: raises Permanent when one has no key."""
        with self.database.write() as transaction:
            transaction.lock("secrets")
            rows = transaction.rows(select(secrets).with_for_update())
            for row in rows:
                sealed = self._cipher.seal(row.account, row.name, self._cipher.open(row.account, row.name, row.sealed))
                this = update(secrets).filter_by(account=row.account, name=row.name)
                transaction.run(this.values(sealed=sealed))
        return len(rows)
