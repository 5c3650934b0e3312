"""Replies that are no answer: automatic ones, wrong persons, and texts that try to give the reader orders."""

from __future__ import annotations

import re

_AWAY = re.compile(
    r"out[- ]of[- ](?:the[- ])?office|automatic(?:ally generated)? (?:reply|response|message)|auto[- ]?(?:reply|"
    r"response|responder)\b|"
    r"this is an automated|this mailbox is (?:not|un)monitored|mailbox is not monitored|no longer monitored|"
    r"abwesenheitsnotiz|automatische (?:antwort|nachricht)|nicht im büro|außer haus|réponse automatique|"
    r"message automatique|"
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
    r"je suis (?:actuellement )?absente?|en mi ausencia|estaré ausente|estoy ausente",
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
    r"numero sbagliato|número errado",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"(?:ignore|disregard|forget|override)[^.\n]{0,40}(?:instruction|prompt|rule|previous|above|prior)|system prompt|"
    r"(?:mark|set|flag|classify|record|treat|register|log)[^.\n]{0,30}(?:as (?:confirmed|sure|yes|available|"
    r"declined|certain)|confidence|outcome|flag)|"
    r"you are (?:an? )?(?:ai|assistant|language model|bot|now)\b|as an ai|language model|chatgpt|</?(?:system|"
    r"user|assistant|reply|instructions?)>|"
    r"\{\s*[\"']?(?:outcome|flag|confidence|values)|confidence\s*[=:]|outcome\s*[=:]|flag\s*[=:]|jailbreak|"
    r"developer mode|"
    r"(?:for|to) all (?:other )?(?:contestants|participants|rows|recipients)|all rows|ignoriere|ignorez|"
    r"ignora (?:las|todas)|"
    r"new instructions|instructions? (?:for|to) (?:the )?(?:ai|model|bot|assistant)|update the (?:sheet|cell|"
    r"status|column)",
    re.IGNORECASE,
)


def away(text: str) -> tuple[str, float]:
    """The words that show an automatic reply, and how plainly; ("", 0) when there are none."""
    match = _AWAY.search(text)
    if match:
        return match.group(0), 0.9
    match = _AWAY_TOO.search(text)
    return (match.group(0), 0.7) if match else ("", 0.0)


def wrong_person(text: str, names: tuple[str, ...] = ()) -> str:
    """The words that say that we wrote to somebody else, "" when there are none."""
    match = _WRONG.search(text)
    if match:
        return match.group(0)
    for name in names:
        first = name.split()[0] if name.split() else ""
        said = (
            re.search(rf"(?:not|no|isn['’]?t|nicht|pas|no soy) {re.escape(first)}\b", text, re.IGNORECASE)
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


_UNHAPPY = re.compile(r"(?:^|\s|\w)[:;=]['’]?-?[(/\\|\[]+(?:\s|$)|[😒🙄😭😡😠🤬💀🤔😬😐😑🙃]")


def unhappy(text: str) -> bool:
    """Whether a face says something other than the words: `yes :(`, `sure 🙄`."""
    return bool(_UNHAPPY.search(text))
