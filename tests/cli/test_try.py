"""`run --try N`: a few rows, looked at; and then all of them by the same command without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.__main__ import main
from tests.books import column, contestants
from tests.cli.processes import INSTRUCTION, Shell
from tests.waiting import until


@pytest.fixture
def shell(ready_data_dir: Path) -> Iterator[Shell]:
    shell = Shell(ready_data_dir)
    yield shell
    until(lambda: not shell.processes(), 30, "everything that was started to end")


def test_it_drafts_so_many_rows_and_the_rest_when_it_is_called_without(shell: Shell, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 5)
    words = ("run", path, "--instruction", INSTRUCTION, "--json")
    tried = shell.run(*words, "--try", 2)
    assert (tried.code, tried.status, tried.json["rows"], tried.json["undrafted"]) == (0, {"Draft": 2}, 5, 3)
    assert "2 of 5 rows were tried." in tried.err
    assert column(path, "Status") == ["Draft"] * 2 + [""] * 3
    rest = shell.run(*words)
    assert (rest.code, rest.status) == (0, {"Draft": 5})
    assert "tried" not in rest.err


@pytest.mark.parametrize("wrong", [["--try", "0"], ["--try", "many"], ["--try", "2", "--approve-all"]])
def test_it_refuses_what_makes_no_sense(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "a.xlsx", "--instruction", "Send each their time", *wrong])
    assert ended.value.code == 2
    assert "--try" in capsys.readouterr().err
