"""What a person wrote now, apart from what their mail program repeated; automatic mail; plain opt-outs.

Own anchor: we know our own address and text, so quotes are found in any language. Signatures are never cut:
every library that does so loses short answers ("- Yes, Friday works"). All scans are linear, over capped text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.quoting import MAX_CHARS, MAX_LINE, MAX_LINES, Ours, flat, head, normalise

__all__ = ["MAX_CHARS", "MAX_LINE", "MAX_LINES", "Parts", "is_automatic", "is_opt_out", "normalise", "split"]


@dataclass(frozen=True, slots=True)
class Parts:
    """A reply in two: what is new, and what is quoted ("" when nothing is)."""

    visible: str
    quoted: str = ""


def split(text: str, *, our_text: str = "", our_address: str = "") -> Parts:
    """Tell a reply's new words from the quoted ones.

    Cut are: the line over a quote (in any language when it has a day and somebody's address, or stands over our own
    words), lines such as `On ... wrote:`, Outlook's `From: Sent: To:` block, `>` lines and lines equal to what we sent.
    Words under or between `>` lines are kept: people answer there. When nothing would be left, everything is kept.
    """
    whole = normalise(text)
    lines = whole.split("\n")
    ours = Ours(our_text, our_address)
    start, length = head(lines, ours)
    before = [(line, ours.sent(line)) for line in lines[:start]]
    after = _after(lines[start + length :], ours, answered=any(line.strip() and not cut for line, cut in before))
    marked = [*before, *((line, True) for line in lines[start : start + length]), *after]
    visible = normalise("\n".join(line for line, cut in marked if not cut)).strip()
    if not any(char.isalnum() or unicodedata.category(char) == "So" for char in visible):
        return Parts(whole.strip())
    return Parts(visible, "\n".join(line for line, cut in marked if cut).strip())


def _after(lines: list[str], ours: Ours, *, answered: bool) -> list[tuple[str, bool]]:
    """What stands under the header: `>` lines and our own words are cut, answers between or under them kept.

    Without `>` the end of a quote can't be seen: when there was an answer above, all of it is quote.
    """
    if any(line.lstrip().startswith(">") for line in lines):
        return [(line, ours.repeats(line) or _wrapped(lines, index)) for index, line in enumerate(lines)]
    if answered or not ours.words:
        return [(line, True) for line in lines]
    return _own_lines(lines, ours)


def _own_lines(lines: list[str], ours: Ours) -> list[tuple[str, bool]]:
    """Cut our own words from under a header; our short lines ("Thank you!") only as far as our text reaches."""
    end = max((index for index, line in enumerate(lines) if ours.repeats(line)), default=-1) + 1
    while end < len(lines) and flat(lines[end]) in ours.all:
        end += 1
    return [(line, index < end and (ours.repeats(line) or flat(line) in ours.all)) for index, line in enumerate(lines)]


def _wrapped(lines: list[str], index: int) -> bool:
    """A piece that a long `>` line lost to the next line: between two `>` lines, starting in lower case."""
    around = lines[index - 1 : index] + lines[index + 1 : index + 2]
    inside = len(around) == 2 and all(line.lstrip().startswith(">") for line in around)
    long_before = inside and len(lines[index - 1]) >= 60
    return long_before and len(lines[index].split()) <= 3 and lines[index][:1].islower()


_AUTOMATIC_HEADERS = (
    *("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply"),
    "x-ms-exchange-generated-message-source",
)
_PRECEDENCE = frozenset({"auto_reply", "auto-reply", "bulk", "junk", "list"})

_AUTOMATIC_SUBJECTS = (
    *("out of office", "out of the office", "out-of-office", "automatic reply", "auto reply", "auto-reply"),
    *("autoreply", "auto response", "autoresponse", "away from the office", "vacation reply", "abwesenheitsnotiz"),
    *(
        "automatische antwort",
        "abwesend",
        "abwesenheit",
        "réponse automatique",
        "absence du bureau",
        "absent du bureau",
    ),
    *("respuesta automática", "fuera de la oficina", "risposta automatica", "fuori sede", "resposta automática"),
    *("fora do escritório", "automatisch antwoord", "afwezigheid", "autosvar", "automatiskt svar", "automatisk svar"),
    *("frånvaro", "fraværsmelding", "automatyczna odpowiedź", "automatická odpověď", "poissaolo", "automaattinen"),
    *("автоматический ответ", "автоответ", "отсутствие на рабочем", "自动回复", "自動回覆", "自動応答", "不在通知"),
    *("otomatik yanıt", "automatikus válasz", "자동 회신", "부재중", "رد تلقائي", "מענה אוטומטי"),
    *("undelivered mail", "undeliverable", "delivery status notification", "mail delivery failed", "returned mail"),
)


def is_automatic(headers: Mapping[str, str], subject: str) -> bool:
    """Whether a machine wrote this mail: RFC 3834 headers, bounces, or an out-of-office subject.

    `headers` have lower-case names. `X-Auto-Response-Suppress` is no evidence: people's mail carries it too.
    """
    submitted = headers.get("auto-submitted", "").split(";")[0].split("(")[0].strip().casefold()
    if submitted and submitted != "no":
        return True
    if any(headers.get(name, "no").strip().casefold() not in {"no", ""} for name in _AUTOMATIC_HEADERS):
        return True
    if headers.get("precedence", "").strip().casefold() in _PRECEDENCE:
        return True
    if headers.get("content-type", "").strip().casefold().startswith("multipart/report"):
        return True
    if headers.get("return-path", "").strip() == "<>":
        return True
    return any(words in subject[:300].casefold() for words in _AUTOMATIC_SUBJECTS)


_STOP_WORDS = frozenset(
    (
        *("stop", "stopp", "stopall", "stop all", "stop it", "stop this", "unsubscribe", "unsubscribe me"),
        *("optout", "opt out", "opt-out", "remove", "remove me", "no more messages"),
        *("no more emails", "abmelden", "abbestellen", "austragen", "keine nachrichten mehr", "désabonner"),
        *("désinscrire", "désabonnement", "désinscription", "desabonner", "desinscrire", "arrêt", "arret", "arrêter"),
        *("arrêtez", "baja", "darme de baja", "dar de baja", "cancelar suscripción", "alto", "parar", "sair"),
        *("cancelar inscrição", "descadastrar", "remover", "afmelden", "uitschrijven", "disiscrivimi", "cancellami"),
        *("annulla iscrizione", "avregistrera", "avsluta", "avmeld", "meld av", "afmeld", "wypisz", "wypisz mnie"),
        *("rezygnuję", "odhlásit", "peruuta tilaus", "iptal", "abonelikten çık", "leiratkozás", "dezabonare"),
        *("стоп", "отписаться", "отпишите", "отпишите меня", "відписатися", "退订", "取消订阅", "停止", "配信停止"),
        *("解除", "수신거부", "הסר", "הסרה", "توقف", "إلغاء الاشتراك"),
    )
)
"""Whole messages. The English ones are the carriers' list (Twilio), with REVOKE and OPTOUT."""

_STOP_FILLER = frozenset(
    (
        *("please", "pls", "plz", "thanks", "thank", "you", "now", "bitte", "danke", "merci", "svp", "por", "favor"),
        *("gracias", "grazie", "obrigado", "obrigada", "s'il", "vous", "plaît"),
    )
)

_STOP_PHRASES = (
    *("stop writing to me", "stop writing me", "stop emailing me", "stop mailing me", "stop texting me"),
    *("stop messaging me", "stop contacting me", "stop sending me", "stop spamming", "stop these messages"),
    *("stop these emails", "stop these texts", "stop the messages", "stop the emails", "stop calling me"),
    *("do not contact me", "dont contact me", "do not write to me", "dont write to me", "do not email me"),
    *("dont email me", "do not text me", "dont text me", "do not message me", "dont message me"),
    *("never contact me", "never write to me", "never email me", "leave me alone"),
    *("off your list", "off your mailing list", "off the list", "off this list", "off the mailing list"),
    *("off of your list", "from your list", "from your mailing list", "from the mailing list", "from this list"),
    *("from your database", "from your distribution list", "remove me from", "unsubscribe me", "want to unsubscribe"),
    *("like to unsubscribe", "wish to unsubscribe", "please unsubscribe", "please remove me", "delete my data"),
    *("delete my number", "delete my address", "delete my email", "delete my contact", "delete my details"),
    *("dont want to receive", "do not want to receive", "do not wish to receive", "dont wish to receive"),
    *("no longer wish to receive", "no longer want to receive", "dont want any more messages", "opt me out"),
    *("dont want any more emails", "no more emails please", "no more messages please", "want to opt out"),
    *("schreiben sie mir nicht mehr", "schreib mir nicht mehr", "keine weiteren nachrichten", "keine e-mails mehr"),
    *("keine mails mehr", "keine nachrichten mehr", "aus dem verteiler", "aus ihrem verteiler", "aus eurem verteiler"),
    *("aus der liste", "von der liste", "von ihrer liste", "kontaktieren sie mich nicht", "meine daten löschen"),
    *("ne m'écrivez plus", "ne me contactez plus", "plus recevoir", "de votre liste", "désinscrivez-moi"),
    *("désabonnez-moi", "retirez-moi", "arrêtez de m'écrire", "arrêtez de m'envoyer"),
    *("no me escriban", "no me escriba más", "no me escribas más", "dejen de escribirme", "deja de escribirme"),
    *("no quiero recibir", "no deseo recibir", "de su lista", "de vuestra lista", "denme de baja", "deme de baja"),
    *("dame de baja", "bórrenme", "non scrivetemi più", "cancellatemi", "dalla vostra lista", "não me escrevam"),
    *("não quero receber", "da sua lista", "schrijf me niet meer", "van de lijst", "geen berichten meer"),
)

_STOP_NEGATED = (
    *("dont unsubscribe", "do not unsubscribe", "dont take me off", "do not take me off", "dont remove me"),
    *("do not remove me", "never remove me", "not want to unsubscribe", "not to be removed", "keep me on"),
    *("dont want to unsubscribe", "why did you remove me", "instead of removing", "did not unsubscribe"),
    *("didnt unsubscribe", "why was i removed", "dont delete my"),
)


_CARRIER_WORDS = frozenset(("cancel", "end", "quit", "revoke"))
"""Words by which carriers block a sender of SMS (facts/channels.md, section 2). Elsewhere they are answers."""


def is_opt_out(text: str, *, sms: bool = False) -> bool:
    """Whether a person says plainly that they want no more messages: STOP and the like as the whole message (in
    about 15 languages), or a plain phrase anywhere in it ("please take me off your list"). With `sms` the words
    count too that make a carrier block us: CANCEL, END, QUIT, REVOKE.
    """
    flat = _plain(text)
    words = flat.split()
    if not words:
        return False
    bare = " ".join(word for word in words if word not in _STOP_FILLER)
    stops = _STOP_WORDS | _CARRIER_WORDS if sms else _STOP_WORDS
    if len(words) <= 6 and (flat in stops or bare in stops):
        return True
    padded = f" {flat} "
    if any(f" {words} " in padded for words in _STOP_NEGATED):
        return False
    return any(f" {phrase} " in padded for phrase in _STOP_PHRASES)


def _plain(text: str) -> str:
    """Lower case, `don't` as `dont`, punctuation as spaces; hyphens and French apostrophes stay."""
    lowered = unicodedata.normalize("NFC", normalise(text)[:MAX_CHARS]).casefold().replace("’", "'")
    lowered = lowered.replace("n't", "nt").replace("e-mails", "emails").replace("e-mail", "email")
    return " ".join("".join(char if char.isalnum() or char in "'-" else " " for char in lowered).split())
