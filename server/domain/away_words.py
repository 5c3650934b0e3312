"""The words by which automatic replies tell until when somebody is away, in seven languages, without accents.

English, German, French, Spanish, Portuguese, Italian, Dutch. All are compared with `away.fold`ed text.
"""

from __future__ import annotations

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "january jan januar jaenner janner janvier janv enero ene janeiro gennaio gen januari",
            "february feb februar fevrier fevr febrero fevereiro fev febbraio febr februari",
            "march mar marz maerz mrz mars marzo marco maart mrt",
            "april apr avril avr abril abr aprile",
            "may mai mayo maio maggio mag mei",
            "june jun juni juin junio junho giugno giu",
            "july jul juli juillet juil julio julho luglio lug",
            "august aug aout agosto ago augustus",
            "september sep sept septembre septiembre setembro settembre",
            "october oct oktober okt octobre octubre outubro ottobre ott",
            "november nov novembre noviembre novembro",
            "december dec dezember dez decembre diciembre dic dezembro dicembre",
        ),
        start=1,
    )
    for word in words.split()
}

WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "monday montag lundi lunes segunda-feira lunedi maandag",
            "tuesday dienstag mardi martes terca-feira martedi dinsdag",
            "wednesday mittwoch mercredi miercoles quarta-feira mercoledi woensdag",
            "thursday donnerstag jeudi jueves quinta-feira giovedi donderdag",
            "friday freitag vendredi viernes sexta-feira venerdi vrijdag",
            "saturday samstag sonnabend samedi sabado sabato zaterdag",
            "sunday sonntag dimanche domingo domenica zondag",
        )
    )
    for word in words.split()
}
"""Monday is 0."""

SHORT_DAYS = (
    "mon|tues?|wed|thur?s?|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mie|jue|vie|sab|dom|"
    "ma|wo|vr|za|zo"
)
"""Stand before a date only."""

TIMES = r"morning|afternoon|evening|noon|vormittag|nachmittag|abend|morgen|fruh|matin|apres-midi|soir|manana|mattina"
"""Parts of a day, between a weekday and its date."""

RETURN = (
    r"(?<!get )(?<!come )(?<!call )(?<!got )(?<!write )(?<!getting )back(?! to "
    r"you)|return(?:ing|s)?|resum(?:e|ing) work|"
    r"(?:available|reachable|online|working|in the office) again|"
    r"wieder|zuruck(?:kehren|kommen|kehre)?|zurueck|ruckkehr|rueckkehr|kehre|"
    r"retour|reviens|revien(?:drai|drons|dra)|rentrerai|rentre|reprends|reprendrai|a nouveau "
    r"(?:disponible|joignable|present)|"
    r"de vuelta|regreso|regres(?:are|aremos|ara)|vuelvo|volver(?:e|emos)|retorno|reincorpor(?:o|are|acion|andome)|"
    r"de volta|regresso|regressar(?:ei|emos)|retornar(?:ei|emos)|volto|voltar(?:ei|emos)|"
    r"di ritorno|ritorno|ritorner(?:o|emo)|rientr(?:o|ero|eremo|era)|torn(?:o|ero|eremo)|(?:di nuovo|nuovamente) "
    r"(?:in ufficio|"
    r"disponibile|operativ[oi]|present[ei])|"
    r"terug|weer (?:op kantoor|aanwezig|bereikbaar|beschikbaar|aan het werk)"
)
"""After these stands the day on which somebody is there again."""

RETURN_BEHIND = (
    r"back|return|wieder|zuruck|zurueck|de retour|a nouveau|de vuelta|de nuevo|nuevamente|de volta|novamente|di nuovo|"
    r"nuovamente|di ritorno|terug|weer"
)
"""The same where the day stands before them ("ab dem 12.03. wieder im Büro")."""

BEFORE_DAY = (
    r"on|from|as of|starting|ab|ab dem|ab den|am|vom|le|des le|a partir du|a compter du|el|a partir del|desde el|"
    r"no dia|em|a partir de|a partir do dia|dal|il|a partire dal|op|vanaf"
)

UNTIL = (
    r"until|till?|'til|through|thru|up to|bis|jusqu'au|jusqu'a|jusque|jusqu au|hasta|ate|fino (?:al|a|all')|sino "
    r"al|tot|"
    r"t/m|t\.e\.m\.|tem"
)
"""After these stands the last day, or the first one of being there: both are "away until"."""

RANGE = r"to|through|thru|till?|until|bis|au|al|hasta|a|ao|ate|tot|t/m|-|–|—|and|und|et|y|e|en"
"""Between two days."""

RANGE_START = r"from|between|vom|von|zwischen|du|entre le|del|desde el|entre el|de|entre|dal|tra il|dall'|van|tussen"

FILLER = (
    r"in|at|to|the|my|our|office|work|desk|on|from|as|of|by|again|online|full|time|available|only|until|till|after|"
    r"and|including|inclusive|incl|inclusively|at least|the morning of|next|this|coming|reachable|here|"
    r"ab|am|dem|den|der|im|buro|buero|haus|fur|fuer|sie|dich|euch|erreichbar|da|anwesend|verfugbar|verfuegbar|"
    r"personlich|"
    r"zur|verfugung|verfuegung|zum|zu|einschliesslich|einschl|inkl|inklusive|mit|voraussichtlich|kommenden|nachsten|"
    r"le|au|bureau|du|des|a|partir|compter|de|prevu|prevue|disponible|joignable|en|inclus|compris|y|et|poste|"
    r"lundi prochain|"
    r"el|la|oficina|del|dia|desde|mi|al|trabajo|sera|previsto|nuevamente|proximo|incluido|inclusive|"
    r"no|em|ao|o|escritorio|trabalho|na|da|as|proxima|do|"
    r"il|ufficio|dal|giorno|partire|lavoro|per|di|nuovo|disponibile|operativo|prossimo|compreso|incluso|"
    r"op|vanaf|kantoor|aanwezig|bereikbaar|beschikbaar|het|met|komende|ben|ik|bin|ich|wir|sind|suis|je|will "
    r"be|is|are|again"
)
"""Words that may stand between a cue and its day."""

AWAY = (
    r"out of (?:the |my |our )?office|(?:won't|will not) be (?:in|back|here|at work|at my desk)\b|"
    r"\booo\b|\baway\b|vacation|holidays?\b|\bleave\b|\babsent|absence|unavailable|"
    r"not (?:be )?(?:available|in the office|in\b|working|reachable|at my desk|at work)|travell?ing|\bclosed\b|\bout\b|"
    r"\boff\b|\bsick\b|no access|limited access|abwesen|urlaub|nicht (?:im|in|da|erreichbar|anwesend|am|zu "
    r"erreichen|vor ort)|"
    r"ausser haus|unterwegs|\bkrank|elternzeit|mutterschutz|geschlossen|dienstreise|ferien|feiertag|\bweg\b|"
    r"\bconge|vacances|"
    r"deplacement|\bferme|indisponible|ne (?:suis|serai|sera) pas|fuera de|ausente|ausencia|vacaciones|de "
    r"baja|de viaje|"
    r"cerrad|\bferias|fora d[oa]|licenca|indisponivel|encerrad|fechad|fuori|\bferie|assen(?:te|za)|chius[oaie]|"
    r"non (?:saro|sono|sara) |malattia|afwezig|vakantie|niet (?:op kantoor|aanwezig|bereikbaar|in)|buiten "
    r"kantoor|verlof|"
    r"gesloten|no (?:estoy|estare|estaremos) |pas (?:disponible|joignable|present)|nao (?:estou|estarei) |"
    r"maternity|paternity|parental|congedo"
)

FIRST_PERSON = (
    r"\b(?:i|i'm|i'll|we|we're|we'll|will "
    r"be|ich|wir|bin|sind|je|nous|serai|serons|sera|estare|estaremos|estarei|sono|siamo|"
    r"saro|saremo|ik|ben|zijn|upon|mon|mi|meu|meine|mein)\b"
)

OTHERS = (
    r"\b(?:he|she|they|colleague|er|kollege|kollegin|il "
    r"sera|elle|collegue|ella|companero|companera|colega|collega|zij|hij|"
    r"who|event|offer|sale|order|shop|next issue)\b"
)
"""Whoever comes back then is somebody else."""

NOT_AWAY = (
    r"\b(?:open|available|reachable|valid|offer|deadline|register|registration|apply|submit|orders?|respond "
    r"by|geoffnet|"
    r"erreichbar|verfugbar|gultig|anmeldung|anmelden|frist|angebot|bestell\w*|ouvert\w*|valable|disponible|joignable|"
    r"inscription\w*|abiert[oa]|valid[oa]|inscripcion\w*|aberto|disponivel|inscric\w*|aperto|disponibile|"
    r"iscrizion\w*|geopend|"
    r"geldig|beschikbaar|bereikbaar|inschrijv\w*|aanwezig|here|there)\b"
)
"""Something else than an absence lasts until then, unless one of NEGATED stands before it."""

NEGATED = (
    r"\b(?:not|n't|no|never|un\w+|nicht|kein\w*|nur|eingeschrankt|schlecht|kaum|pas|non|nao|niet|limited|only|"
    r"won't|peu|poco|"
    r"pouco|beperkt|slecht|ni|ne)\b"
)
