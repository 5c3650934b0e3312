"""The sentences of the offline drafts in seven languages, and the guess which language an instruction is in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language. `{}` takes a name, a noun with its pronoun, or a list of values."""

    hello: str
    hello_nobody: str
    details: str
    confirm: str
    confirm_this: str
    tell_us: str
    yes_no: str
    choose: str
    join_or: str
    thanks: str
    yes: str
    no: str
    confirmed: str
    subject: str
    subject_confirm: str
    subject_ask: str
    reminder: str
    reminder_of: str
    not_clear: str
    come_back: str
    thanks_for: str
    noted: str


PHRASES = {
    "en": Phrases(
        hello="Hello {},",
        hello_nobody="Hello,",
        details="Here are your details:",
        confirm="Could you please confirm {}?",
        confirm_this="Could you please confirm?",
        tell_us="Could you please tell us {}?",
        yes_no="Just reply yes or no.",
        choose="Please reply with {}.",
        join_or="or",
        thanks="Thank you!",
        yes="Yes",
        no="No",
        confirmed="Confirmed",
        subject="Your {}",
        subject_confirm="Please confirm",
        subject_ask="A question about your {}",
        reminder="This is a reminder.",
        reminder_of="This is a reminder {}.",
        not_clear="Thank you for your answer. We are not sure that we read it right.",
        come_back="The organiser will come back to your question.",
        thanks_for="Thank you for your answer.",
        noted="We have noted: {}.",
    ),
    "de": Phrases(
        hello="Guten Tag {},",
        hello_nobody="Guten Tag,",
        details="hier sind Ihre Angaben:",
        confirm="Bitte bestätigen Sie {}.",
        confirm_this="Können Sie das bitte bestätigen?",
        tell_us="Bitte teilen Sie uns mit: {}.",
        yes_no="Antworten Sie einfach mit Ja oder Nein.",
        choose="Bitte antworten Sie mit {}.",
        join_or="oder",
        thanks="Vielen Dank!",
        yes="Ja",
        no="Nein",
        confirmed="Bestätigt",
        subject="{}",
        subject_confirm="Bitte um Bestätigung",
        subject_ask="Eine Frage: {}",
        reminder="Dies ist eine Erinnerung.",
        reminder_of="Dies ist eine Erinnerung: {}.",
        not_clear="vielen Dank für Ihre Antwort. Wir sind nicht sicher, ob wir sie richtig verstanden haben.",
        come_back="Auf Ihre Frage kommt die Organisation zurück.",
        thanks_for="vielen Dank für Ihre Antwort.",
        noted="Wir haben notiert: {}.",
    ),
    "fr": Phrases(
        hello="Bonjour {},",
        hello_nobody="Bonjour,",
        details="Voici vos informations :",
        confirm="Pourriez-vous confirmer {} ?",
        confirm_this="Pourriez-vous confirmer ?",
        tell_us="Pourriez-vous nous indiquer {} ?",
        yes_no="Répondez simplement par oui ou non.",
        choose="Merci de répondre par {}.",
        join_or="ou",
        thanks="Merci beaucoup !",
        yes="Oui",
        no="Non",
        confirmed="Confirmé",
        subject="{}",
        subject_confirm="Merci de confirmer",
        subject_ask="Une question : {}",
        reminder="Ceci est un rappel.",
        reminder_of="Ceci est un rappel : {}.",
        not_clear="Merci pour votre réponse. Nous ne sommes pas sûrs de l’avoir bien comprise.",
        come_back="Nous reviendrons vers vous au sujet de votre question.",
        thanks_for="Merci pour votre réponse.",
        noted="Nous avons noté : {}.",
    ),
    "es": Phrases(
        hello="Hola, {}:",
        hello_nobody="Hola:",
        details="Estos son sus datos:",
        confirm="¿Podría confirmar {}?",
        confirm_this="¿Podría confirmarlo?",
        tell_us="¿Podría indicarnos {}?",
        yes_no="Responda simplemente sí o no.",
        choose="Por favor, responda con {}.",
        join_or="o",
        thanks="¡Muchas gracias!",
        yes="Sí",
        no="No",
        confirmed="Confirmado",
        subject="{}",
        subject_confirm="Por favor, confirme",
        subject_ask="Una pregunta: {}",
        reminder="Esto es un recordatorio.",
        reminder_of="Esto es un recordatorio: {}.",
        not_clear="Gracias por su respuesta. No estamos seguros de haberla entendido bien.",
        come_back="Sobre su pregunta le responderemos más adelante.",
        thanks_for="Gracias por su respuesta.",
        noted="Hemos anotado: {}.",
    ),
    "pt": Phrases(
        hello="Olá, {},",
        hello_nobody="Olá,",
        details="Aqui estão os seus dados:",
        confirm="Poderia confirmar {}?",
        confirm_this="Poderia confirmar, por favor?",
        tell_us="Poderia informar-nos {}?",
        yes_no="Basta responder sim ou não.",
        choose="Por favor, responda com {}.",
        join_or="ou",
        thanks="Muito obrigado!",
        yes="Sim",
        no="Não",
        confirmed="Confirmado",
        subject="{}",
        subject_confirm="Por favor, confirme",
        subject_ask="Uma pergunta: {}",
        reminder="Isto é um lembrete.",
        reminder_of="Isto é um lembrete: {}.",
        not_clear="Obrigado pela sua resposta. Não temos a certeza de a ter entendido bem.",
        come_back="Voltaremos a falar consigo sobre a sua pergunta.",
        thanks_for="Obrigado pela sua resposta.",
        noted="Anotámos: {}.",
    ),
    "it": Phrases(
        hello="Buongiorno {},",
        hello_nobody="Buongiorno,",
        details="ecco i suoi dati:",
        confirm="Potrebbe confermare {}?",
        confirm_this="Potrebbe confermare, per favore?",
        tell_us="Potrebbe indicarci {}?",
        yes_no="Basta rispondere sì o no.",
        choose="Per favore, risponda con {}.",
        join_or="o",
        thanks="Grazie mille!",
        yes="Sì",
        no="No",
        confirmed="Confermato",
        subject="{}",
        subject_confirm="Per favore, confermi",
        subject_ask="Una domanda: {}",
        reminder="Questo è un promemoria.",
        reminder_of="Questo è un promemoria: {}.",
        not_clear="grazie per la sua risposta. Non siamo sicuri di averla capita bene.",
        come_back="Le risponderemo più avanti sulla sua domanda.",
        thanks_for="grazie per la sua risposta.",
        noted="Abbiamo annotato: {}.",
    ),
    "nl": Phrases(
        hello="Goedendag {},",
        hello_nobody="Goedendag,",
        details="Hier zijn uw gegevens:",
        confirm="Kunt u {} bevestigen?",
        confirm_this="Kunt u dit bevestigen?",
        tell_us="Kunt u ons {} laten weten?",
        yes_no="Antwoord gewoon met ja of nee.",
        choose="Antwoord alstublieft met {}.",
        join_or="of",
        thanks="Hartelijk dank!",
        yes="Ja",
        no="Nee",
        confirmed="Bevestigd",
        subject="{}",
        subject_confirm="Graag bevestigen",
        subject_ask="Een vraag: {}",
        reminder="Dit is een herinnering.",
        reminder_of="Dit is een herinnering: {}.",
        not_clear="Dank u wel voor uw antwoord. We weten niet zeker of we het goed begrepen hebben.",
        come_back="Op uw vraag komen we later terug.",
        thanks_for="Dank u wel voor uw antwoord.",
        noted="We hebben genoteerd: {}.",
    ),
}

_STOP_WORDS = {
    "en": frozenset(
        ("the", "their", "them", "and", "to", "each", "of", "your", "you", "is", "please", "can", "that", "ask")
    ),
    "de": frozenset(
        ("und", "die", "der", "das", "ihre", "ihren", "seine", "jedem", "sie", "ist", "bitte", "zu", "ob", "um")
    ),
    "fr": frozenset(
        ("et", "le", "la", "les", "leur", "son", "sa", "votre", "vous", "chaque", "est", "de", "si", "à", "lui")
    ),
    "es": frozenset(
        ("y", "el", "la", "los", "su", "sus", "cada", "que", "de", "es", "por", "favor", "usted", "si", "le")
    ),
}
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str:
    """The language with the most small words in the text; English when that is not clear."""
    words = _WORD.findall(text[:8000].casefold())
    counts = {code: sum(word in small for word in words) for code, small in _STOP_WORDS.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] > counts["en"] else "en"


def either(values: Sequence[str], word: str) -> str:
    """`S, M or L`."""
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} {word} {values[-1]}"
