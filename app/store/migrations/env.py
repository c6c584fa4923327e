"""Alembic's environment: migrates on the connection that the store hands over (`app/store/schema.py`)."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from app.store import around, happened, local, tables

TABLES = (tables, happened, around, local)
"""Importing them is what fills the metadata."""


def render(kind: str, item: Any, autogenerate_context: Any) -> str | Literal[False]:  # noqa: ARG001 - Alembic's signature
    """Our column types are text to the database: a migration must not depend on what the program makes of it later."""
    return "sa.Text()" if kind == "type" and isinstance(item, TypeDecorator) else False


def migrate() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=tables.metadata,
        render_item=render,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


migrate()
