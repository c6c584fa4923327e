"""Locks and tries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("edges", schema=None) as batch_op:
        batch_op.alter_column("direction", existing_type=sa.String(length=3), type_=sa.String(length=4), existing_nullable=False)
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("due", sa.Double(), nullable=True))
        batch_op.create_index(batch_op.f("ix_runs_due"), ["due"], unique=False)
