"""Whoever asks is answered in their language; what is written into cells, and what people wrote, stays as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
import requests
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from server import drafts
from server.domain.campaign import Campaign
from server.domain.machine import Noted
from server.domain.message import Message
from server.flow import writing
from server.web import stream
from server.web.problems import TABLE
from server.web.schemas import CampaignView, Problem
from server.web.speaking import CATALOGUE, FIGURES, HOLE, say, speaking
from tests.fakes import FakeSheet
from tests.web.conftest import StageServices
from tests.web.sentences import found

TONGUES = ("de", "es", "fr")
TIMES = "/api/campaigns/c_times"
ENGLISH = re.compile(
    r"\b(the|there|which|their|they|could|should|nothing|somebody|again|until|choose|write|yet)\b", re.IGNORECASE
)
"""Words of a sentence that nobody translated. What stands in quotation marks is an example of what one may type."""


@cache
def catalogue(tag: str) -> dict[str, str]:
    return dict(json.loads((CATALOGUE / f"{tag}.json").read_text(encoding="utf-8")))


def holes(pattern: str) -> list[str]:
    return sorted(hole[2] for hole in HOLE.finditer(pattern))


@pytest.mark.parametrize("tag", TONGUES)
def test_every_sentence_of_the_code_is_there(tag: str) -> None:
    """A new sentence belongs into server/web/catalogue; `tests/web/sentences.py` says which ones count."""
    patterns = found()
    assert len(patterns) > 400
    missing = {pattern: place for pattern, place in patterns.items() if pattern not in catalogue(tag)}
    assert missing == {}
    assert {title for _, title in TABLE.values()} <= catalogue(tag).keys()


@pytest.mark.parametrize("tag", TONGUES)
def test_a_translation_says_all_that_the_sentence_does(tag: str) -> None:
    assert catalogue(tag).keys() == catalogue(TONGUES[0]).keys()
    for english, words in catalogue(tag).items():
        assert words.strip(), english
        assert holes(words) == holes(english), english
        own = re.sub(r"„[^“]*“|«[^»]*»|\{~?\w+\}", "", words)
        assert not ENGLISH.search(own), words


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("1 row has no usable address in “Mail”.", "1 Zeile hat keine brauchbare Adresse in “Mail”."),
        ("3 rows have no usable address in “Mail”.", "3 Zeilen haben keine brauchbare Adresse in “Mail”."),
        (
            "3 left: They are away. 2 left: This row has its answer.",
            "3 ausgelassen: Die Person ist abwesend. 2 ausgelassen: Diese Zeile hat ihre Antwort.",
        ),
        (
            "This campaign is being sent already. It was started by Ada on Tue 03 Mar 14:00.",
            "Diese Kampagne wird schon gesendet. Ada hat begonnen, sie zu senden: Tue 03 Mar 14:00.",
        ),
        (
            "1 text used 520 tokens. The other 97 rows would use about 50,400.",
            "1 Text: 520 Token verbraucht. Die übrigen (97 Zeilen) würden etwa 50,400 verbrauchen.",
        ),
        (
            "Reads as a yes; but it hedges, it asks something.",
            "Liest sich wie ein Ja; aber sie legt sich nicht fest, sie fragt etwas.",
        ),
        (
            "There is no column “a. Somebody at this address complained about an earlier message (complaint). b”.",
            "Es gibt keine Spalte „a. Somebody at this address complained about an earlier message (complaint). b“.",
        ),
        ("Nobody wrote this. Pressed a button.", "Nobody wrote this. Hat auf einen Knopf gedrückt."),
        ("Ada says hello to the others.", "Ada says hello to the others."),
    ],
)
def test_sentences_are_said_whole_or_one_after_the_other(english: str, german: str) -> None:
    assert say(english, "de") == german
    assert say(english, "en") == english
    assert say(english, "xx") == english


WRITTEN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="“”"), min_size=1, max_size=60)
"""What strangers write; the marks that we put around it are taken out of it where it comes in."""


@given(st.data())
def test_what_stands_in_quotation_marks_is_never_changed_nor_taken_for_something_else(data: st.DataObject) -> None:
    quoting = [
        one for one in catalogue("de") if (found := list(HOLE.finditer(one))) and all(_quoted(one, h) for h in found)
    ]
    english = data.draw(st.sampled_from(quoting))
    foreign = st.sampled_from([one for one in catalogue("de") if "“" not in one])
    given_words = {hole: data.draw(WRITTEN | foreign) for hole in holes(english)}
    expected = HOLE.sub(lambda hole: given_words[hole[2]], catalogue("de")[english])
    assert say(HOLE.sub(lambda hole: given_words[hole[2]], english), "de") == expected


@given(st.data())
def test_a_word_in_any_hole_comes_out_as_it_went_in(data: st.DataObject) -> None:
    tag = data.draw(st.sampled_from(TONGUES))
    english = data.draw(st.sampled_from([one for one in catalogue(tag) if one[0] not in "{“" and HOLE.search(one)]))
    word = st.text(st.characters(categories=["Lu", "Ll", "Nd"]), min_size=3, max_size=12)
    given_words = {hole: "417" if hole in FIGURES else data.draw(word) for hole in holes(english)}
    told = say(HOLE.sub(lambda hole: given_words[hole[2]], english), tag)
    assert all(one in told for one in given_words.values())


def _quoted(pattern: str, hole: re.Match[str]) -> bool:
    return pattern[: hole.start()].endswith("“") and pattern[hole.end() :].startswith("”")


def test_a_problem_is_told_in_german(client: FlaskClient, sheet: FakeSheet) -> None:
    asked = {"instruction": "Send each person their Time", "rows": ["r9"]}
    answer = client.post("/api/campaigns", json=asked, headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"})
    told = Problem(**answer.get_json())
    assert told.detail == "Keine Zeile hat den Schlüssel r9."
    assert told.title != "Something needs another look"
    assert client.post("/api/campaigns", json=asked).get_json()["detail"] == "No row has the key r9."
    other = client.post("/api/campaigns", json=asked, headers={"Accept-Language": "ja"})
    assert other.get_json()["detail"] == "No row has the key r9."


def test_a_page_for_people_is_told_in_their_language(stranger: FlaskClient) -> None:
    answer = stranger.get("/nowhere", headers={"Accept": "text/html", "Accept-Language": "fr"})
    assert "Entrez par l’adresse affichée" in answer.text


def test_a_note_is_told_in_spanish_and_stays_english_in_its_cell(
    client: FlaskClient, services: StageServices, planned: Campaign, sheet: FakeSheet
) -> None:
    drafts.ask(services, sheet, planned)
    ada = services.ledger.messages.of_campaign(planned.id)[0]
    spanish = {"Accept-Language": "es"}
    asked = {"keys": [ada.row_key], "command": "Skip"}
    assert client.post(f"{TIMES}/command", json=asked, headers=spanish).get_json()["changed"] == 1
    told = client.get(f"{TIMES}/messages?key={ada.row_key}", headers=spanish).get_json()["messages"][0]
    writing.sync(
        ledger=services.ledger,
        sheet=sheet,
        channel_of=services.channel_for,
        clock=services.clock,
        campaign_id=planned.id,
        owner="w_1",
    )
    assert told["note"].startswith("Omitido por ")
    assert told["status"] == sheet.shown(0, "Status") == "Skipped"
    assert sheet.shown(0, "Note").startswith("Skipped by ")


def test_what_people_wrote_is_not_translated(
    client: FlaskClient, services: StageServices, planned: Campaign, drafted: list[Message]
) -> None:
    typed = client.patch(f"{TIMES}/messages/{drafted[0].row_key}", json={"text": "Pressed a button."})
    assert typed.status_code == 200
    told = client.get(f"{TIMES}/messages?key={drafted[0].row_key}", headers={"Accept-Language": "fr"})
    assert told.get_json()["messages"][0]["text"] == "Pressed a button."


def test_the_plan_is_said_in_each_language(client: FlaskClient, planned: Campaign) -> None:
    words = {
        tag: client.get(TIMES, headers={"Accept-Language": tag}).get_json()["plan"]["words"] for tag in (*TONGUES, "en")
    }
    assert words["en"].startswith("Writes to “Email” by ")
    assert words["de"].startswith("Schreibt an „Email“ ")
    assert words["es"].startswith("Escribe a «Email» ")
    assert words["fr"].startswith("Écrit à « Email » ")
    assert all("Yes / No" in one for one in words.values())


def test_a_stream_speaks_french_to_its_end_and_its_version_is_the_same(
    served: str,
    token: str,
    services: StageServices,
    planned: Campaign,
    drafted: list[Message],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream, "LOOK_EVERY", 0.01)
    services.ledger.campaigns.save(_noted(services, planned, "Google Sheets does not answer for now."))
    bearer = {"Authorization": f"Bearer {token}"}
    address = f"{served}/api/campaigns/{planned.id}/events"
    with requests.get(address, headers={**bearer, "Accept-Language": "fr"}, stream=True, timeout=5) as answer:
        lines = answer.iter_lines(chunk_size=1, decode_unicode=True)
        first = _next(lines)
        assert first.note == "Google Sheets ne répond pas pour le moment."
        services.ledger.messages.move(drafted[0].id, Noted("Pressed a button."))
        second = _next(lines)
        assert second.note == first.note
        assert second.plan.words.startswith("Écrit à ")
    english = CampaignView(**requests.get(f"{served}{TIMES}", headers=bearer, timeout=5).json())
    assert (english.note, english.version) == ("Google Sheets does not answer for now.", second.version)


def test_the_language_of_one_answer_is_not_that_of_the_next() -> None:
    view = Problem(title="Not found", status=404, detail="Pressed a button.")
    with speaking("de"):
        assert json.loads(view.model_dump_json())["detail"] == "Hat auf einen Knopf gedrückt."
        assert view.model_dump()["detail"] == "Pressed a button."
    assert json.loads(view.model_dump_json())["detail"] == "Pressed a button."


def _noted(services: StageServices, campaign: Campaign, words: str) -> Campaign:
    return replace(services.ledger.campaigns.get(campaign.id), note=words)


def _next(lines: Iterator[str]) -> CampaignView:
    data = next(line for line in lines if line.startswith("data: "))
    return CampaignView(**json.loads(data.removeprefix("data: ")))
