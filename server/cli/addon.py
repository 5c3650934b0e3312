"""`addon`: writes the Google Sheets add-on into a folder, ready to be pushed, with the backend's address in it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from server.config import load_settings
from server.errors import InvalidInput

ADDON = Path(__file__).resolve().parents[2] / "sheets_addon"
SUFFIXES = {".gs", ".html", ".json"}
PLACEHOLDER = "https://cellback.example.org"
HINT = "Hint.gs"
HINT_SCOPES = ("script.external_request", "script.scriptapp")
"""What only the hints need: people are asked for it only where they are wanted."""

ADDRESS = re.compile(r"[A-Za-z0-9.:\[\]/_~-]+")


def addon(folder: Path, backend: str, *, hint: bool) -> int:
    """Write the add-on for that backend (default: PUBLIC_BASE_URL) into the folder, and say how to go on.

    `hint`: with the trigger that tells of changes. Raises InvalidInput and ConfigError.
    """
    settings = load_settings()
    for path in write(folder, backend or settings.public_base_url, hint=hint):
        sys.stderr.write(f"{path}\n")
    new = not (folder / ".clasp.json").exists()
    # `create-script` fetches the new project's empty manifest over ours: then this command has to come once more.
    first = "`clasp create-script --type standalone --title Cellback` in it, then this command again" if new else ""
    sys.stderr.write(f"Next: {first or '`clasp push --force` in this folder'}. docs/google-sheets.md has all steps.\n")
    return 0


def write(folder: Path, backend: str, *, hint: bool = False, source: Path = ADDON) -> list[Path]:
    """Copy the add-on with that address in it; what else lies in the folder (`.clasp.json`) stays. Raises InvalidInput.

    Google shows the sidebar on an HTTPS page, which loads nothing over HTTP; this machine's own address is good for
    the stage only.
    """
    address = checked(backend)
    if not source.is_dir():
        raise InvalidInput(f"The add-on's files are not in {source}. Run this where Cellback's sources are.")
    files = {path.name: path.read_text(encoding="utf-8") for path in source.iterdir() if path.suffix in SUFFIXES}
    files["Config.gs"] = files["Config.gs"].replace(PLACEHOLDER, address)
    if hint:
        files["appsscript.json"] = _with_hint(files["appsscript.json"], address)
    else:
        files.pop(HINT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / HINT).unlink(missing_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{folder} can't be written ({error.strerror}). Name another folder.") from error
    return [folder / name for name in sorted(files)]


def _with_hint(manifest: str, address: str) -> str:
    found = json.loads(manifest)
    found["oauthScopes"] += [f"https://www.googleapis.com/auth/{scope}" for scope in HINT_SCOPES]
    found["urlFetchWhitelist"] = [f"{address}/"]
    return json.dumps(found, indent=2) + "\n"


def checked(backend: str, reader: str = "Google's sidebar", *, local: bool = True) -> str:
    """The address without a slash at its end; `local`: whether that may be this machine's own over plain HTTP.

    Raises InvalidInput when the reader could not use it.
    """
    if not backend:
        raise InvalidInput(
            "Where is Cellback reached? Set PUBLIC_BASE_URL, or give --backend https://…", field="backend"
        )
    try:
        parts = urlsplit(backend)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if not ADDRESS.fullmatch(backend) or not host or parts.query or parts.fragment:
        raise InvalidInput(f"“{backend}” is no address such as {PLACEHOLDER}.", field="backend")
    ours = local and host in {"127.0.0.1", "localhost", "::1"}
    if parts.scheme != "https" and not (ours and parts.scheme == "http"):
        raise InvalidInput(f"{backend} must begin with https://: {reader} loads nothing else.", field="backend")
    return backend.rstrip("/")
