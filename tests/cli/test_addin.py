"""Writing the Excel add-in's manifests, and installing Microsoft's library for signing in."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from server.__main__ import main
from server.cli.addin import install, write
from server.errors import InvalidInput
from server.web.excel_pane import MSAL_FILE

CLIENT = "c2f8b1de-4d1f-4c4e-9a0b-6f5d2ce81b47"


@pytest.fixture(autouse=True)
def _own_data(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELLBACK_DATA_DIR", str(data_dir))


def test_it_writes_the_manifests_for_the_public_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PUBLIC_BASE_URL", "https://cellback.example.net")
    assert main(["addin", "--out", str(tmp_path / "excel")]) == 0
    assert "https://cellback.example.net/excel/taskpane" in (tmp_path / "excel/manifest.xml").read_text(
        encoding="utf-8"
    )
    said = capsys.readouterr().err
    assert "MSGRAPH_CLIENT_ID is not set" in said
    assert "npm pack @azure/msal-browser@" in said


def test_the_same_input_makes_the_same_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, "https://cellback.example.org", CLIENT)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


@pytest.mark.parametrize(
    ("backend", "says"),
    [
        ("", "PUBLIC_BASE_URL"),
        ("http://127.0.0.1:5000", "must begin with https://: Excel"),
        ("cellback.example.org", "no address"),
        ('https://a.example.org"/><x', "no address"),
    ],
)
def test_an_address_that_excel_could_not_use_is_refused(tmp_path: Path, backend: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        write(tmp_path / "excel", backend)
    assert not (tmp_path / "excel").exists()


def test_an_application_id_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="MSGRAPH_CLIENT_ID"):
        write(tmp_path / "excel", "https://cellback.example.org", "my-app")


def tarball(path: Path, **files: bytes) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name.replace("__", "/"))
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_only_the_very_build_that_the_pane_runs_is_installed(tmp_path: Path) -> None:
    for name, made in {
        "other": tarball(tmp_path / "a.tgz", **{f"package__lib__{MSAL_FILE}": b"// another build"}),
        "nothing": tarball(tmp_path / "b.tgz"),
        "outside": tarball(tmp_path / "c.tgz", **{f"..__{MSAL_FILE}": b"x"}),
    }.items():
        with pytest.raises(InvalidInput, match="not @azure/msal-browser"):
            install(made, tmp_path / name)
        assert not (tmp_path / name).exists()
    (tmp_path / "d.tgz").write_bytes(b"no package")
    with pytest.raises(InvalidInput, match="can't be read"):
        install(tmp_path / "d.tgz", tmp_path / "no")


def test_the_build_from_npm_is_installed_with_its_licence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "server.cli.addin.MSAL_DIGEST", "sha384-gWGtQsycjamX/MhviP7OXdLQqwrLkZuMFYh3icm/oTF93FkVumzZieAK+qLm0/2y"
    )
    made = tarball(tmp_path / "a.tgz", **{f"package__lib__{MSAL_FILE}": b"// MSAL", "package__LICENSE": b"MIT"})
    assert install(made, tmp_path / "excel").read_bytes() == b"// MSAL"
    assert (tmp_path / "excel/LICENSE").read_bytes() == b"MIT"
