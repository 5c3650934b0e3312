"""Who wants no more messages: certain words in many languages, and not what only looks like them."""

from __future__ import annotations

import time

import pytest

from server.domain.stop import is_opt_out


@pytest.mark.parametrize(
    "text",
    [
        *(
            "STOP",
            "stop.",
            "Stop please",
            "UNSUBSCRIBE",
            "opt out",
            "Abmelden",
            "désabonner",
            "BAJA",
            "стоп",
            "退订",
        ),
        *(
            "please stop writing to me",
            "Take me off your list!",
            "Remove me from your mailing list",
            "Don't contact me again",
            "If you don't stop the messages I will report you",
            "ＳＴＯＰ",
        ),
        *(
            "Please don’t e-mail me any more",
            "Bitte keine Nachrichten mehr",
            "Ne m'écrivez plus",
            "No quiero recibir más mensajes",
        ),
    ],
)
def test_it_hears_that_somebody_wants_no_more_messages(text: str) -> None:
    assert is_opt_out(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "yes",
            "",
            "no",
            "I will stop by at 10",
            "Please don't take me off your list",
            "The bus stop is far",
            "Let's end at 5",
        ),
        *("I have to cancel, sorry", "When does it end?", "Can you remove the parking from my booking?"),
        *("Remove me from the 9:00 slot please", "Don't stop the messages, I like them"),
    ],
)
def test_it_does_not_silence_somebody_who_did_not_ask_for_it(text: str) -> None:
    assert not is_opt_out(text)


@pytest.mark.parametrize("text", ["CANCEL", "End", "quit", "REVOKE"])
def test_a_carriers_words_stop_an_sms_and_are_answers_elsewhere(text: str) -> None:
    assert is_opt_out(text, sms=True)
    assert not is_opt_out(text)


WANTS_NO_MORE = """
Stop sending me these emails!!!
Löschen Sie meine Nummer
ne m'envoyez plus de messages
no me manden más mensajes
parem de me mandar mensagens
smettetela di scrivermi, basta messaggi
stuur me geen berichten meer
Ok. Also, stop sending me ads.
STOP sending me this
Pls stop these messages
could you stop texting me
I want you to stop messaging me
No. And please don't write to me any more
Please remove my number from your list
Yes I'm in. And please take me off this list afterwards
I never signed up for this, unsubscribe me
How do I unsubscribe?
Bitte streichen Sie mich aus dem Verteiler
nehmt mich bitte von der Liste
lasst mich in Ruhe
Retirez-moi de votre liste
больше не пишите мне
Не пишите мне больше
不要再发短信了
别再发了
もう送らないでください
그만 보내세요
메시지 보내지 마세요
Älkää enää lähettäkö minulle viestejä
sluta skicka mig sms
Lütfen bana mesaj atmayın
nie piszcie do mnie więcej
proszę nie wysyłać więcej wiadomości
لا ترسلوا لي رسائل
אל תשלחו לי הודעות
stop calling me
haal me van de lijst
verwijder mij uit het bestand
tirem-me da lista
who gave you my number? delete it
this is harassment. quit texting me
unsubscribe me from everything
Unsubscribe from your newsletter
please don't contact me again
Don't e-mail me any more
stop emailing my work address
STOP! Remove me from your event emails
I left the Tuesday class, so remove me from the class list and stop texting me
take me off your list for good
Take me off the team mailing list
""".strip().splitlines()
WANTS_SOMETHING_ELSE = """
please stop by at 5
Could you please stop by at 5?
unsubscribe me from Tuesday's class but I come on Friday
Unsubscribe me from the yoga course on Monday, the rest stays
Take me off the list for Saturday, I can't come
take me off the waiting list please
Please remove me from the Friday shift
I had to stop writing, the bus came. Yes I come
I'll be at the bus stop, please stop there
Don't call me before 10, but yes I'll be there
Don't text me while I drive. Yes, I come
Nimm mich von der Warteliste, ich komme
Nehmt mich von Köln mit?
Haal me van het station op om 5
je me suis désinscrit du cours de mardi
Je dois retirer de l'argent avant, mais oui
Ich muss mich abmelden vom Kurs am Dienstag
I unsubscribed by mistake, I do want to come
Please don't take me off your list
I received no more messages after the first, is it on?
no more messages needed, I'll be there
when you stop sending the bus I can't come
Can you remove the parking from my booking?
quiero darme de baja de la clase del martes
Bitte streichen Sie mich von der Gästeliste
The music should stop sending people home early
If you stop sending the shuttle, I will walk
We never stop calling it the old hall
Let's end at 5
Sáqueme de dudas: ¿a qué hora?
yes, please stop in front of the school
Don't stop me now! I'm in
I will not be writing more, see you there
Stop sending trucks, we have enough. Yes
不要发脾气
bana yazmanız iyi oldu, geliyorum
unsubscribe me from Monday's session
non mi mandi più tardi l'indirizzo?
Ik wil van de wachtlijst
""".strip().splitlines()


@pytest.mark.parametrize("text", WANTS_NO_MORE)
def test_plain_phrases_count_in_any_language_of_the_list(text: str) -> None:
    assert is_opt_out(text)
    assert is_opt_out(f"Hello,\n{text}\nThank you")


@pytest.mark.parametrize("text", WANTS_SOMETHING_ELSE)
def test_leaving_or_stopping_something_else_silences_nobody(text: str) -> None:
    assert not is_opt_out(text)


@pytest.mark.parametrize(
    "piece",
    ["stop ", "unsubscribe from ", "remove me from the ", "a", "please ", "не ", "-", "dont ", "take me off my "],
)
def test_no_text_takes_long(piece: str) -> None:
    start = time.process_time()
    is_opt_out(piece * (200_000 // len(piece)))
    assert time.process_time() - start < 0.5
