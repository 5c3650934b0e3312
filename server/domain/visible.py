"""What a person wrote now, apart from what their mail program repeated; automatic mail; plain opt-outs.

Own anchor: we know our own address and text, so quotes are found in any language. Signatures are never cut:
every library that does so loses short answers ("- Yes, Friday works"). All scans are linear, over capped text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

MAX_CHARS = 20_000
MAX_LINES = 400
MAX_LINE = 500
"""The normaliser's caps; with them no reply can hang a reader (measured on hostile samples)."""

_WROTE = (
    *("wrote", "writes", "schrieb", "a écrit", "écrit", "escribió", "ha scritto", "scrive", "escreveu", "schreef"),
    *("skrev", "napisał", "napisał(a)", "napisała", "napsal", "napsal(a)", "kirjoitti", "yazdı", "şunu yazdı", "írta"),
    *(
        "a scris",
        "написал",
        "написала",
        "пишет",
        "написав",
        "έγραψε",
        "כתב",
        "כתב/ה",
        "כתבה",
        "كتب",
        "写道",
        "のメール",
    ),
    *("さんは書きました", "님이 작성", "đã viết", "menulis"),
)
"""How mail programs end the line over a quote ("On ... wrote:")."""

_FROM = (
    *("from", "von", "de", "da", "van", "från", "fra", "od", "от", "від", "lähettäjä", "kimden", "gönderen", "feladó"),
    *("expéditeur", "от кого", "发件人", "寄件者", "差出人", "보낸 사람", "מאת", "من", "από"),
)
"""The first label of the block that Outlook puts over a quote."""

_LABEL = re.compile(r"[*_]{0,2}([^\W\d_][\w .'-]{0,24})[*_]{0,2}\s?[:：]")
_DASHED = re.compile(r"-{2,}[^-]{2,80}-{2,}")
_DATED = re.compile(r"\b(?:19|20)\d\d\b|\d[:.h]\d\d")
_STRIP = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")


@dataclass(frozen=True, slots=True)
class Parts:
    """A reply in two: what is new, and what is quoted ("" when nothing is)."""

    visible: str
    quoted: str = ""


def normalise(text: str) -> str:
    """Plain line ends, no invisible marks, runs of blank lines made one, and the caps above."""
    lines: list[str] = []
    for line in _STRIP.sub("", text[:MAX_CHARS]).replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = line[:MAX_LINE].rstrip()
        if line or (lines and lines[-1]):
            lines.append(line)
        if len(lines) == MAX_LINES:
            break
    return "\n".join(lines).strip("\n")


def split(text: str, *, our_text: str = "", our_address: str = "") -> Parts:
    """Tell a reply's new words from the quoted ones.

    Cut are: the line over a quote in any language that holds our address (or its domain), lines such as
    `On ... wrote:`, Outlook's `From: Sent: To:` block, `>` lines and lines equal to what we sent. Words under or
    between `>` lines are kept: people answer there. When nothing would be left, everything is kept.
    """
    whole = normalise(text)
    lines = whole.split("\n")
    ours = _Ours(our_text, our_address)
    start, length = _header(lines, ours)
    before = [(line, ours.sent(line)) for line in lines[:start]]
    after = _after(lines[start + length :], ours, answered=any(line.strip() and not cut for line, cut in before))
    marked = [*before, *((line, True) for line in lines[start : start + length]), *after]
    visible = normalise("\n".join(line for line, cut in marked if not cut)).strip()
    if not any(char.isalnum() or unicodedata.category(char) == "So" for char in visible):
        return Parts(whole.strip())
    return Parts(visible, "\n".join(line for line, cut in marked if cut).strip())


class _Ours:
    """What we know of our own message: its lines, its words, its address."""

    def __init__(self, text: str, address: str) -> None:
        whole = normalise(text)
        self.lines = {_flat(line) for line in whole.split("\n") if len(line) >= 15 and len(line.split()) >= 3}
        self.all = {_flat(line) for line in whole.split("\n")}
        self.words = _flat(whole)
        local, _, domain = address.strip().casefold().partition("@")
        self.address = f"{local}@{domain}" if domain else ""
        self.domain = f"@{domain}" if domain else ""

    def sent(self, line: str) -> bool:
        """A quoted line, or a longer one that equals a line of ours (short ones may well be the answer)."""
        return line.lstrip().startswith(">") or _flat(line) in self.lines

    def repeats(self, line: str) -> bool:
        """A piece of our text, as a mail program may have wrapped it."""
        flat = _flat(line)
        return self.sent(line) or (len(flat) >= 15 and flat in self.words)

    def named(self, line: str) -> bool:
        """Our reply address, or its domain, stands there."""
        return bool(self.domain) and self.domain in line.casefold()


def _flat(line: str) -> str:
    return " ".join(line.lstrip("> \t").split()).casefold()


def _header(lines: list[str], ours: _Ours) -> tuple[int, int]:
    """Where the first header over a quote starts, and how many lines it has; (len, 0) when there is none."""
    for index, line in enumerate(lines):
        if not line.strip() or line.lstrip().startswith(">"):
            continue
        block = _outlook(lines, index)
        if block:
            return index, block
        for start in (index, index - 1, index - 2):
            piece = lines[max(start, 0) : index + 1]
            if start < 0 or not all(part.strip() for part in piece):
                break
            follows = lines[index + 1].lstrip()[:1] if index + 1 < len(lines) else ""
            if _introduces(" ".join(part.strip() for part in piece), ours, quoted_next=follows == ">"):
                start = _opening(lines, start, index)
                return start, index + 1 - start
    return len(lines), 0


def _opening(lines: list[str], start: int, end: int) -> int:
    """Where a header begins whose date stands in the line above the part that was recognised."""
    above = lines[start - 1] if start else ""
    undated = not any(_DATED.search(line) for line in lines[start : end + 1])
    return start - 1 if undated and _DATED.search(above) else start


def _introduces(line: str, ours: _Ours, *, quoted_next: bool) -> bool:
    """Whether a (joined) line says that a quote follows."""
    if len(line) > MAX_LINE or not line:
        return False
    bare = line.strip("*_ ").rstrip(":： ").casefold()
    colon = line.rstrip("*_ ").endswith((":", "："))
    if _DASHED.fullmatch(line) and any(char.isalpha() for char in line):
        return True
    if ours.named(line) and (colon or quoted_next) and not line.rstrip().endswith("?"):
        return True
    dated = any(char.isdigit() for char in line) and (":" in line[:-1] or "," in line or "@" in line or "/" in line)
    return (colon or quoted_next) and dated and any(_ends(bare, word) for word in _WROTE)


def _ends(bare: str, word: str) -> bool:
    """The line ends in the word, or holds it before a name (German puts "schrieb Cellback <r@...>:")."""
    return bare.endswith(word) or f" {word} " in bare


def _outlook(lines: list[str], index: int) -> int:
    """Length of the block of labels (From, Sent, To ...) that starts here, 0 when there is none."""
    first = _LABEL.match(lines[index].strip())
    if first is None or first.group(1).strip().casefold() not in _FROM:
        if not (set(lines[index].strip()) <= {"_"} and len(lines[index].strip()) >= 10):
            return 0
        rest = next((i for i in range(index + 1, min(index + 3, len(lines))) if lines[i].strip()), None)
        inner = _outlook(lines, rest) if rest is not None else 0
        return inner + (rest - index) if inner and rest is not None else 0
    length = 1
    while index + length < len(lines) and length < 8 and _LABEL.match(lines[index + length].strip()):
        length += 1
    return length if length >= 3 else 0


def _after(lines: list[str], ours: _Ours, *, answered: bool) -> list[tuple[str, bool]]:
    """What stands under the header: `>` lines and our own words are cut, answers between or under them kept.

    Without `>` the end of a quote can't be seen: when there was an answer above, all of it is quote.
    """
    if any(line.lstrip().startswith(">") for line in lines):
        return [(line, ours.repeats(line) or _wrapped(lines, index)) for index, line in enumerate(lines)]
    if answered or not ours.words:
        return [(line, True) for line in lines]
    return _own_lines(lines, ours)


def _own_lines(lines: list[str], ours: _Ours) -> list[tuple[str, bool]]:
    """Cut our own words from under a header; our short lines ("Thank you!") only as far as our text reaches."""
    end = max((index for index, line in enumerate(lines) if ours.repeats(line)), default=-1) + 1
    while end < len(lines) and _flat(lines[end]) in ours.all:
        end += 1
    return [(line, index < end and (ours.repeats(line) or _flat(line) in ours.all)) for index, line in enumerate(lines)]


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
