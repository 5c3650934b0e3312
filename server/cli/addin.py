"""`addin`: writes the Excel add-in's manifests for one backend, and installs Microsoft's library for signing in."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from server.cli.addon import checked
from server.config import load_settings
from server.errors import InvalidInput
from server.web.excel_pane import ADDIN, MSAL_DIGEST, MSAL_FILE, MSAL_VERSION, msal_folder, resource

MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"
XML, JSON, PACKAGE = "manifest.xml", "manifest.json", "cellback-excel.zip"
STAMP = (1980, 1, 1, 0, 0, 0)
"""Time of every file in the package: the same input makes the same bytes."""

CLIENT_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MOST_BYTES = 2 * 1024 * 1024
IN_TARBALL = {f"package/lib/{MSAL_FILE}": MSAL_FILE, "package/LICENSE": "LICENSE"}


def addin(out: Path, backend: str, msal: Path | None) -> int:
    """Write the manifests for that backend (default: PUBLIC_BASE_URL) into the folder, install MSAL.js if it is given
    (the package from npm, as a file), and say how to go on.

    Raises InvalidInput and ConfigError.
    """
    settings = load_settings()
    written = write(out, backend or settings.public_base_url, settings.msgraph_client_id)
    if msal is not None:
        written.append(install(msal, msal_folder(settings.data_dir)))
    for path in written:
        sys.stderr.write(f"{path}\n")
    if not settings.msgraph_client_id:
        sys.stderr.write("MSGRAPH_CLIENT_ID is not set: nobody can sign in yet.\n")
    if not (msal_folder(settings.data_dir) / MSAL_FILE).exists():
        package = f"npm pack @azure/msal-browser@{MSAL_VERSION}"
        again = f"this command again with --msal azure-msal-browser-{MSAL_VERSION}.tgz"
        sys.stderr.write(f"MSAL.js is not installed, so only Office’s older sign-in works: {package}, then {again}.\n")
    sys.stderr.write(f"Next: give Excel {out / XML}. docs/excel.md has all steps.\n")
    return 0


def write(out: Path, backend: str, client_id: str = "") -> list[Path]:
    """The manifests for that address, in both forms. Raises InvalidInput.

    Excel wants HTTPS even for this machine's own address.
    """
    address = checked(backend, "Excel", local=False)
    if client_id and not CLIENT_ID.fullmatch(client_id):
        raise InvalidInput(f"MSGRAPH_CLIENT_ID: “{client_id}” is no application id of Microsoft Entra.")
    words = {
        "backend": address,
        "host": urlsplit(address).netloc,
        "client_id": client_id,
        "resource": resource(address, client_id),
    }
    templates = Environment(
        loader=FileSystemLoader(MANIFESTS), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in (XML, JSON):
            (out / name).write_text(templates.get_template(name).render(words), encoding="utf-8")
        _package(out)
    except OSError as error:
        raise InvalidInput(f"{out} can't be written ({error.strerror}). Name another folder.") from error
    return [out / XML, out / JSON, out / PACKAGE]


def install(tarball: Path, folder: Path) -> Path:
    """Take MSAL.js and its licence out of the package from npm, if it is the very build that the pane runs.

    Raises InvalidInput.
    """
    try:
        found = _unpacked(tarball)
    except (OSError, tarfile.TarError, EOFError) as error:
        raise InvalidInput(f"{tarball} can't be read as a package from npm ({error}).", field="msal") from error
    script = found.get(MSAL_FILE, b"")
    digest = base64.b64encode(hashlib.sha384(script).digest()).decode()
    if f"sha384-{digest}" != MSAL_DIGEST:
        raise InvalidInput(
            f"{tarball} is not @azure/msal-browser {MSAL_VERSION} as Microsoft published it. Fetch it with "
            f"npm pack @azure/msal-browser@{MSAL_VERSION}",
            field="msal",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, content in found.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise InvalidInput(f"{folder} can't be written ({error.strerror}).") from error
    return folder / MSAL_FILE


def _unpacked(tarball: Path) -> dict[str, bytes]:
    found = {}
    with tarfile.open(tarball, "r:gz") as archive:
        for member in archive:
            name = IN_TARBALL.get(member.name)
            content = archive.extractfile(member) if name and member.isfile() and member.size <= MOST_BYTES else None
            if name and content is not None:
                found[name] = content.read()
    return found


def _package(out: Path) -> None:
    """The unified manifest with its icons, as Microsoft 365 takes it in."""
    files = {
        JSON: out / JSON,
        "color.png": ADDIN / "icons" / "color-192.png",
        "outline.png": ADDIN / "icons" / "outline-32.png",
    }
    with zipfile.ZipFile(out / PACKAGE, "w", zipfile.ZIP_DEFLATED) as package:
        for name, path in files.items():
            package.writestr(zipfile.ZipInfo(name, STAMP), path.read_bytes(), zipfile.ZIP_DEFLATED)
