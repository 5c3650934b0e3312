"""`invite` as the operator types it: an address for one more person, which the desk takes."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from server import create_app
from server.__main__ import main
from server.config import load_settings
from server.services import build


@pytest.fixture(autouse=True)
def _own_data(ready_data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELLBACK_DATA_DIR", str(ready_data_dir))
    monkeypatch.setenv("PORT", "5000")


@pytest.mark.parametrize(("role", "may"), [("viewer", []), ("editor", ["edit", "approve"])])
def test_whoever_opens_the_address_has_that_name_and_role(
    capsys: pytest.CaptureFixture[str], role: str, may: list[str]
) -> None:
    assert main(["invite", "Kim Lee", "--role", role, "--days", "7"]) == 0
    said = capsys.readouterr()
    assert "Kim Lee" in said.err
    assert role in said.err
    word = parse_qs(urlsplit(said.out.strip()).query)["token"][0]
    assert said.out.startswith("http://127.0.0.1:5000/?token=")
    services = build(load_settings())
    client = create_app(services.settings, services).test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    assert client.get("/", query_string={"token": word}).status_code == 303
    seen = client.get("/api/session").json
    assert (seen["who"], seen["may"]) == ("Kim Lee", may)
    services.close()


def test_it_prints_nothing_for_a_name_that_nobody_could_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["invite", " "]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "name" in said.err


def test_a_role_is_one_of_three() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["invite", "Kim", "--role", "owner"])
