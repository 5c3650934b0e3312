"""`run` called again with other options than the campaign was begun with: it says so, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.books import contestants
from tests.cli.processes import Shell
from tests.waiting import until

BEGUN = (
    "--template",
    "Hi {{Name}}, {{Start time}}.",
    "--subject",
    "Your start",
    "--answers",
    "Coming=Yes|No",
    "--json",
)


@pytest.fixture
def shell(ready_data_dir: Path) -> Iterator[Shell]:
    shell = Shell(ready_data_dir)
    yield shell
    until(lambda: not shell.processes(), 15, "everything that was started to end")


def test_it_says_which_options_change_nothing_any_more(shell: Shell, tmp_path: Path) -> None:
    path = contestants(tmp_path / "a.xlsx", 2)
    begun = shell.run("run", path, *BEGUN)
    again = shell.run("run", path, *BEGUN)
    assert "begun with other" not in again.err
    others = ("--subject", "Another", "--answers", "Coming=Yes|No|Maybe", "--rows", "all")
    other = shell.run("run", path, *BEGUN[:2], *others, "--json")
    assert "begun with other --subject and --answers and --rows" in other.err
    assert begun.json == again.json == other.json
