"""Whether a person wants no more messages: certain before any model, in any language that is listed here.

Two forms: a word that is all of the message (STOP), and a plain phrase anywhere in it. A phrase about something else
that one can leave or stop (a class, a shift, a bus) is none.
"""

from __future__ import annotations

import re
import unicodedata

from server.domain.quoting import MAX_CHARS, normalise

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

_START = (
    r"(?:^|[.!?,;:()\n–-]\s*|\b(?:please|pls|plz|and|just|now|also|kindly|(?<!when )(?<!if )you(?: guys| people|"
    r" all)?|(?:you|them) to)\s+)"
)
_SENDING = r"(?:writ|text|e-?mail|mail|messag|contact|send|spamm?|bother|pester|harass|ping)ing"
_THEIRS = (
    r"(?:\s+(?:to\s+)?(?:me|us|my|this|these|those|any|all|more|so|messages?|texts?|e-?mails?|mails?|sms|spam|ads|"
    r"stuff|reminders|please|now|here|again)\b|\s*(?:[.!?,;\n]|$))"
)
_LISTS = (
    r"(?:e-?mail |mailing |contact |address )?(?:lists?|database|contacts|mailings?|e-?mails|texts|distribution|"
    r"newsletter|records|system)"
)
_VERTEILER = r"(?:\w+ ){0,3}(?:liste\w*|verteiler\w*|kartei|datenbank|adress\w*|kontakte\w*|system)"
_LISTA = r"(?:\w+ ){0,3}(?:lista|listado|base|mailing|contactos|contatos|grupo)"
_LIJST = r"(?:\w+ ){0,3}(?:\w*lijst|bestand|systeem|database|mailing|adressen|groep)"
_LISTE = r"(?:\w+ ){0,3}(?:liste|base|fichier|mailing|contacts)"

_PLAIN = re.compile(
    "|".join(
        (
            # English
            rf"{_START}(?:stop|quit)\s+{_SENDING}{_THEIRS}",
            rf"{_START}(?:stop|quit)\s+calling(?:\s+(?:me|us|my|this))?(?:\s+(?:number|phone|please|now|again|at|"
            rf"every|all))*\s*(?:[.!?,;\n]|$)",
            r"\b(?:do not|don't|dont|never) (?:ever )?(?:contact|text|e-?mail|write to|message|call) me "
            r"(?:ever |any ?more|again|any longer)",
            r"\bleave me (?:alone|in peace)\b",
            rf"\b(?:take|remove|delete|drop|strike) (?:me|my (?:number|name|address|e-?mail|details)) (?:off|from|"
            rf"out of) (?:\w+ ){{0,2}}{_LISTS}\b",
            rf"{_START}(?:i want |send (?:me )?)?no more (?:texts|messages|e-?mails|mails|sms|"
            rf"reminders)\b(?! (?:needed|necessary|came|from|for))",
            r"\bunsubscribe\b",
            r"\bwho gave you my (?:number|address|e-?mail)\b[^\n]{0,20}\b(?:delete|remove) it\b",
            # German
            r"(?:löschen? sie|lösche|löscht) (?:bitte )?meine (?:nummer|daten|adresse)|\bab(?:zu)?melden vo[nm]\b",
            rf"(?:nehmen sie|nehmt|nimm|streichen sie|streicht|streich|entfernen sie|"
            rf"entfernt) mich (?:bitte )?(?:aus|von) {_VERTEILER}",
            r"lasst? mich in (?:ruhe|frieden)|lassen sie mich in (?:ruhe|frieden)",
            r"(?:schreib\w*|kontaktier\w*) (?:sie )?(?:mir|mich) (?:bitte )?(?:nicht|nie|keine \w+) mehr",
            r"keine (?:weiteren (?:nachrichten|sms|mails|e-mails)|(?:nachrichten|sms|mails|e-mails) mehr)\b"
            r"(?! (?:bekommen|erhalten))",
            # French
            r"arr[êe]te[zr]? de m'|ne m'(?:écri\w+|ecri\w+|envoy\w+|contact\w+|appel\w+) plus",
            rf"(?:me (?:retirer|enlever|supprimer)|(?:retirez|enlevez|supprimez|retire|enlève|"
            rf"supprime)-moi) de {_LISTE}",
            r"(?:retirez|enlevez|supprimez|effacez) (?:mon numéro|mon adresse|mes (?:données|coordonnées))",
            r"plus recevoir|\bd[ée]sinscri\w+|laissez-moi tranquille",
            # Spanish
            r"dej(?:a|e|en|ad) de (?:escribir|mandar|enviar|molestar)|no me (?:escrib|mand|envi|contact|"
            r"molest)\w+ m[aá]s",
            r"no (?:quiero|deseo) (?:recibir|m[aá]s mensajes)|dar(?:me|se) de baja|d[ae](?:d|n|r)?me de baja",
            rf"(?:b[oó]rr|quit|elim[ií]n|s[aá]qu)\w*me de {_LISTA}",
            # Portuguese
            r"par(?:e|em|a) de me (?:mandar|enviar|escrever)|n[aã]o (?:me )?(?:mand|envi|escrev)\w+ mais|"
            r"n[aã]o quero (?:mais )?receber",
            r"(?:tir|remov|retir)\w+-?(?:me)? (?:da|desta|dessa) lista|me (?:tir|remov|retir)\w+ (?:da|desta|"
            r"dessa) lista",
            # Italian
            r"smett\w+ di (?:scriv|mand|contatt)\w+|non (?:mi )?(?:scriv|contatt|mand)\w+(?:mi)? più(?! tardi)|"
            r"non voglio (?:più )?ricevere",
            r"(?:cancell|toglie|rimuov)\w+ (?:dalla|da questa) lista|basta (?:messaggi|sms|e-?mail|mail)|"
            r"lasciatemi in pace",
            # Dutch
            r"(?:schrijf|mail|app|bel|stuur|contacteer) (?:me|mij) (?:a\.?u\.?b\.? )?(?:niet|geen \w+) meer|"
            r"geen (?:berichten|mails?|sms) meer",
            rf"(?:haal|verwijder) (?:me|mij) (?:van|uit) {_LIJST}|laat (?:me|mij) met rust|"
            r"stop met (?:mailen|appen|berichten|sturen|bellen)",
            # Others, as far as a few plain phrases go
            r"(?:nie|proszę nie) (?:pisz\w*|pisać|wysyłaj\w*|wysyłać)[^.\n]{0,20} więcej|nie chcę (?:otrzymywać|"
            r"dostawać)|"
            r"sluta (?:skicka|skriva|mejla|höra av)|skriv inte (?:till mig )?(?:mer|igen)|(?:stop|"
            r"hold op) med at (?:sende|skrive)|"
            r"slutt å (?:sende|skrive)|älkää? enää (?:lähet|kirjoit)\w+|lopettakaa (?:viesti|lähet)\w+|"
            r"(?:не|больше не) (?:пиши|присылай|отправляй|шли)\w*(?: мне)? больше|больше (?:мне )?не (?:пиши|"
            r"присылай|отправляй|шли)\w*|"
            r"(?:přestaňte|nepište) mi (?:psát|už|posílat)|nu-mi mai (?:scrie|trimite)\w*|"
            r"ne írj\w* (?:nekem )?többet|"
            r"bana (?:bir daha |artık )?(?:yazmayın|yazma\b)|(?:mesaj|e-?posta) (?:atmayın|göndermeyin|yollamayın)|"
            r"(?:不要|别|別|請勿|请勿|請不要|请不要)(?:再(?:给我|給我)?|给我|給我)(?:发|發|傳|传)|"
            r"(?:不要|别|別|請勿|请勿)(?:发|發|傳|传)送?(?:短信|信息|訊息|消息|邮件|郵件)|"
            r"(?:もう|二度と)(?:メール|メッセージ|連絡)?を?(?:送ら|し)ないで|"
            r"(?:메시지|문자|메일)(?:를|을)? ?(?:그만|보내지 ?마)|그만 ?보내|"
            r"لا (?:ترسل|تراسل)\w* (?:لي|إلي|رسائل|المزيد)|توقف\w* عن (?:إرسال|مراسل)\w*|"
            r"(?:אל תשלח|אל תכתב|תפסיק)\w* (?:לי|לשלוח|לכתוב)",
        )
    ),
    re.IGNORECASE,
)
"""Plain phrases, over lower-case text with straight apostrophes."""

_ACTIVITY = (
    r"(?:class|course|lesson|session|slot|shift|workshop|training|event|game|match|race|team|tournament|trip|tour|"
    r"booking|"
    r"waiting[- ]?list|waitlist|guest[- ]?list|standby|rota|roster|schedule|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?(?:'s)?|tomorrow|tonight|"
    r"kurs\w*|training\w*|warteliste|gästeliste|termin\w*|schicht\w*|\w+tags?kurs|(?:mon|diens|donners|frei|sams|"
    r"sonn)tag|mittwoch|"
    r"cours|séances?|atelier|stage|clase|curso|sesi[oó]n|taller|turno|aula|sess[aã]o|oficina|corso|lezione|turno|"
    r"les|cursus|dienst|wachtlijst)"
)
_ELSE = re.compile(
    rf"\b(?:unsubscribe|remove|take|delete|drop|strike|signed? off|abmelden|nehmen sie|nehmt|nimm|streich\w*|"
    rf"désinscri\w*|desinscri\w*|"
    rf"retire[zr]?(?:-moi)?|enlève\w*|baja|b[oó]rr\w+|quit\w+me|haal|verwijder|cancell\w+)\b"
    rf"[^.!?;\n]{{0,30}}\b(?:from|off|out of|vo[nm]|aus|d[eu]s?|del|della|dal|dalla|do|da|van|uit|d')\s*"
    rf"(?:(?!list\b|e-?mail|mail|messag|text)[\w':.]+ ){{0,3}}{_ACTIVITY}\b"
    rf"(?! {_LISTS}|(?:'s)? (?:messages|updates|notifications|reminders))"
    r"|\b(?:do not|don't|dont|never) (?:contact|text|e-?mail|write to|message|call) me (?:while|before|after|"
    r"until|till|during|between|when|unless|if|tonight|today|tomorrow|at (?:night|work))\b"
    r"|(?<!you )\b(?:do not|don't|dont|never) stop (?:the|these|this|your|sending|writing|texting)\b(?: \w+)?"
    r"|\blist for (?!good\b|ever\b)|\blist of (?:people|those|players|speakers)"
    r"|\bunsubscribed? (?:\w+ ){0,3}(?:by (?:mistake|accident)|accidentally|in error)|"
    r"\baccidentally (?:\w+ ){0,3}unsubscribe",
    re.IGNORECASE,
)
"""Something else than messages is left: a class, a shift, a list of guests."""


def is_opt_out(text: str, *, sms: bool = False) -> bool:
    """Whether a person says plainly that they want no more messages: STOP and the like as the whole message (in
    about 15 languages), or a plain phrase anywhere in it ("please take me off your list"). With `sms` the words
    count too that make a carrier block us: CANCEL, END, QUIT, REVOKE.
    """
    lowered = _lower(text)
    flat = _flat(lowered)
    words = flat.split()
    if not words:
        return False
    bare = " ".join(word for word in words if word not in _STOP_FILLER)
    stops = _STOP_WORDS | _CARRIER_WORDS if sms else _STOP_WORDS
    if len(words) <= 6 and (flat in stops or bare in stops):
        return True
    if any(f" {words} " in f" {flat} " for words in _STOP_NEGATED) or _STAY.search(lowered):
        return False
    rest = _ELSE.sub(" … ", lowered)
    padded = f" {_flat(rest)} "
    return any(f" {phrase} " in padded for phrase in _STOP_PHRASES) or bool(_PLAIN.search(rest))


_STAY = re.compile(
    r"\b(?:do not|don't|dont|never|nicht|ne|no|não|non|niet)\b[^.\n]{0,12}\b(?:unsubscribe|remove me|take me off|"
    r"delete me)|keep me on",
)


def _lower(text: str) -> str:
    return unicodedata.normalize("NFKC", normalise(text)[:MAX_CHARS]).casefold().replace("’", "'")


def _flat(lowered: str) -> str:
    """`don't` as `dont`, punctuation as spaces; hyphens and French apostrophes stay."""
    lowered = lowered.replace("n't", "nt").replace("e-mails", "emails").replace("e-mail", "email")
    return " ".join("".join(char if char.isalnum() or char in "'-" else " " for char in lowered).split())
