"""What the browser gets: small, no way for data into markup, readable in light and dark, in step with the domain."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from server.domain.words import AnswerKind, CampaignState, ChannelName, Command, Outcome, Status

WEB = Path(__file__).parent.parent.parent / "server" / "web"
STATIC = WEB / "static"
PANEL = STATIC / "panel"
WORDS = PANEL / "texts"
LANGUAGES = sorted(path.name for path in WORDS.iterdir() if path.is_dir())
EXCEL = WEB.parent.parent / "excel_addin"
SCRIPTS = sorted(STATIC.rglob("*.js"))
STYLES = sorted(STATIC.rglob("*.css"))
TEMPLATES = sorted((WEB / "templates").glob("*.html"))
FIRST_VIEW = 60 * 1024
"""Bytes of our own script and style, uncompressed, until a newcomer can type (issue "A panel people like")."""


def name(path: Path) -> str:
    return str(path.relative_to(WEB))


def without_comments(script: str) -> str:
    return re.sub(r"/\*.*?\*/|^\s*//.*$|\s//\s.*$", "", script, flags=re.DOTALL | re.MULTILINE)


def loaded_by(*entries: Path) -> set[Path]:
    """The entries and all that they import before they run."""
    found: set[Path] = set()
    waiting = list(entries)
    while waiting:
        path = waiting.pop().resolve()
        if path not in found:
            found.add(path)
            imports = re.findall(
                r'^import .*? from "(.+?)";$|^export .*? from "(.+?)";$', path.read_text("utf-8"), re.M
            )
            waiting += [path.parent / (one or other) for one, other in imports]
    return found


def size(paths: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_it_never_turns_data_into_markup_or_code(path: Path) -> None:
    script = path.read_text("utf-8")
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser"):
        assert way not in script, f"{name(path)} uses {way}"
    assert not re.search(r"\b(alert|confirm|prompt)\(", script), f"{name(path)} opens a dialog"


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_its_pages_hold_no_inline_script_or_style(path: Path) -> None:
    page = path.read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert all(re.search(r'src="/static/', tag) for tag in re.findall(r"<script[^>]*>", page))
    assert not re.search(r"<script[^>]*>\s*\S+\s*</script>", page)


@pytest.mark.parametrize("path", [*TEMPLATES, *SCRIPTS, *STYLES], ids=name)
def test_what_a_page_asks_for_is_there_and_is_ours(path: Path) -> None:
    content = path.read_text("utf-8")
    elsewhere = [url for url in re.findall(r"https?://[^\s\"')]+", content) if "www.w3.org" not in url]
    assert not elsewhere
    urls = re.findall(r'(?:src|href)="(/static/[^"]+)"', content.replace("{{ language }}", "en"))
    wanted = [WEB / url.lstrip("/") for url in urls]
    wanted += [
        path.parent / url
        for url in re.findall(r'(?:from |import\()"([^"]+)"|url\("([^"]+)"\)', content)
        for url in url
        if url
    ]
    assert [str(one) for one in wanted if not one.exists()] == []


def test_what_the_first_step_needs_is_asked_for_at_once() -> None:
    page = (WEB / "templates" / "preload.html").read_text("utf-8").replace("{{ language }}", "en")
    preloaded = {WEB / url.lstrip("/") for url in re.findall(r'rel="modulepreload" href="([^"]+)"', page)}
    words = [WORDS / "en" / f"{part}.js" for part in ("first", "write")]
    assert preloaded == loaded_by(PANEL / "panel.js", PANEL / "write.js", *words)


def test_the_panel_works_without_the_desk() -> None:
    assert all(path.is_relative_to(PANEL) for path in loaded_by(*PANEL.glob("*.js")))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("entry", ["page.js", "google.js"])
def test_the_panel_is_small_until_a_person_can_type(entry: str, language: str) -> None:
    words = [WORDS / language / f"{part}.js" for part in ("first", "write")]
    first = loaded_by(PANEL / entry, PANEL / "write.js", *words) | {PANEL / "panel.css"}
    assert size(first) <= FIRST_VIEW, f"{size(first)} bytes"


@pytest.mark.parametrize("path", [path for path in SCRIPTS if WORDS not in path.parents], ids=name)
def test_every_word_for_people_is_in_a_catalogue(path: Path) -> None:
    strings = re.findall(r'"((?:[^"\\\n]|\\.)*)"', without_comments(path.read_text("utf-8")))
    sentences = [string for string in strings if re.match(r"[A-Z][a-z’']+( [\w’'“{]+)+", string)]
    words = {status.value for status in Status}
    assert [sentence for sentence in sentences if sentence not in words] == []


def test_no_text_is_missing_from_the_catalogue_and_none_is_left_over() -> None:
    there = catalogue("en")
    groups = {entry.partition(".")[0] for entry in there}
    used: set[str] = set()
    for path in [*SCRIPTS, *EXCEL.glob("*.js")]:
        script = path.read_text("utf-8")
        if WORDS in path.parents or not re.search(r'import \{.*\btext\b.*\} from ".*/texts\.js"', script):
            continue
        here = set(re.findall(r"\btext\.(\w+(?:\.\w+)?)", script))
        for variable, group in re.findall(r"^const (\w+) = text\.(\w+);", script, re.M):
            here |= {f"{group}.{key}" for key in re.findall(rf"\b{variable}\.(\w+)", script)}
        assert here - there - groups == set(), path.name
        used |= here
    by_variable = {entry for entry in used if "." not in entry}
    by_variable -= {group for group in by_variable if any(entry.startswith(f"{group}.") for entry in used)}
    assert {entry for entry in there - used if entry.partition(".")[0] not in by_variable} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_all_of_it(language: str) -> None:
    assert catalogue(language) == catalogue("en")


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_each_language_says_it_in_the_same_way_and_in_its_own_words(language: str) -> None:
    """A function where English has one, and words of its own: what is called the same everywhere is listed."""
    other, english = lines(language), lines("en")
    for entry in other.keys() & english.keys():
        takes = [re.match(r"\s*\w+: \(", one) is not None for one in (other[entry], english[entry])]
        assert takes[0] == takes[1], f"{entry}: a function in one language and not in the other"
        assert other[entry] != english[entry] or not_translated(english[entry]), f"{entry} is left in English"


ALIKE = {
    "Message",
    "Messages",
    "Conversation",
    "Questions",
    "Question",
    "Format",
    "Note",
    "Notes",
    "Code",
    "Date",
    "Status",
    "Text",
    "Name",
    "Filter",
    "Normal",
    "Total",
    "Test",
    "Error",
    "Options",
    "Condition",
    "Actions",
}
"""Words that another language of ours has from the same root."""


def not_translated(line: str) -> bool:
    """Whether nothing in that line is wording: no string in it has a word that is not alike, or a name."""
    said = re.findall(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`', line.partition(":")[2])
    words = {word for pair in said for word in re.findall(r"[A-Za-z]{3,}", re.sub(r"\$\{.*?\}", "", "".join(pair)))}
    return words <= ALIKE | NAMES


NAMES = {"WhatsApp", "SMS", "SendGrid", "Resend", "Mailgun", "SMTP", "Twilio", "Meta", "Cellback", "Google", "Excel"}


def lines(language: str) -> dict[str, str]:
    """Each entry of a language with the line that it begins on."""
    found: dict[str, str] = {}
    for path in (WORDS / language).glob("*.js"):
        group = ""
        words = path.read_text("utf-8").partition("export const text")[2]
        for line in words.splitlines():
            if opened := re.match(r"  (\w+): ?\{?$", line):
                group = opened[1]
            elif inner := re.match(r"    (\w+): ", line):
                found[f"{group}.{inner[1]}"] = line
    return found


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_its_styles_know_no_left_and_right(path: Path) -> None:
    """What begins a line in one script ends it in another: start and end, for margins, places and texts."""
    style = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    sides = r"(?<![\w-])(?:\w+-)?(?:left|right)(?:-\w+)*\s*:|text-align:\s*(?:left|right)|float:"
    assert re.findall(sides, style) == []


def catalogue(language: str) -> set[str]:
    """The entries of a language, of all its parts."""
    parts = [path for path in (WORDS / language).glob("*.js") if path.name != "nouns.js"]
    return set[str]().union(*(entries(path.read_text("utf-8")) for path in parts))


def entries(catalogue: str) -> set[str]:
    """`group.key` of every text, and the plain keys of the first level."""
    found, group = set(), ""
    for line in catalogue[catalogue.index("export const text") :].splitlines():
        if opened := re.match(r"  (\w+): ?(\{?)", line):
            group = opened[1]
            if not line.endswith("{"):
                found |= {f"{group}.{key}" for key in re.findall(r"[{,] (\w+): ", line)} or {group}
        elif inner := re.match(r"    (\w+): ", line):
            found.add(f"{group}.{inner[1]}")
    return found


def listed(script: str, constant: str) -> set[str]:
    """The strings in a constant's literal."""
    start = script.index(f"const {constant} = ")
    return set(re.findall(r'"([^"]+)"', script[start : script.index(";\n", start)]))


def keys(script: str, group: str) -> set[str]:
    return {entry.partition(".")[2] for entry in entries(script) if entry.startswith(f"{group}.")}


def test_it_knows_every_word_of_the_domain() -> None:
    words, check = (PANEL / "words.js").read_text("utf-8"), (WORDS / "en" / "check.js").read_text("utf-8")
    first, texts = (WORDS / "en" / "first.js").read_text("utf-8"), (WORDS / "en" / "later.js").read_text("utf-8")
    statuses = {status.value for status in Status}
    assert listed(words, "TONES") == statuses
    for group in ("WENT", "REACHED", "CAME_BACK", "WAITING", "TO_READ", "STUCK"):
        assert listed(words, group) <= statuses
    assert keys(texts, "outcomes") == {outcome.value for outcome in Outcome}
    offered = listed(words, "OUTCOMES")
    assert offered == keys(texts, "outcomes") - {Outcome.AUTOMATIC, Outcome.UNCLEAR}  # what `settle` takes
    assert listed(words, "COMMANDS") - statuses <= {command.value for command in Command} == keys(texts, "commands")
    assert keys(first, "channels") == keys(texts, "by") == {channel.value for channel in ChannelName}
    kinds = re.search(r"kinds: \{(.*)\}", check)
    assert kinds
    assert set(re.findall(r"(\w+):", kinds[1])) == {kind.value for kind in AnswerKind}
    for state in CampaignState:
        assert re.search(rf"^  {state.value}: \(view\)", texts, re.M), f"no sentence for {state}"


TEXT_ON = {
    "--ink": ["--paper", "--wash", "--accent-tint", "--mark"],
    "--soft": ["--paper", "--wash", "--quiet-wash", "--accent-wash", "--accent-tint"],
    "--accent": ["--paper", "--accent-wash", "--wash"],
    "--accent-strong": ["--accent-wash"],
    "--on-accent": ["--accent", "--accent-strong"],
    **{f"--{tone}": [f"--{tone}-wash"] for tone in ("quiet", "info", "good", "plum", "warn", "bad")},
}
"""Which text colours stand on which grounds in panel.css and desk.css."""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_its_texts_and_borders_stand_out(dark: bool) -> None:
    light_rules, dark_rules = re.findall(r":root \{(.*?)\}", (PANEL / "panel.css").read_text("utf-8"), re.DOTALL)[:2]
    colours = dict(re.findall(r"(--[\w-]+): (#\w{6});", light_rules))
    if dark:
        colours |= dict(re.findall(r"(--[\w-]+): (#\w{6});", dark_rules))
    for ink, grounds in TEXT_ON.items():
        for ground in grounds:
            ratio = contrast(colours[ink], colours[ground])
            assert ratio >= 4.5, f"{ink} on {ground}: {ratio:.2f}"  # WCAG 2.2, 1.4.3
    assert contrast(colours["--edge"], colours["--paper"]) >= 3  # WCAG 2.2, 1.4.11: the borders of fields


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, after WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
