"""What a call says: the voices that Twilio has, the few words of our own in seven languages, TwiML.

Voices: Amazon Polly's standard ones, which Twilio's <Say> knows as Polly.<name> (twilio.com/docs/voice/twiml/say/
text-speech and Amazon's list of voices); a voice is named, for the account's default one may not speak the language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twilio.twiml.voice_response import VoiceResponse

from server.domain.message import Choice
from server.errors import PermanentError

LONGEST_TWIML = 4000
"""Characters of instructions in a request (twilio.com/docs/voice/api/call-resource, Twiml)."""
LONGEST = 1500
"""Characters of a text that leave room for its choices; some two minutes of speech."""

VOICES: Mapping[str, str] = {
    "en-US": "Joanna", "en-GB": "Amy", "en-AU": "Nicole", "en-IN": "Raveena",
    "de-DE": "Marlene", "fr-FR": "Celine", "fr-CA": "Chantal", "es-ES": "Conchita", "es-MX": "Mia", "es-US": "Penelope",
    "pt-BR": "Vitoria", "pt-PT": "Ines", "it-IT": "Carla", "nl-NL": "Lotte", "da-DK": "Naja", "sv-SE": "Astrid",
    "nb-NO": "Liv", "is-IS": "Dora", "pl-PL": "Ewa", "ro-RO": "Carmen", "ru-RU": "Tatyana", "tr-TR": "Filiz",
    "cy-GB": "Gwyneth", "hi-IN": "Aditi", "ja-JP": "Mizuki", "ko-KR": "Seoyeon", "cmn-CN": "Zhiyu", "arb": "Zeina",
}  # fmt: skip
"""Locale -> voice. The first one of a language is what its bare name means."""

_ALIASES = {"no": "nb", "zh": "cmn", "ar": "arb", "pt": "pt-br", "es-419": "es-mx"}


@dataclass(frozen=True, slots=True)
class Phrases:
    """Our own words in one language; `press` holds {digit} and {title}."""

    press: str
    wrong: str = ""
    thanks: str = ""
    goodbye: str = ""


PHRASES: Mapping[str, Phrases] = {
    "en": Phrases("Press {digit} for {title}.", "That key is not one of the choices.", "Thank you.", "Goodbye."),
    "de": Phrases("Drücken Sie {digit} für {title}.", "Diese Taste steht nicht zur Wahl.", "Vielen Dank.",
                  "Auf Wiederhören."),
    "fr": Phrases("Appuyez sur {digit} pour {title}.", "Cette touche ne correspond à aucun choix.", "Merci.",
                  "Au revoir."),
    "es": Phrases("Pulse {digit} para {title}.", "Esa tecla no es una de las opciones.", "Gracias.", "Adiós."),
    "pt": Phrases("Pressione {digit} para {title}.", "Essa tecla não é uma das opções.", "Obrigado.", "Até logo."),
    "it": Phrases("Prema {digit} per {title}.", "Questo tasto non è tra le scelte.", "Grazie.", "Arrivederci."),
    "nl": Phrases("Druk op {digit} voor {title}.", "Die toets is geen van de keuzes.", "Dank u wel.", "Tot ziens."),
}  # fmt: skip
ELSEWHERE = Phrases("{digit}: {title}.")
"""For any other language: what is said are digits and the answers' own words."""


def locale(language: str) -> str:
    """The locale of `VOICES` for a BCP 47 tag: its own, else the first of its language.

    Raises PermanentError, for the whole campaign, where Twilio has no voice for it.
    """
    wanted = (language or "en-US").replace("_", "-").lower()
    wanted = _ALIASES.get(wanted, wanted)
    base = wanted.partition("-")[0]
    exact = next((known for known in VOICES if known.lower() == wanted), None)
    near = next((known for known in VOICES if known.lower().partition("-")[0] == _ALIASES.get(base, base)), None)
    found = exact or near
    if found is None:
        speaks = ", ".join(dict.fromkeys(known.partition("-")[0] for known in VOICES))
        raise PermanentError(
            f"Twilio has no voice for the language “{language[:20]}”: choose one of {speaks}, or another channel.",
            whole_campaign=True,
        )
    return found


def call(text: str, language: str, choices: Sequence[Choice], action: str) -> str:
    """TwiML of a call: the text and what can be pressed, both once more after a silence, then goodbye.

    `action` is where a pressed key is posted; without one, or without choices, the call only speaks. Where there is no
    room for all that, only the choices are said twice, then nothing. Raises PermanentError when it is still too long.
    """
    spoken, phrases = locale(language), _phrases(language)
    choices = choices if action else ()
    offer = _offer(choices, phrases)
    for said in (((text, offer), (text, offer)), ((text, offer), (offer,)), ((text, offer),)):
        response = VoiceResponse()
        for lines in said:
            part = response.gather(num_digits=1, timeout=6, action=action, method="POST") if choices else response
            _say(part, spoken, *lines)
            if not choices:
                response.pause(length=1)
        _say(response, spoken, phrases.goodbye)
        if len(str(response)) <= LONGEST_TWIML:
            return str(response)
    raise PermanentError(f"The text has {len(text)} characters: too many to be read out in a call. Shorten it.")


def thanks(language: str, title: str) -> str:
    """TwiML once a choice was pressed: it is said again, so that a slip of the finger is noticed."""
    phrases, response = _phrases(language), VoiceResponse()
    _say(response, _known_locale(language), f"{title}." if title else "", phrases.thanks, phrases.goodbye)
    response.hangup()
    return str(response)


def wrong_key(language: str, choices: Sequence[Choice], action: str) -> str:
    """TwiML for a key that stands for nothing: the choices once more; goodbye without an `action` to post to."""
    phrases, response, spoken = _phrases(language), VoiceResponse(), _known_locale(language)
    if action:
        part = response.gather(num_digits=1, timeout=6, action=action, method="POST")
        _say(part, spoken, phrases.wrong, _offer(choices, phrases))
    else:
        _say(response, spoken, phrases.wrong)
    _say(response, spoken, phrases.goodbye)
    response.hangup()
    return str(response)


def _phrases(language: str) -> Phrases:
    base = (language or "en").replace("_", "-").lower().partition("-")[0]
    return PHRASES.get(base, ELSEWHERE)


def _known_locale(language: str) -> str:
    """The locale of a call that is under way: English rather than silence."""
    try:
        return locale(language)
    except PermanentError:
        return "en-US"


def _offer(choices: Sequence[Choice], phrases: Phrases) -> str:
    return " ".join(phrases.press.format(digit=choice.code, title=choice.title) for choice in choices)


def _say(part: VoiceResponse, spoken: str, *lines: str) -> None:
    """Words as text, in one voice. The library escapes them; characters that no XML may hold are left out first."""
    said = "\n".join(line for line in map(_speakable, lines) if line)
    if said:
        part.say(said, voice=f"Polly.{VOICES[spoken]}", language=spoken)


def _speakable(text: str) -> str:
    return "".join(letter if _may_stand_in_xml(letter) else " " for letter in text).strip()


def _may_stand_in_xml(letter: str) -> bool:
    """XML 1.0, section 2.2."""
    return letter in "\t\n\r" or " " <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter >= "\U00010000"
