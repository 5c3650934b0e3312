"""Twilio: SMS, WhatsApp and calls over one account. `account.py` is what they share."""

from server.channels.twilio.messages import TwilioSms, TwilioWhatsApp
from server.channels.twilio.voice import TwilioVoice

__all__ = ["TwilioSms", "TwilioVoice", "TwilioWhatsApp"]
