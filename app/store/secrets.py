"""Integrations' values, encrypted at rest: visible only to the sources named, and optionally only to runs that an approval opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Row, Table, delete, select, update

from app.errors import NotFound, Refused
from app.store.around import keys, secrets
from app.store.cipher import Cipher
from app.store.engine import Transaction
from app.store.keys import key_name
from app.store.part import Part
from app.store.values import SecretRow


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
        """Encrypts all anew under the newest key, RSA keys too; returns how many. All or nothing: raises Permanent when one has no key."""
        with self.database.write() as transaction:
            transaction.lock("secrets")
            rotated = self._rotate(transaction, secrets, lambda row: str(row.name))
            return rotated + self._rotate(transaction, keys, lambda row: key_name(row.repository))

    def _rotate(self, transaction: Transaction, table: Table, name_of: Callable[[Row[Any]], str]) -> int:
        rows = transaction.rows(select(table).with_for_update())
        for row in rows:
            name = name_of(row)
            sealed = self._cipher.seal(row.account, name, self._cipher.open(row.account, name, row.sealed))
            this = [column == getattr(row, column.name) for column in table.primary_key]
            transaction.run(update(table).where(*this).values(sealed=sealed))
        return len(rows)
