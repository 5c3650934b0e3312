"""WhatsApp over Meta's Cloud API, both directions. `words.py` says what Meta's words mean here."""

from server.channels.meta.channel import MetaWhatsApp as MetaWhatsApp
