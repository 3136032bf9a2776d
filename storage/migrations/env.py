"""What Alembic runs: the migrations, on the connection that storage.migrate hands over."""

from alembic import context

from storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
# The transaction belongs to storage.migrate, so that the lock covers all of it.
context.run_migrations()
