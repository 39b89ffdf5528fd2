"""Runs migrations on the connection that :class:`gridmask.store.database.Database` hands over."""

from alembic import context

from gridmask.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
