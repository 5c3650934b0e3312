"""The Google Sheets add-on: its .gs files in Node, against a spreadsheet in memory, and against Google's own types."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from tests.needs import need, need_program

HERE = Path(__file__).parent
ADDON = HERE.parent.parent / "sheets_addon"


def test_the_gs_files_do_what_the_panel_asks_of_them() -> None:
    node = need_program("node")
    done = subprocess.run(
        [node, "--test", "--test-reporter", "spec", "addon.test.js"],
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_gs_files_call_only_what_google_offers(tmp_path: Path) -> None:
    done = check_types(tmp_path)
    assert done.returncode == 0, done.stdout


def test_the_type_check_finds_a_misspelt_call(tmp_path: Path) -> None:
    done = check_types(tmp_path, "function wrong() { SpreadsheetApp.getActiveSheet().isRowHiddenByFiltre(1); }\n")
    assert "Property 'isRowHiddenByFiltre' does not exist" in done.stdout, done.stdout


def check_types(folder: Path, more: str = "") -> subprocess.CompletedProcess[str]:
    """tsc over copies of the .gs files: it knows them as .js only."""
    node = need_program("node")
    compiler = HERE / "node_modules/typescript/bin/tsc"
    need(compiler.exists(), "TypeScript is not there: npm ci --prefix tests/sheets_addon")
    for source in ADDON.glob("*.gs"):
        shutil.copyfile(source, folder / source.with_suffix(".js").name)
    if more:
        (folder / "Wrong.js").write_text(more, encoding="utf-8")
    options = json.loads((HERE / "tsconfig.json").read_text(encoding="utf-8"))
    options["compilerOptions"]["typeRoots"] = [str(HERE / "node_modules/@types")]
    (folder / "tsconfig.json").write_text(json.dumps(options), encoding="utf-8")
    return subprocess.run(
        [node, str(compiler), "--project", str(folder), "--pretty", "false"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
