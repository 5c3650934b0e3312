"""Which language a reply is written in: by its small words, and by the question where they do not tell."""

from __future__ import annotations

import functools
from collections import Counter

from server.llm.offline.columns import words
from server.llm.offline.tokens import tokenise
from server.llm.offline.vocabulary import known_words

MOST_WORDS = 200

_MARKERS = {
    "": words(
        """the i i'm i'll i'd im ill you your is are will can can't cant won't wont be there me my for to that works
        fine see then have not don't we yes thanks thank please sorry it's what which would could do does hi at with
        from and
        confirm available great good sure okay friday saturday sunday monday make it"""
    ),
    "es": words(
        """sí el los las que por para con estaré estare iré ire voy puedo gracias hola allí alli ahí ahi me mi no lo
        siento nos vemos podré podre asistir muy bien cuenta conmigo claro estoy buenos días dias pero si yo qué cuál a
        vendrás puedes del al su tu es prefiero hay tengo ninguno mañana ese también saludos"""
    ),
    "fr": words(
        """oui non je j'y suis serai pas ne le la les des une pour avec merci bonjour votre vous nous est ce c'est ça ca
        va peux pourrai viens viendrai au aux du et mais désolé désolée dsl à avez pouvez êtes sera bien très jour
        présence souci jserai jpeux quel quelle combien serez on"""
    ),
    "de": words(
        """ja nein ich bin ist das der die den dem nicht kein keine und aber für mit kann komme leider gerne danke bitte
        hallo wir am um zu es mir mich auch noch schon dabei passt klar können du dich ihr euch sie geht freue bis wird
        habe hab zeit kommst kannst welche wie viele möchtest"""
    ),
    "pt": words(
        """sim não nao eu vou posso obrigada obrigado olá oi o os as um uma para pra com que no na dia é está tá estarei
        presença você minha meu mas lá até infelizmente desculpe poder não à às das tudo bem pode podes sou em do da
        conte comigo muito confirmo prefere quantos vai estou tô ao"""
    ),
    "it": words(
        """sì io il lo gli di che per con sono ci sarò saro non posso grazie ciao va bene alle mi dispiace purtroppo
        venire vengo verrò puoi tua la è nessun confermo ma anche tutto quale quanti giorno ora venerdì sabato
        preferisci porterai le una un nn a riesco potrò"""
    ),
    "nl": words(
        """ja nee ik ben er het de een niet geen dat is goed kan kom zal voor met graag bedankt hoi hallo mij me je
        op om
        wel ook maar prima tot vrijdag zaterdag helaas erbij komt uit lukt dag van hoor zijn aan wij we jullie kun
        welke hoeveel wil naar gaat heb"""
    ),
}


def language_of(reply: str, question: str) -> str:
    """The language whose words to read a reply by: one of `vocabulary.LANGUAGES`, "" for English and all others.

    Where the small words do not tell, it is the question's.
    """
    return _best(reply[:2000], own=_of_question(question[:4000]))


@functools.lru_cache(256)
def _of_question(question: str) -> str:
    """The same for a campaign's question: asked once, read against thousands of times."""
    return _best(question)


def _best(text: str, own: str = "") -> str:
    found = Counter(token.text for token in tokenise(text)[:MOST_WORDS])
    counts = {name: _count(name, found) + (name == own) for name in _MARKERS}
    most = max(counts, key=lambda name: (counts[name], name == own))
    return most if counts[most] > counts[own] else own


def _count(language: str, found: Counter[str]) -> float:
    """How many of the words belong to a language: small words, and those of its vocabulary, which may be rarer."""
    small, own = _MARKERS[language], known_words(language)
    return sum(times * ((word in small) + (word in own) / 2) for word, times in found.items())
