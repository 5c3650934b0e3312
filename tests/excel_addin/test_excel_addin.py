"""The Excel add-in's files: in Node against a workbook in memory, and against Microsoft's own types."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.needs import need, need_program

HERE = Path(__file__).parent
ADDIN = HERE.parent.parent / "excel_addin"
SCRIPTS = sorted(ADDIN.glob("*.js"))


@pytest.mark.parametrize("tests", ["rows.test.js", "identity.test.js", "start.test.js", "dressing.test.js"])
def test_it_does_what_the_panel_asks_of_it(tests: str) -> None:
    done = subprocess.run(
        [need_program("node"), "--test", "--test-reporter", "spec", tests],
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_calls_only_what_office_offers() -> None:
    assert faults(HERE / "tsconfig.json") == []


def test_the_type_check_finds_a_misspelt_call(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.js"
    wrong.write_text("Excel.run(async (context) => { context.workbook.getSelectedRnge(); });\n", encoding="utf-8")
    options = json.loads((HERE / "tsconfig.json").read_text(encoding="utf-8"))
    options["compilerOptions"]["typeRoots"] = [str(HERE / "node_modules/@types")]
    options["include"] = [str(wrong)]
    (tmp_path / "tsconfig.json").write_text(json.dumps(options), encoding="utf-8")
    assert "'getSelectedRnge' does not exist" in faults(tmp_path / "tsconfig.json", "wrong.js")[0]


def faults(project: Path, name: str = "excel_addin/") -> list[str]:
    """What tsc says about files of that name: the panel's own scripts are not strict."""
    compiler = HERE / "node_modules/typescript/bin/tsc"
    need(compiler.exists(), "TypeScript is not there: npm ci --prefix tests/excel_addin")
    done = subprocess.run(
        [need_program("node"), str(compiler), "--project", str(project), "--pretty", "false"],
        cwd=project.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return [
        line for line in done.stdout.splitlines() if "error TS" in line and (name in line or line.startswith("error"))
    ]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_it_never_turns_data_into_markup_or_opens_a_dialog(path: Path) -> None:
    script = path.read_text(encoding="utf-8")
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser"):
        assert way not in script
    assert not re.search(r"\b(alert|confirm|prompt|displayDialogAsync)\(", script)
    assert "history." not in script, "Office.js takes history.pushState and replaceState away"


def test_the_page_for_old_browsers_is_written_for_them() -> None:
    assert not re.search(r"=>|\b(const|let)\b|`", (ADDIN / "old.js").read_text(encoding="utf-8"))


def test_nothing_but_microsofts_own_hosts_is_named() -> None:
    named = {
        url
        for path in [*SCRIPTS, *ADDIN.glob("*.html"), *ADDIN.glob("*.css")]
        for url in re.findall(r"https://[^\s\"'/)]+", path.read_text(encoding="utf-8"))
    }
    assert named <= {"https://"}
