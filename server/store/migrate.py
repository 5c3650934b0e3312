"""Runs the Alembic migrations in `migrations/` on a connection that already holds the lock."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from server.errors import ConfigError
from server.store.schema import REVISION

_FOLDER = Path(__file__).parent / "migrations"


def settings() -> Config:
    """Alembic's configuration, which needs no file."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(connection: Connection) -> None:
    """Bring the schema to the newest revision. Raises ConfigError when it is from a newer Cellback."""
    config = settings()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, REVISION)
    except CommandError as error:
        raise ConfigError(
            [
                "The ledger was written by a newer Cellback than this one. Update Cellback, "
                "or point DATABASE_URL to another ledger."
            ]
        ) from error


def newest() -> str | None:
    """The newest revision in the folder."""
    return ScriptDirectory.from_config(settings()).get_current_head()
