"""Draft a migration from the difference between the models and a freshly migrated scratch database.

``make migration NAME="What it adds"``. Read the draft before you keep it.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from accounts.database import engine_for
from demo import postgres
from portal import tables  # noqa: F401 - the models to compare with
from portal.migrations import alembic_config, newest


def main(name: str) -> None:
    """Write ``migrations/versions/NNNN_name.py``."""
    number = int(newest() or 0) + 1
    with tempfile.TemporaryDirectory(prefix="ventanilla-migration-") as folder:
        server = postgres.start(Path(folder), durable=False)
        try:
            postgres.create_database(server, "scratch")
            engine = engine_for(server.owner_url("scratch"))
            with engine.connect() as connection:
                command.upgrade(alembic_config(connection), "head")  # without rights: new tables are not there yet
                connection.commit()
                command.revision(alembic_config(connection), name, autogenerate=True, rev_id=f"{number:04d}")
            engine.dispose()
        finally:
            server.stop()
    script = ScriptDirectory.from_config(alembic_config()).get_revision(f"{number:04d}")
    sys.stdout.write(f"{Path(script.path).name}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not re.search(r"\w", sys.argv[1]):
        sys.exit(__doc__)
    main(sys.argv[1])
