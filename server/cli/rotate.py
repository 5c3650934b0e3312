"""`rotate-key`: everything that is sealed gets the new secret key, and the former one is not needed any more."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from server.config import Settings, load_settings
from server.errors import ConfigError, Conflict
from server.services import build


def rotate_key() -> int:
    """Seal the ledger and the local mailbox anew. Raises Conflict when Cellback runs with a kept key, ConfigError."""
    settings = load_settings()
    kept = settings.secret_key is None
    if kept:
        _new_key_in_file(settings)
    elif not settings.old_secrets():
        raise ConfigError(
            [
                "There is no former key to replace. Put a new text in CELLBACK_SECRET_KEY and the present one in "
                "CELLBACK_OLD_SECRET_KEYS, restart Cellback everywhere, then run this again."
            ]
        )
    services = build(settings)
    try:
        renewed = services.renew_keys(lambda done: sys.stderr.write(f"{done} records sealed anew\n"))
    finally:
        services.close()
    if kept:
        _write(settings.key_file, [settings.secret()])
    end = "The key file holds the new key only." if kept else "CELLBACK_OLD_SECRET_KEYS can be taken away now."
    sys.stderr.write(f"All is sealed with the new key ({renewed} records now). {end}\n")
    return 0


def _new_key_in_file(settings: Settings) -> None:
    """A new key in front of the kept one, unless an earlier run that was broken off put it there."""
    from server.local.supervisor import running

    if running(settings) is not None:
        raise Conflict("Cellback is running with the present key. Stop it (Ctrl+C where it was started), then repeat.")
    if not settings.old_secrets():
        _write(settings.key_file, [secrets.token_urlsafe(48), settings.secret()])


def _write(path: Path, keys: list[str]) -> None:
    """All or nothing, and on the disk before anything is sealed with it: a key that is lost can't be had again."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write("\n".join(keys))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
