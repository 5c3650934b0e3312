// What people read in the panel around its steps, before and beside the first one.

export const text = {
  errors: {
    unreachable: "Cellback ne répond pas. Est-il toujours en marche ? Rien n’est perdu ; réessayez dans un instant.",
    slow: "C’était trop long, l’attente s’est arrêtée ici. L’action est peut-être encore en cours : regardez l’état avant de recommencer.",
    signedOut: "Ouvrez l’adresse affichée au démarrage. Elle contient la clé de cette page.",
    unexpected: (status) => `Un problème est survenu dans Cellback (${status}). Rien n’a été envoyé de ce fait. Le journal en dit plus.`,
    own: "Le panneau a rencontré une erreur. Rechargez la page ; rien n’est perdu.",
  },
  panel: {
    campaign: "Campagne",
    newCampaign: "Nouvelle campagne",
    startNew: "Nouvelle",
    path: "Étapes",
    loading: "Chargement …",
    stopped: { 0: "Cellback est injoignable", 401: "Cette page a besoin de sa clé",
      403: "Cette feuille ne vous est pas ouverte", 404: "Pas encore de feuille", other: "Cela n’a pas fonctionné" },
    tryAgain: "Réessayer",
    away: "Cellback est injoignable pour le moment. Ce que vous voyez n’est peut-être pas à jour.",
    language: "Langue",
    toStep: "Aller à l’étape",
    rowGone: "Cette ligne n’est plus dans la feuille.",
    rowHidden: "La ligne est là, mais un filtre ou une personne la masque.",
  },
  steps: { write: "Écrire", check: "Vérifier", send: "Envoyer", answers: "Réponses" },
  parts: {
    didYouMean: "Vouliez-vous dire",
    cancel: "Annuler",
    mayNot: {
      edit: "Vous pouvez seulement consulter.",
      approve: "Vous pouvez seulement consulter.",
      send: "Vous pouvez préparer et approuver. L’envoi est lancé par quelqu’un qui en a le droit.",
    },
  },
  state: {
    none: "Rien n’est encore prévu pour cette feuille.",
    fresh: "Une nouvelle campagne. Rien n’est encore prévu.",
  },
  channels: { outbox: "Boîte locale", email: "E-mail", whatsapp: "WhatsApp", sms: "SMS", voice: "Appel" },
  providers: { outbox: "Boîte locale", sendgrid: "SendGrid", resend: "Resend", mailgun: "Mailgun", smtp: "SMTP",
    twilio: "Twilio", meta: "Meta" },
};
