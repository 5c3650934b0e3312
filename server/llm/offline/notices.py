"""Replies that are no answer: automatic ones, wrong persons, and texts that try to give the reader orders."""

from __future__ import annotations

import re

from server.domain.visible import MAX_CHARS, MAX_LINE, MAX_LINES

_AWAY = re.compile(
    r"out[- ]of[- ](?:the[- ])?office|automatic(?:ally generated)? (?:reply|response|message)|auto[- ]?(?:reply|"
    r"response|responder)\b|"
    r"this is an automated|this mailbox is (?:not|un)monitored|mailbox is not monitored|no longer monitored|"
    r"abwesenheitsnotiz|automatische (?:antwort|nachricht)|nicht im büro|außer haus|réponse automatique|"
    r"message automatique|fuori sede|fuori ufficio|fora do escritório|automatisch(?:e)? (?:antwoord|bericht)|"
    r"niet op kantoor|buiten kantoor|"
    r"absente? du bureau|hors du bureau|fuera de la oficina|respuesta automática|mensaje automático|"
    r"risposta automatica|"
    r"resposta automática|automatisch antwoord|autosvar|automatiskt svar|automatisk svar|automatyczna odpowiedź|"
    r"автоматический ответ|自動応答|自动回复|자동 회신",
    re.IGNORECASE,
)
_AWAY_TOO = re.compile(
    r"(?:currently|presently) (?:away|on leave|on holiday|on vacation|travelling|out)|"
    r"limited access to (?:my )?e-?mail|"
    r"(?:reply|respond|answer|get back)[^.\n]{0,60}(?:when i return|upon my return|on my return|when i am back|"
    r"when i'm back)|"
    r"(?:annual|parental|maternity|paternity|medical|sick) leave (?:until|till|from)|"
    r"we have received your (?:message|e-?mail|request)|"
    r"ticket (?:number|#)|your (?:request|ticket) has been|for urgent (?:matters|requests|enquiries)|in urgent cases|"
    r"in dringenden fällen|ich bin (?:bis|ab|vom)[^.\n]{0,40}(?:nicht erreichbar|abwesend|im urlaub)|"
    r"away from my (?:desk|mail|computer)|no access to (?:my )?e-?mail|"
    r"je suis (?:actuellement )?absente?|en cas d['’]urgence|en mi ausencia|estaré ausente|estoy ausente|"
    r"para urgencias|"
    r"en caso de urgencia|em caso de urgência|estou (?:ausente|de férias)|per urgenze|in caso di urgenza|sono in ferie|"
    r"sarò assente|sono assente|voor dringende|bij dringende|in dringende gevallen|(?:ik ben|wij zijn) (?:met|"
    r"op) vakantie|"
    r"ik ben afwezig|(?:i am|i'm) (?:away|on (?:leave|holiday|vacation)) (?:until|till)|im urlaub und lese",
    re.IGNORECASE,
)
_AWAY_UNTIL = re.compile(
    r"\b(?:until|till|bis(?: zum)?|jusqu['’]au|hasta(?: el)?|até|fino al?|tot(?: en met)?)\s+(?:\w+\s+){0,2}?(?:\d|"
    r"mon|tue|wed|thu|fri|sat|"
    r"sun|lun|mar|mer|jeu|ven|sam|dim|mi[eé]|jue|vie|s[aá]b|seg|ter|qua|qui|sex|gio|maa|din|woe|don|vri|zat|zon|"
    r"die|mit|fre|"
    r"jan|feb|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.IGNORECASE,
)
_WRONG = re.compile(
    r"wrong (?:number|person|address|e-?mail|guy|contact)|(?:don['’]?t|do not) know (?:who|what|any|this person)|"
    r"who(?: is|['’]s) this\b|"
    r"not the right person|i(?:['’]?m| am) not (?:the (?:person|one)|him|her)\b|no longer (?:work|works|"
    r"with the company)|"
    r"mistaken identity|never (?:signed up|registered|applied|heard of)|(?:didn['’]?t|did not) (?:sign up|"
    r"register|apply)|"
    r"not meant for me|(?:you have|you['’]ve got|got) the wrong|this isn['’]?t \w+['’]?s? (?:number|phone|e-?mail)|"
    r"(?:is not|isn['’]?t|wasn['’]?t) (?:intended )?for me\b|falsche (?:nummer|person|adresse)|falsch verbunden|"
    r"bin nicht (?:der|die) richtige|"
    r"mauvais (?:numéro|destinataire)|mauvaise (?:personne|adresse)|erreur de destinataire|vous vous trompez|"
    r"(?:número|persona|dirección) equivocad[oa]|se equivoca|se ha equivocado|no soy (?:yo|esa persona)|"
    r"numero sbagliato|número errado|(?:works?|working) here (?:any ?more|any longer)|no longer (?:uses|lives|here)|"
    r"mistak(?:ing|en) me for|haben sie sich verwählt|verwählt|nicht mehr bei uns|sind (?:sie )?(?:hier|"
    r"bei mir) falsch|"
    r"gibt es keinen? \w+|kenne keinen? \w+|ne travaille plus|n['’]est plus|connais pas|je ne suis pas (?!dispo|s[uû]r|"
    r"libre|l[aà]\b|pr[eé]sent|en |d['’])[A-ZÀ-Ý]|te equivocas|se equivocó|no conozco|ya no trabaja|não conheço|"
    r"é engano|"
    r"\Aengano\W{0,5}\Z|número está errado|pessoa errada|não trabalha mais|persona sbagliata|sbagliato (?:persona|"
    r"numero)|"
    r"non conosco|non lavora più|verkeerde? (?:nummer|persoon|adres)|de verkeerde|ken geen|werkt (?:hier|niet) |"
    r"verkeerd verbonden",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"(?:ignore|disregard|forget|override|bypass)[^.\n]{0,40}(?:instruction|prompt|rule|question|previous|above|prior|"
    r"everything)|system prompt|\bsystem\s*(?::|\]|override)|\bsudo\b|\badmin(?:istrator)? mode|"
    r"(?:mark|set|flag|classify|record|treat|register|log|update|change|put|write)[^.\n]{0,30}(?:as (?:a |"
    r"an )?(?:confirmed|"
    r"sure|yes|available|declined|certain)|confidence|outcome|flag|status|\b(?:every|all)\b[^.\n]{0,20}(?:row|cell|"
    r"size|"
    r"answer|column)s?|\b\w+ ?= ?\w+)|"
    r"\b(?:set|mark|change|update) (?:\w+ ){1,3}to (?:yes|confirmed|sure|true|\d)|"
    r"you are (?:an? )?(?:ai|assistant|language model|bot|now)\b|as an ai|\bai\b[:,]|dear ai\b|language model|"
    r"\b(?:the|this|dear) (?:ai|assistant|model|robot|bot|machine|parser|reader|llm)\b|chatgpt|"
    r"(?:\A|\n)[ \t]*(?:ai|assistant|user|human|system|model)\s*:|"
    r"[{\[]\s*[\"'][^\"'\n]{1,40}[\"']\s*:|\{\s*(?:outcome|flag|confidence|values)|(?:confidence|outcome|flag|"
    r"values?|status)\s*[=:]|\bconfidence \d|jailbreak|"
    r"developer mode|begin answer|end answer|reply contains|the reply (?:says|is)|(?:output|print|return|"
    r"repeat after me|"
    r"(?<!to )(?<!not )say|translate)(?: this)?\s*:?\s*[\"']?(?:yes|no|confirmed|ok)\b|(?:correct |"
    r"right )?answer (?:for|of|"
    r"to) this|the word is|"
    r"\b(?:for|to) (?:all|every)(?:body|one)? ?(?:other )?(?:contestants?|participants?|rows?|recipients?|"
    r"attendances?)|"
    r"\ball (?:rows|attendances|recipients|replies)|\bapprove all|every ?(?:body|one) (?:else )?as (?:yes|confirmed)|"
    r"mark (?:every|all)|for everybody|drop table|ignoriere|ignorez|ignora |ignoreer|"
    r"new instructions|instructions? (?:for|to) (?:the )?(?:ai|model|bot|assistant)|###|"
    r"</?\w{1,40}>|<!--|```|\$\{|\{\{|%\w{1,40}%|(?:\A|\n)[ \t]*=|javascript:|(?:\A|\n)x-[a-z-]{2,40}:",
    re.IGNORECASE,
)
"""Words, and marks of code, with which a text speaks to a machine rather than to the people who asked."""

_STRUCK = re.compile(r"[\u0335-\u0338]|~~")
_TURNED = re.compile(r"[\u202a-\u202e\u2066-\u2069\u061c]")
_ADDRESS = re.compile(r"\b(?:https?://|www\.|mailto:)\S+|[\w.+-]{1,64}@[\w-]{1,60}\.[\w.-]{1,100}")


def tricks(text: str) -> str:
    """What makes a text look other than it reads, as a short reason; "" when nothing does.

    Marks that turn the direction of reading (right-to-left scripts need none in plain text), letters struck through.
    """
    if _TURNED.search(text):
        return "it turns the direction of reading"
    return "words in it are struck through" if _STRUCK.search(text) else ""


def without_addresses(text: str) -> str:
    """The same text with links and mail addresses blanked: a yes within one is no yes. Places stay the same."""
    return _ADDRESS.sub(lambda found: "_" * len(found.group(0)), text)


_SARCASM = re.compile(
    r"(?<!all )(?<!al)\b(?:yeah|yea|sure|oh),? right\b|when (?:pigs fly|hell freezes)|\bas if\b|\s/s\b|"
    r"just what i needed|"
    r"nothing better to do|because i have nothing|queen of|king of england|waste|thrilled to|brilliant idea|"
    r"nichts besseres|sonst noch was|sonst noch wünsche|na toll|na super|na klasse|ja ja\b|jaja|"
    r"puis quoi encore|cours toujours|quand les poules|rien d'autre à faire|rien de mieux à faire|"
    r"ranas críen|no tuviera otra|nada mejor que hacer|sí,? hombre|sí,? claro,? (?:cómo|como) no|"
    r"mais nada (?:para|pra) fazer|nada melhor (?:para|pra)|vai sonhando|niente di meglio|come no\W{0,5}\Z|"
    r"niks beters|niets beters|alsof ik",
    re.IGNORECASE,
)


def sarcastic(text: str) -> bool:
    """Whether a set phrase tells that a yes may mean the opposite."""
    return bool(_SARCASM.search(text))


def away(text: str) -> tuple[str, float, bool]:
    """The words that show an automatic reply ("" for none), how plainly, and whether a second sign agrees."""
    plain = _AWAY.search(text)
    others = [found.group(0) for found, _ in zip(_AWAY_TOO.finditer(text), range(2), strict=False)]
    if plain is None and not others:
        return "", 0.0, False
    twice = bool(others or _AWAY_UNTIL.search(text)) if plain else len(others) > 1
    return plain.group(0) if plain else others[0], 0.9 if plain or twice else 0.7, twice


def wrong_person(text: str, names: tuple[str, ...] = ()) -> str:
    """The words that say that we wrote to somebody else, "" when there are none."""
    match = _WRONG.search(text)
    if match:
        return match.group(0)
    for name in names:
        first = name.split()[0] if name.split() else ""
        said = (
            re.search(
                rf"\b(?:not|no|isn['’]?t|nicht|pas|non sono|não sou(?: a| o)?) {re.escape(first)}\b|"
                rf"\bben {re.escape(first)} niet\b",
                text,
                re.IGNORECASE,
            )
            if first
            else None
        )
        if said:
            return said.group(0)
    return ""


def orders(text: str) -> str:
    """The words with which a reply tries to steer its reader, "" when there are none."""
    match = _ORDERS.search(text)
    return match.group(0) if match else ""


def cut(text: str) -> bool:
    """Whether a text is so long, or has lines so long, that `visible.normalise` may have cut something off."""
    lines = text.split("\n")
    return len(text) >= MAX_CHARS - 1 or len(lines) >= MAX_LINES - 1 or any(len(line) >= MAX_LINE - 1 for line in lines)


_HESITATION = re.compile(r"\b(?:uh+m?|uhuh|erm|ähm?|öhm?|euh|ehm|hum)\b,?", re.IGNORECASE)
_HESITATION_ENGLISH = re.compile(r"\b(?:um+|er+)\b,?", re.IGNORECASE)
"""Words in other languages: at (German), one (Portuguese), he (German)."""


def without_hesitation(speech: str, language: str) -> str:
    """What was said on the telephone without the sounds between the words, which mean nothing there. Places stay."""

    def blank(found: re.Match[str]) -> str:
        return " " * len(found.group(0))

    plain = _HESITATION.sub(blank, speech)
    return _HESITATION_ENGLISH.sub(blank, plain) if language in {"", "en"} else plain


_FILES = re.compile(r"^\[\d+ files?: [^\n]*\]$", re.MULTILINE)


def without_files(text: str) -> str:
    """The same text with the line blanked that names the files that came along: `yes.pdf` is no yes."""
    return _FILES.sub(lambda found: " " * len(found.group(0)), text)


_UNHAPPY = re.compile(r"(?:^|\s|\w)[:;=]['’]?-?[(/\\|\[]+(?:\s|$)|[😒🙄😭😡😠🤬💀🤔😬😐😑🙃]")


def unhappy(text: str) -> bool:
    """Whether a face says something other than the words: `yes :(`, `sure 🙄`."""
    return bool(_UNHAPPY.search(text))
