"""A plan in words, in other languages than English, which domain/plan_words.py speaks. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.plan import Plan
from server.domain.words import AnswerKind, ChannelName
from server.web.speaking import say


@dataclass(frozen=True, slots=True)
class Words:
    """How one language says the pieces; `{}` takes what differs."""

    quoted: str
    last: str
    channels: Sequence[str]
    languages: Sequence[str]
    way: str
    otherwise: str
    writes: str
    as_says: str
    using: str
    one_text: str
    in_language: str
    other_language: str
    in_tone: str
    text_is: str
    takes: str
    leaves_out: str
    chosen: str
    kinds: Sequence[str]
    answers: str
    no_answer: str
    after: str
    after_a_day: str
    version: str


CHANNELS = (ChannelName.OUTBOX, ChannelName.EMAIL, ChannelName.WHATSAPP, ChannelName.SMS, ChannelName.VOICE)
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl")
KINDS = (AnswerKind.CHOICE, AnswerKind.NUMBER, AnswerKind.DATE, AnswerKind.TIME, AnswerKind.TEXT)

BY: dict[str, Words] = {
    "de": Words(
        quoted="„{}“",
        last=" und ",
        channels=("über das lokale Postfach", "per E-Mail", "per WhatsApp", "per SMS", "per Anruf"),
        languages=(
            "Englisch",
            "Deutsch",
            "Französisch",
            "Spanisch",
            "Italienisch",
            "Portugiesisch",
            "Niederländisch",
        ),
        way="an {0} {1}",
        otherwise=", sonst ",
        writes="Schreibt {}",
        as_says=", wie es in {} steht",
        using=", mit {}",
        one_text="; ein Text für alle Zeilen",
        in_language="auf {}",
        other_language="in der Sprache {}",
        in_tone="im Ton {}",
        text_is="Der Text ist {}.",
        takes="{0} aus {1} genommen",
        leaves_out="{} weggelassen",
        chosen="Dabei wird {}.",
        kinds=("Auswahl", "Zahl", "Datum", "Uhrzeit", "Text"),
        answers="Antworten kommen in {}.",
        no_answer="Es wird keine Antwort erbeten.",
        after="Nach {} Tagen ohne Antwort steht No answer in der Zeile, und Sie können daran erinnern.",
        after_a_day="Nach einem Tag ohne Antwort steht No answer in der Zeile, und Sie können daran erinnern.",
        version="Fassung {} des Plans.",
    ),
    "es": Words(
        quoted="«{}»",
        last=" y ",
        channels=(
            "por el buzón local",
            "por correo electrónico",
            "por WhatsApp",
            "por SMS",
            "por llamada",
        ),
        languages=("inglés", "alemán", "francés", "español", "italiano", "portugués", "neerlandés"),
        way="a {0} {1}",
        otherwise="; si no, ",
        writes="Escribe {}",
        as_says=", según indique {}",
        using=", con {}",
        one_text="; un mismo texto para todas las filas",
        in_language="en {}",
        other_language="en el idioma {}",
        in_tone="en tono {}",
        text_is="El texto va {}.",
        takes="se toma {0} de {1}",
        leaves_out="se omite {}",
        chosen="Además, {}.",
        kinds=("opción", "número", "fecha", "hora", "texto"),
        answers="Las respuestas van a {}.",
        no_answer="No se pide ninguna respuesta.",
        after="Tras {} días sin respuesta, la fila muestra No answer y se puede enviar un recordatorio.",
        after_a_day="Tras un día sin respuesta, la fila muestra No answer y se puede enviar un recordatorio.",
        version="Versión {} del plan.",
    ),
    "fr": Words(
        quoted="« {} »",
        last=" et ",
        channels=(
            "par la boîte locale",
            "par e-mail",
            "par WhatsApp",
            "par SMS",
            "par appel",
        ),
        languages=("anglais", "allemand", "français", "espagnol", "italien", "portugais", "néerlandais"),
        way="à {0} {1}",
        otherwise=", sinon ",
        writes="Écrit {}",
        as_says=", selon {}",
        using=", avec {}",
        one_text=" ; un même texte pour toutes les lignes",
        in_language="en {}",
        other_language="dans la langue {}",
        in_tone="d’un ton {}",
        text_is="Le texte est {}.",
        takes="{0} est pris dans {1}",
        leaves_out="{} est laissé de côté",
        chosen="En outre, {}.",
        kinds=("choix", "nombre", "date", "heure", "texte"),
        answers="Les réponses vont dans {}.",
        no_answer="Aucune réponse n’est demandée.",
        after="Après {} jours sans réponse, la ligne affiche No answer, et vous pouvez relancer.",
        after_a_day="Après un jour sans réponse, la ligne affiche No answer, et vous pouvez relancer.",
        version="Version {} du plan.",
    ),
}


def plan_said(plan: Plan, tag: str) -> str:
    """What a plan does, in a few short sentences in that language; "" for one that is not known here."""
    if (w := BY.get(tag)) is None:
        return ""
    counts = plan.counts if plan.counts.endswith((".", "!", "?")) or not plan.counts else f"{plan.counts}."
    days = plan.remind_after
    found = [
        say(plan.note, tag),
        _writes(plan, w),
        _sounds(plan, w),
        _left_out(plan, w),
        _answers(plan, w),
        counts,
        (w.after_a_day if days == 1 else w.after.format(days)) if days else "",
        w.version.format(plan.version) if plan.version > 1 else "",
    ]
    return " ".join(sentence for sentence in found if sentence)


def _writes(plan: Plan, w: Words) -> str:
    used = [name for name in plan.read_columns if name not in plan.address_columns]
    by = dict(zip(CHANNELS, w.channels, strict=True))
    ways = [w.way.format(w.quoted.format(way.address_column), by[way.channel]) for way in plan.ways]
    text = w.writes.format(w.otherwise.join(ways))
    text += w.as_says.format(w.quoted.format(plan.channel_column)) if plan.channel_column else ""
    text += w.using.format(_listed(used, w)) if used else ""
    return f"{text}{w.one_text if plan.template else ''}."


def _sounds(plan: Plan, w: Words) -> str:
    """Language and tone, where they are not what anybody would expect."""
    names = dict(zip(LANGUAGES, w.languages, strict=True))
    name = names.get(plan.language)
    tongue = w.in_language.format(name) if name else w.other_language.format(w.quoted.format(plan.language))
    parts = [tongue if plan.language != "en" else "", w.in_tone.format(plan.tone) if plan.tone else ""]
    told = ", ".join(part for part in parts if part)
    return w.text_is.format(told) if told else ""


def _left_out(plan: Plan, w: Words) -> str:
    parts = [
        w.takes.format(w.quoted.format(one.words), w.quoted.format(one.column)) for one in plan.settled if one.column
    ]
    left = [w.quoted.format(one) for one in plan.left_out]
    parts += [w.leaves_out.format(_listed(left, w))] if left else []
    return w.chosen.format(_listed(parts, w)) if parts else ""


def _answers(plan: Plan, w: Words) -> str:
    kinds = dict(zip(KINDS, w.kinds, strict=True))
    answers = [f"{one.name} ({' / '.join(one.allowed) or kinds[one.kind]})" for one in plan.answer_columns]
    return w.answers.format(_listed(answers, w)) if answers else w.no_answer


def _listed(names: Sequence[str], w: Words) -> str:
    return w.last.join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
