"""Writing the add-on for one backend."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.__main__ import main
from server.cli.addon import ADDON, write
from server.errors import InvalidInput


@pytest.fixture(autouse=True)
def _own_data(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELLBACK_DATA_DIR", str(data_dir))


def test_it_writes_all_files_with_the_backends_address(tmp_path: Path) -> None:
    assert main(["addon", str(tmp_path / "addon"), "--backend", "https://cellback.example.com/"]) == 0
    written = {path.name for path in (tmp_path / "addon").iterdir()}
    assert written == {path.name for path in ADDON.iterdir()} - {"Hint.gs"}
    config = (tmp_path / "addon/Config.gs").read_text(encoding="utf-8")
    assert "const BACKEND = 'https://cellback.example.com';" in config
    assert (tmp_path / "addon/Rows.gs").read_bytes() == (ADDON / "Rows.gs").read_bytes()


def test_it_takes_the_public_address_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_BASE_URL", "https://cellback.example.net")
    assert main(["addon", str(tmp_path)]) == 0
    assert "https://cellback.example.net" in (tmp_path / "Config.gs").read_text(encoding="utf-8")


def test_hints_come_with_the_two_scopes_that_they_need_and_go_again(tmp_path: Path) -> None:
    def scopes() -> set[str]:
        manifest = json.loads((tmp_path / "appsscript.json").read_text(encoding="utf-8"))
        return {scope.rpartition("/")[2] for scope in manifest["oauthScopes"]}

    assert main(["addon", str(tmp_path), "--backend", "https://a.example.org", "--hint"]) == 0
    assert (tmp_path / "Hint.gs").exists()
    assert scopes() >= {"script.external_request", "script.scriptapp"}
    manifest = json.loads((tmp_path / "appsscript.json").read_text(encoding="utf-8"))
    assert manifest["urlFetchWhitelist"] == ["https://a.example.org/"]
    write(tmp_path, "https://a.example.org")
    assert not (tmp_path / "Hint.gs").exists()
    assert not scopes() & {"script.external_request", "script.scriptapp"}


def test_it_leaves_what_clasp_keeps_there(tmp_path: Path) -> None:
    (tmp_path / ".clasp.json").write_text('{"scriptId": "1"}', encoding="utf-8")
    write(tmp_path, "https://a.example.org")
    write(tmp_path, "https://b.example.org")
    assert (tmp_path / ".clasp.json").read_text(encoding="utf-8") == '{"scriptId": "1"}'
    assert "https://b.example.org" in (tmp_path / "Config.gs").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("backend", "says"),
    [
        ("", "PUBLIC_BASE_URL"),
        ("http://cellback.example.org", "must begin with https://"),
        ("ftp://cellback.example.org", "must begin with https://"),
        ("cellback.example.org", "no address"),
        ("https://", "no address"),
        ("https://[broken", "no address"),
        ("https://a.example.org?x=1", "no address"),
        ("https://a.example.org'; alert(1); '", "no address"),
    ],
)
def test_an_address_that_the_sidebar_could_not_use_is_refused(tmp_path: Path, backend: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        write(tmp_path / "addon", backend)
    assert not (tmp_path / "addon").exists()


def test_a_folder_that_can_not_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "addon").write_text("a file", encoding="utf-8")
    assert main(["addon", str(tmp_path / "addon"), "--backend", "https://a.example.org"]) == 1
    assert "can't be written" in capsys.readouterr().err
