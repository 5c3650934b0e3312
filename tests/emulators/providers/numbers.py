"""Phone numbers whose WhatsApp id is not their E.164 form: Mexico, Brazil, Argentina (Meta, "Phone numbers")."""

from __future__ import annotations

import re


def known_as(number: str) -> str:
    """One form for all ways of writing a number: E.164, without "whatsapp:" and spaces."""
    digits = re.sub(r"\D", "", number.removeprefix("whatsapp:"))
    if re.fullmatch(r"521\d{10}", digits):
        digits = "52" + digits[3:]
    elif re.fullmatch(r"54[1-8]\d{9}", digits):
        digits = "549" + digits[2:]
    elif re.fullmatch(r"55\d\d[6-9]\d{7}", digits):
        digits = f"{digits[:4]}9{digits[4:]}"
    return f"+{digits}"


def wa_id(number: str) -> str:
    """What WhatsApp calls it: Mexico with a 1, Brazil without the ninth digit outside the first regions."""
    digits = known_as(number)[1:]
    if re.fullmatch(r"52\d{10}", digits):
        return "521" + digits[2:]
    if re.fullmatch(r"55[3-9]\d9\d{8}", digits):
        return digits[:4] + digits[5:]
    return digits
