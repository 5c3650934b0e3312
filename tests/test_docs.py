"""README, changelog and docs say what the product does: links lead somewhere, and nothing of it is left out."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from server.__main__ import parser
from server.config import Settings
from server.domain.figures import Figures
from server.domain.words import NEEDS_PERSON, Command, Flag, Status
from server.web.metrics import Moment

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "server/channels/README.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (?:\.venv/bin/)?python -m server (.+)$", re.MULTILINE)
LARGEST_IMAGE = 300_000
WALK, LARGEST_WALK = "walk.webp", 1_200_000
"""The animated one."""


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def links(path: Path) -> list[str]:
    found = LINK.findall(FENCE.sub("", text(path)))
    return [link for link in found if not link.startswith(("http://", "https://", "mailto:"))]


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives to headings."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text(path)), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in titles)
    return {title.replace(" ", "-") for title in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        name, _, anchor = unquote(link).partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(target), f"{link}: there is no such heading"


def test_the_readme_leads_to_every_page_and_images_stay_small() -> None:
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in links(ROOT / "README.md")}
    assert {page.resolve() for page in DOCS.rglob("*.md")} <= linked
    images = [*DOCS.rglob("*.png"), *DOCS.rglob("*.webp")]
    shown = {(page.parent / link).resolve() for page in PAGES for link in links(page)}
    assert images
    for image in images:
        assert image.resolve() in shown, f"{image.name} is shown nowhere"
        assert image.stat().st_size < (LARGEST_WALK if image.name == WALK else LARGEST_IMAGE), image.name


def commands() -> dict[str, argparse.ArgumentParser]:
    action = next(one for one in parser()._actions if isinstance(one, argparse._SubParsersAction))
    return dict(action.choices)


def chapter(name: str) -> str:
    """What command-line.md says of one command."""
    found = re.search(rf"^## {name}$(.*?)(?=^## |\Z)", text(DOCS / "command-line.md"), re.MULTILINE | re.DOTALL)
    assert found, f"command-line.md has no chapter on {name}"
    return found[1]


@pytest.mark.parametrize("name", commands())
def test_every_option_of_every_command_is_explained(name: str) -> None:
    options = {option for action in commands()[name]._actions for option in action.option_strings}
    said = set(re.findall(r"--[a-z][a-z-]*", chapter(name)))
    assert options - {"-h", "--help"} <= said
    assert said <= options, f"explained, but not there: {said - options}"


def shown_commands() -> Iterator[str]:
    for page in PAGES:
        yield from COMMAND.findall(text(page))


@pytest.mark.parametrize("command", sorted(set(shown_commands())))
def test_every_command_that_is_shown_can_be_typed(command: str) -> None:
    parser().parse_args(shlex.split(command))


def test_every_setting_is_in_the_operators_table_with_its_default() -> None:
    table = dict(re.findall(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`)? ?\|", text(DOCS / "operator.md"), re.MULTILINE))
    settings = {str(field.validation_alias): field.default for field in Settings.model_fields.values()}
    assert set(table) == set(settings)
    for name, default in settings.items():
        assert table[name] == ("" if default is None else str(default)), name


def test_every_word_of_the_cells_is_explained_and_bold_where_a_person_is_needed() -> None:
    said = dict.fromkeys(re.findall(r"^\| (\**[A-Z][A-Za-z ]+\**) \|", text(DOCS / "statuses.md"), re.MULTILINE))
    words = {word.strip("*"): word.startswith("**") for word in said if word not in {"Status", "Flag", "Word", "You"}}
    assert words == {status.value: status in NEEDS_PERSON for status in Status}
    for word in (*Command, *Flag):
        assert f"`{word.value}`" in text(DOCS / "statuses.md")


def test_every_figure_and_no_other_is_explained() -> None:
    moment = Moment(Figures(), {}, datetime.now(UTC))
    assert set(re.findall(r"`(cellback_\w+)", text(DOCS / "operator.md"))) == {one.name for one in moment.collect()}


def test_every_make_target_is_explained() -> None:
    targets = re.findall(r"^([a-z]+):.*## ", text(ROOT / "Makefile"), re.MULTILINE)
    said = set(re.findall(r"^    make ([a-z]+) ", text(DOCS / "development.md"), re.MULTILINE))
    assert said == set(targets) - {"help"}


def test_the_readers_example_is_what_it_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """When this fails the reader reads differently: run the example and put its output into offline-model.md."""
    from server.__main__ import main

    page = text(DOCS / "offline-model.md")
    replies = re.search(r"^```csv\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    command = next(found for found in COMMAND.findall(page) if found.startswith("interpret"))
    assert replies
    (tmp_path / "replies.csv").write_text(replies[1], encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert main(shlex.split(command)) == 0

    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    shown = [json.loads(line) for line in page.splitlines() if line.startswith('{"reply"')]
    assert [alike(reading) for reading in printed] == [alike(reading) for reading in shown]
    for ours, theirs in zip(printed, shown, strict=True):
        assert ours["confidence"] == pytest.approx(theirs["confidence"], abs=0.05)


def alike(reading: dict[str, object]) -> dict[str, object]:
    """Without the confidence, which may move a little while the vocabulary grows."""
    return {name: value for name, value in reading.items() if name != "confidence"}


def test_the_newest_version_is_in_the_changelog() -> None:
    version = re.search(r'^version = "(.+)"$', text(ROOT / "pyproject.toml"), re.MULTILINE)
    newest = re.search(r"^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$", text(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert version
    assert newest
    assert newest[1] == version[1]
