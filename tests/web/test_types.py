"""The panel's and the desk's scripts against TypeScript's idea of them, and against what the API answers."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from server.web.app import WebApp
from tests.needs import need, need_program
from tests.web.schema import FILE, typescript

HERE = Path(__file__).parent
COMPILER = HERE.parent / "excel_addin/node_modules/typescript/bin/tsc"


def test_the_scripts_agree_with_their_types() -> None:
    assert faults(HERE / "tsconfig.json") == []


def test_the_type_check_finds_what_the_api_does_not_answer(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.js"
    wrong.write_text("/** @param {Schema.CampaignView} view */\nexport const f = (view) => view.pauzed;\n", "utf-8")
    options = json.loads((HERE / "tsconfig.json").read_text("utf-8"))
    options["include"] = [str(wrong), str(FILE)]
    (tmp_path / "tsconfig.json").write_text(json.dumps(options), "utf-8")
    assert "'pauzed' does not exist" in faults(tmp_path / "tsconfig.json")[0]


def test_the_types_of_the_answers_are_those_of_the_api(app: WebApp) -> None:
    assert FILE.read_text("utf-8") == typescript(app.api_doc), "python -m tests.web.schema writes them anew"


def faults(project: Path) -> list[str]:
    need(COMPILER.exists(), "TypeScript is not there: npm ci --prefix tests/excel_addin")
    done = subprocess.run(
        [need_program("node"), str(COMPILER), "--project", str(project), "--pretty", "false"],
        cwd=project.parent,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return [line for line in done.stdout.splitlines() if "error TS" in line]
