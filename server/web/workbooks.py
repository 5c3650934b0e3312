"""Which workbooks the web may open, and taking in one that is dropped on the desk."""

from __future__ import annotations

import io
import itertools
import re
import shutil
from contextlib import suppress
from pathlib import Path, PurePath

from flask import Response, send_file
from flask_openapi3.models.file import FileStorage
from pydantic import ConfigDict, Field

from server.errors import InvalidInput, NotFound, TemporaryError
from server.flow import keying
from server.google_access import spreadsheet_id
from server.ports import Sheet
from server.services import import_file
from server.sheets import files
from server.sheets.xlsx import XlsxSheet
from server.web.app import WebApp, here
from server.web.routes import blueprint
from server.web.schemas import Done, Model, Opened, SheetPath
from server.web.sessions import bound_workbook

routes = blueprint("workbooks", "The live sheet")


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

SUFFIXES = (".xlsx", ".xlsm", ".csv")


class Upload(Model):
    """The file, as a browser posts it."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    file: FileStorage = Field(description=".xlsx, .xlsm or .csv, up to 50 MB")


@routes.post("/api/workbooks", responses={200: Opened})
def open_workbook(form: Upload) -> Opened:
    """Take in a workbook and open it; one that can't be opened is not kept"""
    web = here()
    path = _save(form.file, web.settings.data_dir / "workbooks")
    try:
        workbook, note = import_file(path)
        sheet = web.services.open_sheet(str(workbook))
        web.tables.read(sheet)
    except BaseException:
        shutil.rmtree(path.parent)
        raise
    web.services.set_default_workbook(sheet.workbook)
    return Opened(workbook=sheet.workbook, sheet=sheet.name, file_name=Path(sheet.workbook).name, note=note)


@routes.get("/api/workbooks/file", responses={200: {"content": {XLSX: {}}}})
def take_out(query: SheetPath) -> Response:
    """The workbook's file as it is now"""
    sheet = open_sheet(query.workbook, query.sheet)
    if not isinstance(sheet, XlsxSheet):
        raise InvalidInput("This is a spreadsheet on the web: download it from there.", field="workbook")
    data, _ = files.load(sheet.path)
    return send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=sheet.path.name)


@routes.post("/api/rows/keys", responses={200: Done})
def give_keys(body: SheetPath) -> Done:
    """Give every row a key that has none, so that a host can name the selected or visible ones; how many got one"""
    web, sheet = here(), open_sheet(body.workbook, body.sheet)
    given = keying.give_keys(sheet)
    if given:
        web.tables.read(sheet)
    return Done(changed=given)


def open_sheet(workbook: str, sheet: str) -> Sheet:
    """The sheet that is meant; without a workbook, the one opened at start.

    Only what was opened here before, and spreadsheets where there is an account to open them with: the token is no
    licence to read any file of this machine, nor to call any address. A sidebar's session opens its own spreadsheet
    and no other. Raises NotFound.
    """
    web = here()
    if bound := bound_workbook():
        if workbook not in {"", bound}:
            raise NotFound("This panel may only work on the workbook it was opened in.")
        workbook = bound
    workbook = workbook or default_workbook(web)
    if not workbook:
        raise NotFound("No workbook is open yet. Drop one on the desk.")
    if "\0" in workbook or not _known(web, workbook):
        raise NotFound(
            f"“{Path(workbook).name}” has not been opened here. Drop it on the desk, "
            "or name it when you start: python -m server serve FILE."
        )
    opened = web.services.open_sheet(workbook, sheet)
    of_sheet = web.services.ledger.campaigns.of_sheet(opened.workbook, opened.name)
    header_row = next((campaign.header_row for campaign in of_sheet if campaign.header_row), None)
    return web.services.open_sheet(workbook, sheet, header_row) if header_row else opened


def default_workbook(web: WebApp) -> str:
    """What the desk shows when no workbook is named; "" when none was opened yet."""
    try:
        return web.services.default_workbook
    except NotFound:
        return ""


def _known(web: WebApp, workbook: str) -> bool:
    if workbook in {default_workbook(web), bound_workbook()}:
        return True
    if "://" in workbook:
        # Google's own addresses alone; which of them can be read is up to whom they are shared with.
        google = bool(spreadsheet_id(workbook)) and web.services.google.ready
        return google or bool(web.services.ledger.campaigns.of_sheet(workbook))
    try:
        path = Path(workbook).resolve()
    except ValueError:  # half a character: no file is called so
        return False
    if path.is_relative_to(web.settings.data_dir.resolve()):  # the sample, and what was dropped
        return True
    return bool(web.services.ledger.campaigns.of_sheet(workbook))


def _save(file: FileStorage, folder: Path) -> Path:
    """Keep the file in a folder of its own, under a name that holds nothing but letters, digits and dashes."""
    name = PurePath((file.filename or "").replace("\\", "/")).name
    suffix = PurePath(name).suffix.lower()
    if suffix not in SUFFIXES:
        old = " Save it as .xlsx in Excel first (File, Save As)." if suffix in {".xls", ".xlsb", ".ods"} else ""
        raise InvalidInput(f"Only {', '.join(SUFFIXES)} files can be opened, not “{name}”.{old}", field="file")
    stem = re.sub(r"[\W_]+", "-", PurePath(name).stem).strip("-")[:60] or "workbook"
    path = _own_folder(folder, stem) / f"{stem}{suffix}"
    try:
        file.save(path)
    except OSError as error:
        shutil.rmtree(path.parent)
        raise TemporaryError(f"“{name}” could not be kept here: {error.strerror}.", detail=str(error)) from error
    return path


def _own_folder(folder: Path, stem: str) -> Path:
    """`people`, `people-2`, ...: the first that nobody has yet."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for number in itertools.count(1):
        own = folder / (stem if number == 1 else f"{stem}-{number}")
        with suppress(FileExistsError):
            own.mkdir(mode=0o700)
            break
    return own
