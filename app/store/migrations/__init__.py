"""Revisions of the schema, by Alembic; `app/store/revise.py` writes them."""
