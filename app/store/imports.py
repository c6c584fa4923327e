"""Texts that workflow files import from elsewhere, as they were when they were fetched: a configuration is pinned to them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select

from app.store.around import imports
from app.store.part import Part


class Imports(Part):
    def imports(self, source: str, commit: str) -> Mapping[str, str]:
        """URL -> text, as pinned for a source's files at a commit."""
        with self.database.read() as transaction:
            rows = transaction.rows(select(imports.c.url, imports.c.text).where(imports.c.source == source, imports.c.commit == commit))
            return {row.url: row.text for row in rows}

    def pin_imports(self, source: str, commit: str, texts: Mapping[str, str], keep: str) -> Mapping[str, str]:
        """Pins `texts` (URL -> text) to a commit for ever and returns what is pinned: of two attempts the first counts.

        Those of other commits but `keep`, the adopted one, are dropped.
        """
        rows = [{"source": source, "commit": commit, "url": url, "text": text} for url, text in texts.items()]
        with self.database.write() as transaction:
            transaction.run(delete(imports).where(imports.c.source == source, imports.c.commit.not_in((commit, keep))))
            transaction.add_missing(imports, rows)
        return self.imports(source, commit)
