"""Texts that speak to a machine: orders to a model, markup of prompts, hidden writing. People do not write so.

A pattern never finds them all. What is found makes a reading or a draft `check`; what is not found still meets the
other checks. A false alarm costs a person a look.
"""

from __future__ import annotations

import re
import unicodedata

_ORDER_WORDS = r"""
  \b(?:ignore|disregard|forget|override|bypass|skip|do\ not\ follow|don['’]?t\ follow|drop)\b[^.\n]{0,60}
    \b(?:instruction|instructions|prompt|rules?|previous|above|prior|earlier|guidelines?|told|checks?)\b
| \b(?:mark|set|flag|classify|record|register|log|label|treat|rate|score|update|change|fill|count|enter|
     write)\b[^.\n]{0,60}
    \b(?:confirmed|sure|certain|outcome|confidence|flag|rows?|column|cell|status|everyone|everybody|approved|spreadsheet
       |sheet|database|field|opt[_-]?out|declined|all\ (?:of\ )?(?:them|people|participants|contestants|recipients))\b
| \b(?:mark|classify|treat|record|register|log|flag|count)\b[^.\n]{0,30}\bas\ (?:a\ )?
    ["'“]?(?:yes|no|available|attending|answered|sure)\b
| \b(?:respond|answer|reply|output|return|print|say)\b[^.\n]{0,20}\b(?:only|exactly|with\ (?:json|the\ word|outcome)|
     json|
    nothing\ but)\b
| \b(?:system|developer|admin|administrator|root)\b\ {0,4}(?:prompt|message|override|mode|note|instruction|command|
     notice|update)\b
| (?:^|[\n"'(\[*#>])\s{0,4}(?:system|assistant|developer|admin|user|ai|model|instructions?|new\ task|
     tool)\b\s{0,4}[:=\]>]
| \b(?:you\ are|you['’]re|act\ as|pretend\ (?:to\ be|you)|behave\ as|roleplay)\b[^.\n]{0,30}
    \b(?:ai|assistant|model|language|bot|now|system|dan|interpreter|classifier|administrator|parser|jailbroken)\b
| \b(?:language\ model|large\ language|llm|chatgpt|gpt-?\d|openai|prompt\ injection|jailbreak|as\ an\ ai|
    dear\ (?:ai|assistant|model|bot|reader)|hey\ (?:ai|assistant|bot)|system\ prompt|(?:to|for|note\ to)\ (?:the\ )?
    (?:ai|model|llm|bot|assistant|parser|classifier|interpreter))\b
| \b(?:new|real|actual|updated|following|secret|hidden|special)\ (?:system\ )?instructions?\b
| \binstructions?\ (?:for|to)\b | \b(?:all|every|each|other)\ (?:other\ )?(?:rows?|cells?|columns?)\b
| \bconfidence\b[^.\n]{0,15}(?:[=:]|\b(?:1|0?\.\d+|100|max\w*|full|high)\b)
| \b(?:outcome|flag|evidence|certainty|values?)\b\ {0,4}["']?\ {0,4}[=:]
| <\|?/?\ {0,4}(?:im_start|im_end|system|user|assistant|data|campaign|instructions?|prompt|end\w*|eot\w*)\ {0,4}\|?>
| \[/?(?:inst|sys|system|end[^\]]*)\] | <</?sys>> | ```|\bBEGIN\ (?:SYSTEM|PROMPT|INSTRUCTION)|
     (?<!=)={3,9}\ {0,4}(?:end|begin|system|new)
| \{\s{0,4}["']?\w{1,30}["']?\s{0,4}:\s{0,4}["'\d\[{tfn] | <!-- | \$\{\w | \{\{.{0,80}\}\} | \b(?:eval|exec|import|
     select|update|insert|drop)\b\ {0,4}\(
| \bclick\ (?:here|below|this|the\ link|the\ button)\b
| \b(?:javascript|vbscript|data)\ {0,4}:\ {0,4}[\w/]+[(;,] | ^\s{0,4}x-[a-z-]{2,40}\ {0,4}:
| \b(?:drop\ table|delete\ from|union\ select|update\ \w+\ set)\b | ^=\ {0,4}(?:hyperlink|import\w+|webservice)\b
"""
_OTHER_WORDS = r"""
  \b(?:ignor(?:ier|iere|iert|ieren|e[zr]?|a|ad|ar|i|en|eer|eert|eren)|vergiss|vergessen\ sie|oublie[zr]?|olvida|esquece|
     dimentica|vergeet|negeer|negeert|desconsider\w+|descarta|игнорируй\w*|забудь\w*)\b[^.\n]{0,60}
     \b(?:anweisung\w*|regeln?|instru\w+|consignes?|règles?|reglas?|regras?|regole|istruzion\w*|instructies?|regels?|
     vorherig\w*|bisherig\w*|anterior\w*|précédent\w*|precedent\w*|vorige|eerdere|инструкц\w*|правил\w*|alles|tout|
     todo|tutto)\b
| \b(?:markier\w*|setze\w*|trage?\w*|stufe\w*|marque[zr]?|mettez|classe[zr]?|marca\w*|marque\w*|pon|ponga\w*|
     registra\w*|
     segna\w*|imposta\w*|markeer\w*|zet|отмет\w*|постав\w*)\b[^.\n]{0,60}
     \b(?:bestätigt\w*|sicher|zeilen?|spalten?|alle|confirmée?s?|lignes?|colonnes?|tous|toutes|confirmad[oa]s?|filas?|
     columnas?|todos|todas|linhas?|colunas?|confermat[oaie]|righe|colonne|tutti|tutte|bevestigd|rijen|kolommen|iedereen|
     подтвержд\w*|строк\w*|всех|все)\b
| \b(?:du\ bist|sie\ sind|tu\ es|vous\ êtes|eres|você\ é|sei|je\ bent|ты)\b[^.\n]{0,30}
     \b(?:ki|ia|ai|assistent\w*|assistant|asistente|assistente|modell?|modèle|modelo|modello|sprachmodell|бот|модель)\b
| \b(?:sprachmodell|modèle\ de\ langage|modelo\ de\ lenguaje|modelo\ de\ linguagem|modello\ linguistico|taalmodel|
     systemprompt|neue\ anweisung\w*|nouvelles?\ instructions?|nuevas?\ instrucciones?|novas?\ instruções|
     nuove\ istruzioni|
     nieuwe\ instructies?|konfidenz|confiance\s{0,4}[=:]|confianza\s{0,4}[=:]|confiança\s{0,4}[=:])
| \b(?:z?ignoruj\w*|zapomnij|ignorera\w*|ignorer|glöm|glem|yok\ say\w*|unut\w*|ignoruj\w*|zapome[nň]\w*)\b[^.\n]{0,60}
     \b(?:polece\w*|instrukc\w*|instruktion\w*|instruks\w*|regler\w*|pokyn\w*|zasad\w*|tidigare|tidligere|poprzedni\w*)\b
| \b(?:talimat\w*|onayland\w*|potwierdzon\w*|bekräftad\w*|bekræftet|bekreftet|potvrzen\w*)\b
| 忽略|无视|指示|系统|系統|システム|無視|무시|지시|تجاهل|تعليمات|התעלם|הוראות|अनदेखा|निर्देश
"""
_ORDERS = re.compile(f"(?:{_ORDER_WORDS}|{_OTHER_WORDS})", re.IGNORECASE | re.VERBOSE | re.MULTILINE)
_CODED = re.compile(
    r"[A-Za-z0-9+/]{48,}={0,2}|(?:\\u[0-9a-fA-F]{4}){4,}|(?:%[0-9a-fA-F]{2}){8,}|(?:&#x?[0-9a-fA-F]+;){4,}"
    r"|(?:[0-9a-fA-F]{2}[ :]){16,}|(?:[01]{8}\s{0,3}){6,}"
)
_LETTERED = re.compile(r"(?:\b\w[ .\-_*|]){5,}\w\b")
"""i g n o r e: letters apart."""
_HIDDEN = re.compile(r"[\u202a-\u202e\u2066-\u2069\ufffd\U000e0000-\U000e007f]|[\u200b-\u200d\u2060\ufeff]{3,}")
"""Marks that turn the direction of reading (� where `quoting.normalise` found one), invisible letters, runs of what
takes no room."""

_LEET = str.maketrans("013457@$", "oieastas")
LONGEST = 20_000


def steers(text: str) -> str:
    """The words with which a text tries to steer whoever reads it by machine (at most 80 characters), "" for none."""
    text = text[:LONGEST]
    if hidden := _HIDDEN.search(text):
        return f"hidden writing at character {hidden.start() + 1}"
    plain = _plain(text)
    found = _ORDERS.search(plain) or _ORDERS.search(_without_leet(plain)) or _CODED.search(text)
    if found:
        return " ".join(found.group(0).split())[:80]
    if spread := _LETTERED.search(plain):
        return " ".join(spread.group(0).split())[:80]
    return _mixed(text)


def _plain(text: str) -> str:
    """Compatibility forms made plain, marks that take no room left out."""
    return "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")


def _without_leet(text: str) -> str:
    """1gn0re as ignore: digits inside words as the letters that they look like."""

    def letters(match: re.Match[str]) -> str:
        word = match.group(0)
        return word.translate(_LEET) if sum(char.isalpha() for char in word) >= 2 else word

    return re.sub(r"[\w@$]{4,}", letters, text)


def _mixed(text: str) -> str:
    """A word of Latin letters with some of another alphabet that look alike (Cyrillic, Greek), "" for none."""
    for match in re.finditer(r"[^\W\d_]{3,}", text):
        word = match.group(0)
        if word.isascii():
            continue
        scripts = {script for char in word if (script := _script(char))}
        if len(scripts) > 1:
            return f"letters of two alphabets in “{word[:40]}”"
    return ""


def _script(char: str) -> str:
    name = unicodedata.name(char, "")
    return next((script for script in ("LATIN", "CYRILLIC", "GREEK") if name.startswith(script)), "")
