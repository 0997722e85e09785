"""Used tokens, for services on several machines."""

import sqlalchemy as sa
from alembic import op

revision = "002"
down_revision: str | None = "001"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "used_tokens",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("until", sa.Double, nullable=False, index=True),
    )


def downgrade() -> None:
    """Drops the table."""
    op.drop_table("used_tokens")
