"""What every part of the store is built on."""

from __future__ import annotations

from app.store.engine import Database


class Part:
    """A group of the store's methods. All of them are short transactions of their own."""

    database: Database
