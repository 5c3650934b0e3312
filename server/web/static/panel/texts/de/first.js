// What people read in the panel around its steps, before and beside the first one.

export const text = {
  errors: {
    unreachable: "Cellback antwortet nicht. Läuft es noch? Nichts ist verloren; versuchen Sie es gleich noch einmal.",
    slow: "Das dauerte zu lange und wurde hier abgebrochen. Vielleicht läuft es noch: Sehen Sie nach dem Stand, bevor Sie es wiederholen.",
    signedOut: "Öffnen Sie die Adresse, die beim Start ausgegeben wurde. Sie enthält den Schlüssel zu dieser Seite.",
    unexpected: (status) => `In Cellback ging etwas schief (${status}). Dabei wurde nichts gesendet. Mehr steht im Protokoll.`,
    own: "Im Panel selbst trat ein Fehler auf. Laden Sie die Seite neu; nichts ist verloren.",
  },
  panel: {
    campaign: "Kampagne",
    newCampaign: "Neue Kampagne",
    startNew: "Neu",
    path: "Schritte",
    loading: "Wird geladen …",
    stopped: { 0: "Cellback ist nicht erreichbar", 401: "Diese Seite braucht ihren Schlüssel",
      403: "Dieses Blatt ist für Sie nicht freigegeben", 404: "Noch kein Blatt", other: "Das hat nicht geklappt" },
    tryAgain: "Noch einmal versuchen",
    away: "Cellback ist gerade nicht erreichbar. Was Sie sehen, kann veraltet sein.",
    language: "Sprache",
    toStep: "Zum Schritt",
    rowGone: "Diese Zeile gibt es im Blatt nicht mehr.",
    rowHidden: "Die Zeile ist da, aber ein Filter oder eine Person blendet sie aus.",
  },
  steps: { write: "Schreiben", check: "Prüfen", send: "Senden", answers: "Antworten" },
  parts: {
    didYouMean: "Meinten Sie",
    cancel: "Abbrechen",
    mayNot: {
      edit: "Sie dürfen hier nur zusehen.",
      approve: "Sie dürfen hier nur zusehen.",
      send: "Sie dürfen vorbereiten und freigeben. Gesendet wird von jemandem, der senden darf.",
    },
  },
  state: {
    none: "Für dieses Blatt ist noch nichts geplant.",
    fresh: "Eine neue Kampagne. Noch ist nichts geplant.",
  },
  channels: { outbox: "Lokales Postfach", email: "E-Mail", whatsapp: "WhatsApp", sms: "SMS", voice: "Anruf" },
  providers: { outbox: "Lokales Postfach", sendgrid: "SendGrid", resend: "Resend", mailgun: "Mailgun", smtp: "SMTP",
    twilio: "Twilio", meta: "Meta" },
};
