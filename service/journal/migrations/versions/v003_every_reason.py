"""Every coded reason of an override, where the first alone was kept."""

import json

import sqlalchemy as sa
from alembic import op

revision = "003"
down_revision: str | None = "002"

_FEEDBACK = sa.table(
    "feedback",
    sa.column("id", sa.Integer),
    sa.column("reason_code", sa.Text),
    sa.column("reason_system", sa.Text),
    sa.column("reasons", sa.Text),
)
_OF_ENTRY = _FEEDBACK.c.id == sa.bindparam("entry")


def upgrade() -> None:
    """Makes a list of what was one reason."""
    op.add_column("feedback", sa.Column("reasons", sa.Text, nullable=False, server_default="[]"))
    connection = op.get_bind()
    chosen = sa.select(_FEEDBACK.c.id, _FEEDBACK.c.reason_code, _FEEDBACK.c.reason_system)
    rows = connection.execute(chosen.where(_FEEDBACK.c.reason_code.is_not(None))).all()
    for entry, code, system in rows:
        listed = json.dumps([[code, system or ""]], ensure_ascii=False, separators=(",", ":"))
        connection.execute(sa.update(_FEEDBACK).where(_OF_ENTRY).values(reasons=listed), {"entry": entry})
    op.drop_column("feedback", "reason_code")
    op.drop_column("feedback", "reason_system")


def downgrade() -> None:
    """Keeps the first reason."""
    op.add_column("feedback", sa.Column("reason_code", sa.Text))
    op.add_column("feedback", sa.Column("reason_system", sa.Text))
    connection = op.get_bind()
    for entry, reasons in connection.execute(sa.select(_FEEDBACK.c.id, _FEEDBACK.c.reasons)).all():
        for code, system in json.loads(reasons)[:1]:
            first = {"reason_code": code, "reason_system": system or None}
            connection.execute(sa.update(_FEEDBACK).where(_OF_ENTRY).values(**first), {"entry": entry})
    op.drop_column("feedback", "reasons")
