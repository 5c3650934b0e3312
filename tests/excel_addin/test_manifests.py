"""The add-in's manifests: as Office documents them, the same for every address but for the address."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from server.cli.addin import JSON, PACKAGE, XML, write
from tests.needs import need, need_program

HERE = Path(__file__).parent
CLIENT = "c2f8b1de-4d1f-4c4e-9a0b-6f5d2ce81b47"
DEV, PROD = "https://localhost:3000", "https://cellback.example.org"

ORDER = {
    "OfficeApp": "Id AlternateId Version ProviderName DefaultLocale DisplayName Description IconUrl "
    "HighResolutionIconUrl SupportUrl AppDomains Hosts Requirements DefaultSettings Permissions Dictionary "
    "VersionOverrides ExtendedOverrides",
    "AppDomains": "AppDomain",
    "Requirements": "Sets Methods",
    "Sets": "Set",
    "DefaultSettings": "SourceLocation",
    "VersionOverrides": "Description Requirements Hosts Resources WebApplicationInfo EquivalentAddins",
    "Hosts": "Host",
    "Host": "Runtimes AllFormFactors DesktopFormFactor",
    "DesktopFormFactor": "GetStarted FunctionFile ExtensionPoint",
    "GetStarted": "Title Description LearnMoreUrl",
    "ExtensionPoint": "OfficeTab",
    "OfficeTab": "Group",
    "Group": "Label Icon Control",
    "Control": "Label Supertip Icon Action Enabled Items",
    "Supertip": "Title Description",
    "Icon": "Image",
    "Action": "TaskpaneId SourceLocation Title FunctionName",
    "Resources": "Images Urls ShortStrings LongStrings",
    "Images": "Image",
    "Urls": "Url",
    "ShortStrings": "String",
    "LongStrings": "String",
    "WebApplicationInfo": "Id Resource Scopes",
    "Scopes": "Scope",
}
"""Children of each element in the order that they must have (office-js-docs, manifest-element-ordering, June 2025, and
the schemas of MS-OWEMXML); an element that is not here has none."""

LIMITS = {"ShortStrings": 125, "LongStrings": 250}
"""Characters of a text there."""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write(tmp_path, PROD, CLIENT)
    return tmp_path


def tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def misplaced(root: ElementTree.Element) -> list[str]:
    """Elements that are under the wrong parent, or behind one that they must be before."""
    found = []
    for parent in root.iter():
        order = ORDER.get(tag(parent), "").split()
        places = [order.index(tag(child)) if tag(child) in order else -1 for child in parent]
        found += [f"{tag(parent)}/{tag(child)}" for child, place in zip(parent, places, strict=True) if place < 0]
        if places != sorted(places):
            found.append(f"order of {tag(parent)}: {[tag(child) for child in parent]}")
    return found


@pytest.mark.parametrize("client", ["", CLIENT])
def test_every_element_is_where_office_wants_it(tmp_path: Path, client: str) -> None:
    write(tmp_path, PROD, client)
    assert misplaced(ElementTree.parse(tmp_path / XML).getroot()) == []


def test_the_check_of_the_order_finds_what_is_wrong(written: Path) -> None:
    text = (written / XML).read_text(encoding="utf-8")
    swapped = re.sub(r"(<Version>.*</Version>)(\s*)(<ProviderName>.*</ProviderName>)", r"\3\2\1", text)
    strange = text.replace("<TaskpaneId>", "<PaneId>").replace("</TaskpaneId>", "</PaneId>")
    assert "order of OfficeApp" in misplaced(ElementTree.fromstring(swapped))[0]
    assert misplaced(ElementTree.fromstring(strange)) == ["Action/PaneId"]


def test_every_resource_that_is_named_is_there_and_none_is_idle(written: Path) -> None:
    root = ElementTree.parse(written / XML).getroot()
    named = {element.get("resid") for element in root.iter() if element.get("resid")}
    resources = [element for element in root.iter() if tag(element) in {"Image", "Url", "String"} and element.get("id")]
    assert {element.get("id") for element in resources} == named
    assert all(len(str(name)) <= 32 for name in named)
    for group, most in LIMITS.items():
        texts = [child.get("DefaultValue", "") for part in root.iter() if tag(part) == group for child in part]
        assert texts
        assert all(len(text) <= most for text in texts)


@pytest.mark.parametrize("name", [XML, JSON])
def test_two_addresses_differ_by_nothing_but_the_address(tmp_path: Path, name: str) -> None:
    for folder, address in (("dev", DEV), ("prod", PROD)):
        write(tmp_path / folder, address, CLIENT)
    dev, prod = ((tmp_path / folder / name).read_text(encoding="utf-8") for folder in ("dev", "prod"))
    assert dev != prod
    assert dev.replace("localhost:3000", "cellback.example.org") == prod


def test_both_forms_have_one_id_and_it_stays(written: Path) -> None:
    """People have it installed by this id: another one would be another add-in."""
    xml = ElementTree.parse(written / XML).getroot().findtext("{*}Id")
    assert (
        xml == json.loads((written / JSON).read_text(encoding="utf-8"))["id"] == "1c0fbb5e-6f0a-4f0b-9d1e-6a3c8e5d7b42"
    )


def test_without_a_registration_it_asks_office_for_no_sign_in(tmp_path: Path) -> None:
    write(tmp_path, PROD)
    assert "WebApplicationInfo" not in (tmp_path / XML).read_text(encoding="utf-8")
    assert "webApplicationInfo" not in json.loads((tmp_path / JSON).read_text(encoding="utf-8"))


def test_with_one_it_names_the_resource_that_the_pane_asks_for(written: Path) -> None:
    root = ElementTree.parse(written / XML).getroot()
    assert root.findtext(".//{*}WebApplicationInfo/{*}Resource") == f"api://cellback.example.org/{CLIENT}"


def test_the_package_has_what_microsoft_365_wants(written: Path) -> None:
    with zipfile.ZipFile(written / PACKAGE) as package:
        assert set(package.namelist()) == {"manifest.json", "color.png", "outline.png"}
        manifest = json.loads(package.read("manifest.json"))
        sizes = {name: package.read(name)[16:24] for name in ("color.png", "outline.png")}
    assert set(manifest["icons"].values()) == {"color.png", "outline.png"}
    assert [tuple(int.from_bytes(size[at : at + 4]) for at in (0, 4)) for size in sizes.values()] == [
        (192, 192),
        (32, 32),
    ]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = HERE / "node_modules/office-addin-manifest/cli.js"
    need(program.exists(), "office-addin-manifest is not there: npm ci --prefix tests/excel_addin")
    return subprocess.run(
        [need_program("node"), str(program), *arguments], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("name", [XML, JSON])
def test_microsofts_own_tool_reads_them(written: Path, name: str) -> None:
    done = run("info", str(written / name))
    assert done.returncode == 0, done.stderr
    assert re.search(r"Name: +Cellback", done.stdout)


def test_the_unified_manifest_fits_its_schema(written: Path) -> None:
    """The XML one is checked by a service of Microsoft's only, so not here."""
    assert run("validate", str(written / JSON)).returncode == 0
    manifest = json.loads((written / JSON).read_text(encoding="utf-8"))
    manifest["extensions"][0]["requirements"]["scopes"] = ["workbok"]
    (written / JSON).write_text(json.dumps(manifest), encoding="utf-8")
    assert run("validate", str(written / JSON)).returncode != 0
