"""Until when somebody is away: found in what automatic replies say, and never wrong."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.away import LONGEST_AWAY, away_until, in_words

TODAY = date(2026, 11, 21)
"""A Saturday."""

SAID: list[tuple[str, str]] = [
    # English
    ("I am out of the office and will be back on 3 December.", "2026-12-03"),
    ("Thank you for your email. I am on annual leave until Jan 5.", "2027-01-05"),
    ("I'm currently away, returning Monday.", "2026-11-23"),
    ("I will be out of the office from December 20 to January 5 with limited access to email.", "2027-01-05"),
    ("I am away from Monday 23 November until Friday 27 November inclusive.", "2026-11-27"),
    (
        "Hi,\n\nI'm out of office through Thursday, December 3rd, 2026. For urgent matters call +1 555 010 1234.",
        "2026-12-03",
    ),
    ("I am out of the office returning on the 7th of December. In urgent cases call 020 7946 0123.", "2026-12-07"),
    ("OOO until 2026-12-14", "2026-12-14"),
    ("I'm on vacation until 12/25/2026.", "2026-12-25"),
    ("I am on holiday until 25/12.", "2026-12-25"),
    ("On December 7 I will be back in the office.", "2026-12-07"),
    ("I'm away and won't be back until 4 January 2027. Bob (bob@example.org) can help.", "2027-01-04"),
    ("I am out of the office until Monday, November 30. If urgent, please contact the desk at 555-0199.", "2026-11-30"),
    ("I am on parental leave and return to work on 1 March 2027.", "2027-03-01"),
    ("Our office is closed from December 24 through January 1. We will be back on January 2nd.", "2027-01-02"),
    ("I'm travelling Dec 4-8 and will have no access to e-mail.", "2026-12-08"),
    ("I will be away from 12/20 to 1/5.", "2027-01-05"),
    ("Away from my desk till Wednesday, back online Thursday.", "2026-11-26"),
    ("I am out sick today. I expect to be back in the office by Tuesday.", "2026-11-24"),
    ("I'll be out of the office until and including 4 December.", "2026-12-04"),
    ("I am away until 5 January. My colleague Ana will be back on Monday.", "2027-01-05"),
    # German
    ("Vielen Dank für Ihre Nachricht. Ich bin ab dem 12.03. wieder im Büro.", "2027-03-12"),
    ("Ich bin bis einschließlich 14. März nicht im Büro.", "2027-03-14"),
    ("Ich bin bis einschliesslich 14. Maerz abwesend.", "2027-03-14"),
    ("Ich bin vom 20.12. bis 05.01. im Urlaub. In dringenden Fällen: +49 30 123456.", "2027-01-05"),
    ("Ich bin derzeit nicht im Haus und kehre am 7. Dezember zurück.", "2026-12-07"),
    ("Ab Montag, den 30.11.2026, bin ich wieder für Sie erreichbar.", "2026-11-30"),
    ("Bin im Urlaub, zurück am 30.11.", "2026-11-30"),
    ("Leider bin ich bis zum 4.12.2026 außer Haus. Ihre E-Mail wird nicht weitergeleitet.", "2026-12-04"),
    ("Ich befinde mich bis zum 18. Dezember 2026 in Elternzeit.", "2026-12-18"),
    ("Unser Büro ist vom 24. Dezember bis 3. Januar geschlossen.", "2027-01-03"),
    ("Ich bin am Montag wieder da.", "2026-11-23"),
    ("Ich bin vom 20. bis 24. Dezember nicht erreichbar.", "2026-12-24"),
    ("Ich bin bis 27.11. krank gemeldet.", "2026-11-27"),
    # French
    ("Je suis absent du bureau, de retour le 3 décembre.", "2026-12-03"),
    ("Je suis en congés jusqu'au 5 janvier inclus. En cas d'urgence : 01 23 45 67 89.", "2027-01-05"),
    ("Actuellement en déplacement, je serai de retour au bureau lundi 30 novembre.", "2026-11-30"),
    ("Je suis absente du 20 décembre au 3 janvier.", "2027-01-03"),
    ("Je serai à nouveau joignable à partir du 1er décembre. Je suis absente actuellement.", "2026-12-01"),
    ("Notre bureau est fermé jusqu’au lundi 4 janvier 2027.", "2027-01-04"),
    ("À partir du 7 décembre je serai de retour.", "2026-12-07"),
    # Spanish
    ("Estoy de vacaciones hasta el 5 de enero.", "2027-01-05"),
    ("Estaré fuera de la oficina del 20 de diciembre al 3 de enero de 2027.", "2027-01-03"),
    ("Me encuentro ausente. Regreso el lunes 30 de noviembre.", "2026-11-30"),
    ("Estaré de vuelta en la oficina el día 9 de diciembre.", "2026-12-09"),
    ("Estoy de baja y volveré el 15/12/2026.", "2026-12-15"),
    ("No estaré disponible hasta el viernes 4 de diciembre; estoy de viaje.", "2026-12-04"),
    # Portuguese
    ("Estou de férias até 5 de janeiro.", "2027-01-05"),
    ("Encontro-me ausente e regresso no dia 30 de novembro.", "2026-11-30"),
    ("Estarei fora do escritório de 20 de dezembro a 3 de janeiro.", "2027-01-03"),
    ("Estarei de volta na segunda-feira, 7 de dezembro.", "2026-12-07"),
    ("Estou de férias e voltarei em 14 de dezembro de 2026.", "2026-12-14"),
    # Italian
    ("Sono in ferie fino al 5 gennaio.", "2027-01-05"),
    ("Sarò fuori ufficio dal 20 dicembre al 3 gennaio.", "2027-01-03"),
    ("Sono assente, rientro il 30 novembre.", "2026-11-30"),
    ("Sono fuori sede. Tornerò in ufficio lunedì 7 dicembre.", "2026-12-07"),
    ("L'ufficio resterà chiuso fino al 6 gennaio 2027 compreso.", "2027-01-06"),
    # Dutch
    ("Ik ben met vakantie tot en met 4 december.", "2026-12-04"),
    ("Ik ben afwezig en vanaf 7 december weer bereikbaar.", "2026-12-07"),
    ("Momenteel ben ik niet op kantoor. Ik ben terug op maandag 30 november.", "2026-11-30"),
    ("Ik ben van 20 december t/m 3 januari op vakantie.", "2027-01-03"),
    ("Wegens verlof ben ik tot 14-12-2026 niet bereikbaar.", "2026-12-14"),
    # All of them, as they come
    ("I'm out of the office starting Monday, November 23rd through Wednesday, December 2nd.", "2026-12-02"),
    ("I'm currently out of the office on PTO, and I'll be back on Monday 11/30.", "2026-11-30"),
    ("I am on vacation and will return to the office on Monday morning, November 30, 2026.", "2026-11-30"),
    ("I will be out from 23rd to 27th November. For emergencies: +44 7700 900123 (24/7).", "2026-11-27"),
    ("I am out of the office from the 23rd of November until the 1st of December, returning on the 2nd.", "2026-12-01"),
    ("I work part time: Monday to Wednesday. I will answer when I am back on Monday.", "2026-11-23"),
    ("Ich bin am 23.11. ganztägig in Terminen und ab dem 24.11. wieder erreichbar.", "2026-11-24"),
    ("Ich bin zurzeit nicht im Büro und erst ab Dienstag, 24. November wieder zu erreichen.", "2026-11-24"),
    ("Guten Tag, ich habe Urlaub bis zum 2. Januar und bin am 4. Januar wieder da.", "2027-01-04"),
    (
        "Vom 23. bis einschließlich 30. November 2026 bin ich nicht erreichbar. Vertretung: Frau Kim, Tel. "
        "0711/1234-56.",
        "2026-11-30",
    ),
    ("Aktuell bin ich in Mutterschutz und Elternzeit (voraussichtlich bis 31.10.2027).", "2027-10-31"),
    ("Ich bin leider erst am 1.12. wieder am Platz.", "2026-12-01"),
    ("Bonjour, absent jusqu'au 30/11, je traiterai votre message à mon retour.", "2026-11-30"),
    ("En congés du 21/12 au 03/01, retour le 04/01.", "2027-01-04"),
    ("Estaré de vacaciones del 21 al 31 de diciembre. Volveré el 2 de enero.", "2027-01-02"),
    ("Ausente até dia 27/11/2026, inclusive.", "2026-11-27"),
    ("De férias. Regresso a 4 de janeiro de 2027.", "2027-01-04"),
    ("Sono in ferie dal 21/12 al 06/01 compresi.", "2027-01-06"),
    ("Sono fuori ufficio, di ritorno lunedì.", "2026-11-23"),
    ("Met zwangerschapsverlof tot 15 maart 2027", "2027-03-15"),
    ("I'm away till Friday 27th November; please text me on 07700 900 123.", "2026-11-27"),
    ("On leave 23/11/2026 to 04/12/2026. Back 07/12/2026.", "2026-12-07"),
    ("I'm off from 23-11-2026 until 30-11-2026", "2026-11-30"),
    ("I'll be OOO on 11/24 and back on 11/25.", "2026-11-25"),
    ("I'm out of the office Nov. 23-27. Back in the office Nov. 30.", "2026-11-30"),
    ("I am away on business until Thu 26 Nov at 14:00.", "2026-11-26"),
    ("Out of the office: back at my desk 1st December.", "2026-12-01"),
    ("Away from 1st December. Returning 14th December 2026. Last emails checked 30th November.", "2026-12-14"),
    ("I am out of office between 23 and 27 November.", "2026-11-27"),
    ("I'm out until Sunday. Back Monday!", "2026-11-23"),
    ("The conference runs until 25 November and I am away for it.", "2026-11-25"),
    (
        "Thanks for your message. I'm taking some time off and will be back at work on the 1st of December.",
        "2026-12-01",
    ),
    ("I'm on vacation from Nov 23rd to Dec 4th; I'll be back on Dec 7th (Monday).", "2026-12-07"),
    ("I am in Rome till Tuesday, unavailable by phone.", "2026-11-24"),
    ("I'm away at a trade fair (24-26 November) and back on Friday.", "2026-11-27"),
    ("Ich habe bis einschließlich Mittwoch Urlaub.", "2026-11-25"),
    ("Ich bin vom 1.-5. Dezember auf Dienstreise.", "2026-12-05"),
    ("Bis 30.11. bitte an Kim wenden, ich bin in Urlaub.", "2026-11-30"),
    ("Wir haben Betriebsferien vom 23.12.2026 bis 06.01.2027.", "2027-01-06"),
    ("I'm on holiday until 1.12. (Bob: ext. 12.14.)", "2026-12-01"),
    ("I'm away until Monday 23rd November 2026 at noon. In case of emergency 0800-2026-12.", "2026-11-23"),
    ("The office is closed until January 4, 2027; deliveries resume January 11.", "2027-01-04"),
    ("I won't be in until Wednesday 25 November, so please be patient.", "2026-11-25"),
]

UNSAID: list[str] = [
    # No date, or not of a return
    "I am out of the office with limited access to my mail.",
    "I am away. In urgent cases call +49 30 123456 or 555-1203.",
    "I'm on leave and will get back to you on my return.",
    "I am out of office. I will get back to you on Monday.",
    "I am away until 5 pm.",
    "I'm out of office this week, back at 9:00 as usual.",
    "I will be back soon. Ticket 12.03.77 was opened.",
    "I'm away until further notice (2026).",
    "Thank you for your mail. Our office is open until 24 December.",
    "I am away. Registration is open until 3 December.",
    "We received your request. Orders are accepted until 5 January. The shop is closed on Sundays.",
    "Danke für Ihre Mail. Unser Laden ist bis 24.12. geöffnet, am 25.12. geschlossen.",
    "Ich bin im Urlaub. Das Angebot gilt bis 5. Januar.",
    "Am 5. Januar findet das Rennen statt. Ich bin nicht im Büro.",
    # To be read in two ways
    "I am on vacation until 12/03.",
    "Out of office, back 03/04/2027.",
    "I'm away until 5 or 6 ...",
    "I am out, back next Friday or the Monday after.",
    "I'm on holiday until the 5th.",
    "I am away and back on Saturday.",
    "I'm out of office and will be back on 31 November.",
    "I will return on Tuesday, 3 December 2026. (I am away.)",
    # Over already
    "I am out of the office until 3 November.",
    "Ich war bis 14.09.2026 im Urlaub.",
    "I'm away from 1 May 2026 to 8 May 2026.",
    # Of somebody else
    "I am out. Bob is away too; he is back on 3 December, I return on 10 January.",
    "I am away. The next event returns on 5 December!",
    # Numbers that are none
    "I am out. Call 0151 2345 0312 until then, or 12 34 56 78.",
    "Away. See https://example.org/2026/12/03/news for what is back.",
    "I am out, see version 12.03.2 until the fix is back.",
    "Abwesend. Konto 2026-12-034, Tel. 03.12.55.66.77 bis dahin.",
    # As they come
    "Thanks for your e-mail. I'm OOO 11/23-11/27 and will respond when I'm back.",
    "Hello! I'm on maternity leave until mid-March 2027.",
    "I am out of the office until Monday the 30th.",
    "I'm away from my desk until the new year.",
    "Out of office: 21 Nov 2026 - 06 Dec 2026",
    "I'm attending a conference in Rome from Nov 23 to Nov 25 and then I am on leave until Dec 11.",
    "I no longer work here since 31 December 2025. Please contact Bob.",
    "I have left the company. From 1 December my colleague Eve takes over.",
    "We are closed for Thanksgiving and reopen on Monday, November 30.",
    "Ich bin bis Freitag im Homeoffice und erreichbar.",
    "Das Sekretariat ist bis Ende des Jahres geschlossen.",
    "Je suis en congé maternité jusqu'au mois de mars.",
    "Absente le 24 novembre, de retour le lendemain.",
    "Je suis absent ce jour et de retour demain.",
    "Fuera de la oficina hasta nuevo aviso.",
    "Horario de atención: de lunes a viernes hasta las 18:00. Estoy ausente.",
    "Ik ben er even niet, vanaf maandag 30 november ben ik er weer.",
    "Vandaag ben ik afwezig. Morgen ben ik weer bereikbaar.",
    "Return date: 30 November 2026. I am away.",
    "I am away. Your case 2026-12-01 will be handled on my return.",
    "Please note that I'm out of the office this Friday, 27 November.",
    "I am out of office today. Invoices received until 30 November are paid in December.",
    "I am away. Replies until 1 December will be forwarded.",
    "I'm on holiday. Please send applications by 3 December, decisions until 10 December.",
    "I will be unavailable December 1, 2, and 3.",
    "I’m on leave. Normal service resumes on 5 January.",
    "Reply STOP to stop. Our support is away until 8am Monday.",
    "I am travelling and back in May.",
    "I am on sabbatical until August 2027.",
    "I'm on leave till the end of November. From December 1st Bob covers.",
    "I am currently out of office. I'll return all messages on December 2nd.",
    "I am out of the office today, 21 November, and back tomorrow.",
    "Due to public holidays we are closed on 25 and 26 December.",
    "I'm out of the office 12/1-12/5, returning 12/8.",
    "I'm out of office; for travel bookings until 15 December contact Eve.",
    "Hi! I am away, back in 2 weeks (5 December).",
    "Away. Version 2.12.2026-rc is out until replaced.",
    "My working days are Tuesday to Thursday. I am not in the office on Monday and Friday.",
    "I am OOO. Bob will be in the office until 3 December.",
    "I am out of office until 3 December 2025.",
    "I was away until 20 November and am catching up now.",
    "Ich bin am 3. Dezember im Urlaub.",
    "Ich bin ab 1. Dezember im Urlaub.",
    "Ab dem 1. Dezember bin ich im Mutterschutz, meine Vertretung ist Kim.",
    "Ab Januar bin ich wieder da.",
    "Ich bin nicht im Haus. Anmeldungen bitte bis 30.11. an Kim.",
    "Je suis absent à partir du 1er décembre.",
    "En arrêt maladie jusqu'au 04/12/2026 — merci de contacter l'accueil au 01.02.03.04.05.",
    "Inscriptions jusqu'au 30 novembre. Je suis en congé.",
    "Je suis en vacances et serai de retour le lundi 7.",
    "Estoy de vacaciones desde el 1 de diciembre.",
    "Plazo de inscripción hasta el 30 de noviembre. Estoy ausente.",
    "Estou ausente. As inscrições estão abertas até 30 de novembro.",
    "Sono in ferie. Le iscrizioni chiudono il 30 novembre.",
    "Ik ben op vakantie. Inschrijven kan tot 30 november.",
    "Ik ben vanaf 1 december met vakantie.",
    "From 1 December I will be on leave.",
    "I will be leaving the company on 30 November and won't be back.",
    "I'm away, returning on Dec 1 and away again from Dec 10 until Dec 20.",
    "Out of office 11/21/2026 to 11/29/2026",
    "I am away from my desk. The next newsletter comes out on 3 December. Back soon!",
    "I'm travelling; back on the 12:30 train on 3 December.",
    "",
    "Yes, I can come on 3 December.",
]


def test_it_finds_nearly_every_day_that_is_said_and_never_a_wrong_one() -> None:
    """The two numbers that count: found, and wrong."""
    assert len(SAID) >= 60
    results = [(text, wanted, away_until(text, today=TODAY)) for text, wanted in SAID]
    wrong = [(text, got) for text, wanted, got in results if got and got.isoformat() != wanted]
    wrong += [(text, got) for text in UNSAID if (got := away_until(text, today=TODAY))]
    missed = [text for text, _, got in results if got is None]
    assert wrong == []
    assert len(missed) <= len(SAID) // 20, missed


@pytest.mark.parametrize("text", UNSAID)
def test_it_says_nothing_rather_than_something_wrong(text: str) -> None:
    assert away_until(text, today=TODAY) is None


def test_it_says_a_day_in_words_and_its_year_when_that_is_another() -> None:
    assert in_words(date(2026, 12, 3), TODAY) == "3 December"
    assert in_words(date(2027, 1, 5), TODAY) == "5 January 2027"


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 11, 21), date(2026, 12, 3)),
        (date(2026, 12, 3), date(2026, 12, 3)),
        (date(2026, 12, 4), None),
        (date(2027, 3, 1), None),
        (date(2027, 8, 1), date(2027, 12, 3)),
    ],
)
def test_it_takes_a_day_without_a_year_for_the_next_one_and_not_for_one_just_over(
    today: date, said: date | None
) -> None:
    assert away_until("I am away until 3 December.", today=today) == said


MONTHS = {
    "I am away until {d} {m}.": "January February March April May June July August September October November December",
    "Ich bin bis zum {d}. {m} im Urlaub.": "Januar Februar März April Mai Juni Juli August September Oktober November "
    "Dezember",
    "Je suis absent jusqu'au {d} {m}.": "janvier février mars avril mai juin juillet août septembre octobre novembre "
    "décembre",
    "Estoy de vacaciones hasta el {d} de {m}.": "enero febrero marzo abril mayo junio julio agosto septiembre octubre "
    "noviembre diciembre",
    "Estou de férias até {d} de {m}.": "janeiro fevereiro março abril maio junho julho agosto setembro outubro "
    "novembro "
    "dezembro",
    "Sono in ferie fino al {d} {m}.": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre "
    "novembre dicembre",
    "Ik ben afwezig tot {d} {m}.": "januari februari maart april mei juni juli augustus september oktober november "
    "december",
}


@given(st.sampled_from(sorted(MONTHS)), st.dates(date(2026, 11, 22), date(2027, 5, 10)), st.booleans())
def test_it_finds_every_day_in_every_language(sentence: str, day: date, dated: bool) -> None:
    text = sentence.format(d=day.day, m=MONTHS[sentence].split()[day.month - 1])
    text = text.replace(".", f" {day.year}.") if dated and text.endswith(".") and text.count(".") == 1 else text
    assert away_until(text, today=TODAY) == day


@given(st.dates(date(2026, 11, 22), date(2027, 12, 31)))
def test_it_finds_every_day_in_figures(day: date) -> None:
    assert away_until(f"I am away until {day.isoformat()}.", today=TODAY) == day
    assert away_until(f"Ich bin bis {day.day:02}.{day.month:02}.{day.year} im Urlaub.", today=TODAY) == day
    slashed = away_until(f"I am away until {day.day}/{day.month}/{day.year}.", today=TODAY)
    assert slashed == (day if day.day > 12 or day.day == day.month else None)


WORDS = [
    "I",
    "am",
    "away",
    "until",
    "back",
    "on",
    "3",
    "12",
    "12.03.",
    "12/03",
    "25/12",
    "December",
    "Monday",
    "the",
    "bis",
]
WORDS += [
    "wieder",
    "2026",
    "5pm",
    "+49 30 123",
    "-",
    ",",
    ".",
    "\n",
    "31",
    "jusqu'au",
    "mars",
    "hasta",
    "vom",
    "May",
    "'27",
]


@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_it_says_only_days_that_are_to_come(text: str, today: date) -> None:
    day = away_until(text, today=today)
    assert day is None or today <= day <= today + LONGEST_AWAY


@given(st.text(max_size=200))
def test_it_reads_any_text(text: str) -> None:
    day = away_until(text, today=TODAY)
    assert day is None or day >= TODAY


@pytest.mark.parametrize(
    "piece", ["until ", "back on the ", "1.", "12/", "from 1 to ", "\u0301", "Monday ", "in at to the my "]
)
def test_it_never_hangs(piece: str) -> None:
    began = time.process_time()
    away_until("I am away " + piece * 20_000, today=TODAY)
    assert time.process_time() - began < 1
