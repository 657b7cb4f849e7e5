"""When the next epoch is due, by the cadence that the root document signs; 0 where nobody wrote it down."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("epochs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_at", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("late_from", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("epochs", schema=None) as batch_op:
        batch_op.drop_column("late_from")
        batch_op.drop_column("due_at")
