"""What Alembic runs: the steps that are due, on the connection that the store gives, inside its transaction."""

from alembic import context

from service.journal.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
