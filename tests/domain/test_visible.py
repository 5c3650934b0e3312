"""What a person wrote, apart from quotes; machines and opt-outs told from people."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.visible import MAX_CHARS, is_automatic, normalise, split
from tests.domain import quotes

OURS = "r+k3j4h5@replies.example.org"
SENT = (
    "Hello Ana,\n\nYour start time is 09:40.\n\n"
    "Could you please confirm your availability? Just reply yes or no.\n\nThank you!"
)
QUOTED = "\n".join(f"> {line}" for line in SENT.split("\n"))

HEADERS = [
    f"On Mon, 4 May 2026 at 10:00, Races <{OURS}> wrote:",
    f"On Mon, 4 May 2026 at 10:00, Races\n<{OURS}>\nwrote:",
    f"Am Mo., 4. Mai 2026 um 10:00 Uhr schrieb Races <{OURS}>:",
    f"Le lun. 4 mai 2026 à 10:00, Races <{OURS}> a écrit :",
    f"El lun, 4 may 2026 a las 10:00, Races (<{OURS}>) escribió:",
    f"Il giorno lun 4 mag 2026 alle ore 10:00 Races <{OURS}> ha scritto:",
    f"Em seg., 4 de mai. de 2026 às 10:00, Races <{OURS}> escreveu:",
    f"Op ma 4 mei 2026 om 10:00 schreef Races <{OURS}>:",
    f"Den mån 4 maj 2026 kl 10:00 skrev Races <{OURS}>:",
    f"pon., 4 maj 2026 o 10:00 Races <{OURS}> napisał(a):",
    f"пн, 4 мая 2026 г. в 10:00, Races <{OURS}>:",
    f"4 Mayıs 2026 Pzt 10:00 tarihinde Races <{OURS}> şunu yazdı:",
    f"2026年5月4日(月) 10:00 Races <{OURS}>:",
    f"בתאריך יום ב׳, 4 במאי 2026 ב-10:00 מאת Races <{OURS}>:",
    f"في الاثنين، 4 مايو 2026 10:00 ص Races <{OURS}>:",
]


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header[:12])
@pytest.mark.parametrize("body", [QUOTED, SENT], ids=["marked", "bare"])
def test_it_cuts_the_quote_under_a_header_in_any_language(header: str, body: str) -> None:
    parts = split(f"Yes, Friday works\n\n{header}\n\n{body}\n", our_text=SENT, our_address=OURS)
    assert parts.visible == "Yes, Friday works"
    assert "Your start time is 09:40." in parts.quoted


@pytest.mark.parametrize(
    "header",
    [
        "From: Races <someone@example.com>\nSent: Monday, 4 May 2026 10:00\nTo: Ana\nSubject: Your start time",
        "Von: Races\nGesendet: Montag, 4. Mai 2026 10:00\nAn: Ana\nBetreff: Ihre Startzeit",
        "________________________________\nDe : Races\nEnvoyé : lundi 4 mai 2026\nÀ : Ana\nObjet : Départ",
        "-----Original Message-----\nFrom: Races",
        "---------- Forwarded message ---------",
    ],
)
def test_it_cuts_the_block_that_outlook_puts_over_a_quote(header: str) -> None:
    assert split(f"ok\n\n{header}\n\n{SENT}").visible == "ok"


@pytest.mark.parametrize(
    "answer",
    [
        "- Yes, Friday works",
        "Thanks, but please move it to 4pm",
        "Best, would be 5pm",
        "Yes.\n\n--\nAna Souza\nHead of Sales",
        "I wrote: yes!",
        "From: 10 to 12 I am free",
        "My answer is:\nyes",
        "Yes\nSent from my iPhone",
        "On Monday I can, at 10:00 or 11:00:\n10 is better",
    ],
)
def test_it_never_loses_a_short_answer(answer: str) -> None:
    assert split(f"{answer}\n\n{HEADERS[0]}\n{QUOTED}", our_text=SENT, our_address=OURS).visible == answer


def kept(visible: str, answer: str) -> bool:
    return " ".join(answer.split()) in " ".join(visible.split())


@pytest.mark.parametrize("known", [True, False], ids=["our text known", "our text unknown"])
@pytest.mark.parametrize("language", quotes.LINES)
def test_it_keeps_every_answer_and_lets_no_quote_through(language: str, known: bool) -> None:
    """The two numbers that count, per language. On all 506 of these, with our text unknown, mail-parser-reply 1.36 lets
    346 quotes through, quotequail 0.5.4 306 (and loses one answer), unquotemail 1.0.11 354; put behind ours, each lets
    through the same 2 as ours alone: that is why none of them is used.
    """
    seen = [(case, split(case.text, our_text=case.sent if known else "").visible) for case in quotes.cases(language)]
    assert [case.text for case, visible in seen if not kept(visible, case.answer)] == [], "an answer was lost"
    leaks = [case.text for case, visible in seen if quotes.leaked(visible)]
    assert len(leaks) <= (2 if language == "ru" and not known else 0), leaks


@pytest.mark.parametrize("program", quotes.PROGRAMS)
def test_it_cuts_what_a_mail_program_puts_under_an_answer(program: str) -> None:
    assert split(f"Yes, Friday works{quotes.PROGRAMS[program]}").visible == "Yes, Friday works"


@pytest.mark.parametrize("answer", quotes.LOOKALIKES)
def test_it_loses_no_answer_that_looks_like_the_head_of_a_quote(answer: str) -> None:
    under = (
        "",
        f"\n\n{quotes.LINES['en'][0]}\n\n{quotes.MARKED}",
        f"\n\n{quotes.LINES['de'][2]}\n\n{quotes.SENT}",
        f"\n\n{quotes.block('fr')}\n\n{quotes.SENT}",
        f"\n\n{quotes.MARKED}",
    )
    for text in under:
        for ours in (quotes.SENT, ""):
            visible = split(answer + text, our_text=ours).visible
            assert kept(visible, answer)
            assert not quotes.leaked(visible)


def test_it_keeps_answers_between_and_under_quoted_lines() -> None:
    text = f"{HEADERS[0]}\n> Your start time is 09:40.\n\nfine\n\n> Could you please confirm your availability?\nyes"
    assert split(text, our_text=SENT, our_address=OURS).visible == "fine\n\nyes"


def test_it_keeps_an_answer_under_a_quote_without_marks() -> None:
    assert split(f"{HEADERS[0]}\n{SENT}\n\nYes from me", our_text=SENT, our_address=OURS).visible == "Yes from me"


def test_it_drops_lines_that_we_sent_when_there_is_no_header() -> None:
    assert split(f"Yes\n\n{SENT.split(chr(10))[4]}", our_text=SENT).visible == "Yes"


def test_it_keeps_everything_when_nothing_but_a_quote_is_there() -> None:
    parts = split(f"{HEADERS[0]}\n{QUOTED}", our_text=SENT, our_address=OURS)
    assert "09:40" in parts.visible
    assert parts.quoted == ""


def test_it_keeps_an_answer_that_is_only_an_emoji() -> None:
    assert split(f"👍\n{HEADERS[0]}\n{QUOTED}", our_address=OURS).visible == "👍"


def test_it_caps_what_it_reads() -> None:
    assert len(normalise("word " * 10_000)) <= MAX_CHARS
    assert normalise("a\r\n\r\n\r\n\r\nb") == "a\n\nb"


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="On wrote:>\n-_@a1,Fromé", max_size=400))
def test_it_splits_any_text_and_never_into_nothing(text: str) -> None:
    parts = split(text, our_text=SENT, our_address=OURS)
    assert bool(parts.visible) == bool(normalise(text).strip())


@pytest.mark.parametrize(
    "text", ["On " * 6_600, "\n" * 20_000, " " * 20_000, "From: a\n" * 2_500, "> " * 10_000, "-" * 20_000]
)
def test_it_never_hangs(text: str) -> None:
    start = time.process_time()
    split(text, our_text=text, our_address=OURS)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("headers", "subject"),
    [
        ({"auto-submitted": "auto-replied"}, ""),
        ({"auto-submitted": "auto-generated; x=y"}, ""),
        ({"x-autoreply": "yes"}, ""),
        ({"precedence": "Bulk"}, ""),
        ({"precedence": "auto_reply"}, ""),
        ({"content-type": 'multipart/report; report-type="delivery-status"'}, ""),
        ({"x-ms-exchange-generated-message-source": "Mailbox Rules Agent"}, ""),
        ({"return-path": "<>"}, ""),
        ({}, "Automatic reply: Your start time"),
        ({}, "Abwesenheitsnotiz"),
        ({}, "Réponse automatique : départ"),
        ({}, "自動応答"),
    ],
)
def test_it_tells_a_machine(headers: dict[str, str], subject: str) -> None:
    assert is_automatic(headers, subject)


@pytest.mark.parametrize(
    ("headers", "subject"),
    [
        ({}, "Re: Your start time"),
        ({"auto-submitted": "no"}, ""),
        ({"x-auto-response-suppress": "All"}, ""),
        ({"precedence": "normal", "content-type": "multipart/alternative"}, "Re: hello"),
    ],
)
def test_it_takes_a_person_for_a_person(headers: dict[str, str], subject: str) -> None:
    assert not is_automatic(headers, subject)


def test_a_mark_that_turns_letters_round_stays_to_be_seen() -> None:
    """“yes ton lliw I” looks like “yes I will not” where it is shown turned, and must not be read as a yes."""
    assert normalise("yes\u202e ton lliw I\u202c\u200b") == "yes\ufffd ton lliw I"
