// Words of the first step.

import { many, n } from "../../spoken.js";

export const text = {
  write: {
    instruction: "Que doit recevoir chaque personne ?",
    placeholder: "Envoie à chaque participant son heure de départ et demande une confirmation.",
    template: "Modèle",
    templatePlaceholder: "Bonjour {{Nom}}, votre heure de départ est {{Heure}}. Cela vous convient-il ?",
    templateHint: "Chaque ligne reçoit ce texte. Tapez {{ pour insérer une colonne.",
    subject: "Objet",
    examples: "À partir de vos colonnes",
    useTemplate: "J’écris le texte exact",
    channel: "Envoyer par",
    carrier: "Via",
    rows: "À",
    visible: "Lignes visibles",
    all: "Toutes les lignes",
    where: "Lignes où …",
    selected: "Lignes sélectionnées",
    chosen: (words, amount) => `${words} (${n(amount)})`,
    frozen: (amount) => `${many(amount, "ligne", "lignes")}, selon votre choix à l’instant.`,
    anew: "Choisir à nouveau",
    noneOf: {
      selected: "Aucune ligne avec des données n’est sélectionnée. Sélectionnez-en dans la feuille, puis choisissez à nouveau.",
      visible: "Aucune ligne avec des données n’est visible. Modifiez le filtre, puis choisissez à nouveau.",
      where: "La condition n’est remplie par aucune ligne visible. Modifiez-la, ou le filtre de la feuille.",
    },
    notReady: (channel) => `${channel} (non configuré)`,
    moreChannels: "Autres moyens d’envoi",
    offline: "Aucun modèle de langage n’est configuré : les brouillons sont simples, et les réponses ambiguës vous sont montrées.",
    plan: "Faire un plan",
    current: "Cette campagne dit",
    again: "En écrire une nouvelle à partir d’ici",
  },
};
