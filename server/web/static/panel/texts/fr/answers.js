// Words of the fourth step: how far messages got, reminders, the replies to decide about, conversations, spot checks.

import { list, many, n, percent } from "../../language.js";
import { text as shared } from "./later.js";

const SOME = 10;

export const text = {
  answers: {
    nothingSent: "Les réponses apparaissent ici dès que des messages sont envoyés.",
    review: "À vous de décider",
    noReviews: "Rien ne vous attend.",
    allIn: "Toutes les réponses sont là. Rien ne vous attend.",
    settled: (person) => `Décidé : ${person}.`,
    inTheSheet: "Vues filtrées dans la feuille",
  },
  funnel: {
    title: "Jusqu’où sont allés les messages",
    became: "Ce qu’ils sont devenus",
    sent: "Envoyés",
    delivered: "Remis",
    read: "Lus",
    reminded: "Relancés",
    answered: "Ont répondu",
    waiting: "Sans réponse",
    away: "Absents",
    optedOut: "Désinscrits",
    lost: "Non reçus",
    again: "Recontactés",
    of: (total) => `sur ${n(total)}`,
    unread: (channels) => `La lecture n’est pas signalée par ${channels}.`,
    undelivered: (channels) => `La remise n’est pas signalée par ${channels}.`,
  },
  overTime: {
    title: "Les réponses au fil du temps",
    at: (when, sent, answered, sums) => `${when} : ${n(sent)} envoyés, ${n(answered)} ont répondu. Jusque-là ${n(sums.answered)} sur ${n(sums.sent)}.`,
    table: "En chiffres",
    when: "Quand",
  },
  remind: {
    title: "Relancer",
    silent: (amount) => `${many(amount, "personne n’a", "personnes n’ont")} pas répondu.`,
    resting: (amount) => `${n(amount)} déjà ${amount === 1 ? "relancée" : "relancées"} depuis un jour : ${amount === 1 ? "laissée" : "laissées"} de côté.`,
    own: "Avec votre propre texte",
    text: "Texte de la relance",
    columns: (names) => `Peut contenir ${list(names)}.`,
    draft: (amount) => `Rédiger ${many(amount, "relance", "relances")} à relire`,
    reminding: (amount) => `${many(amount, "relance", "relances")} à lire et à approuver. Rien n’est encore envoyé.`,
    nobodyLeft: "Il n’y a plus personne à relancer.",
  },
  review: {
    replyOf: (person) => `Réponse de ${person}`,
    previous: "Réponse précédente",
    next: "Réponse suivante",
    asked: "Question posée :",
    newer: "Voici une réponse plus récente de cette personne. Elle est arrivée entre-temps.",
    unfold: (length) => `Afficher ${many(length, "caractère", "caractères")}`,
    fold: "Afficher moins",
    files: (names) => `Avec elle : ${list(names)}`,
    cameBy: (channel) => `Reçue par ${channel}`,
    proposal: ({ outcome, values }) => proposal(outcome, Object.entries(values)),
    sure: (confidence) => `, sûr à ${percent(confidence)}`,
    readBy: (made) => (made ? `Lu par ${made}` : "Lu sans modèle de langage"),
    outcome: "Que dit-elle ?",
    noValue: "(laisser vide)",
    accept: "Accepter",
    correct: "Corriger",
    askBack: "Redemander",
    conversation: "Conversation",
    settle: "Décider",
  },
  ask: {
    them: "cette personne",
    text: (person) => `Votre question à ${person}`,
    send: (person) => `Envoyer à ${person}`,
    sure: (person) => `${person} recevra ce message aussitôt.`,
    now: "Envoyer maintenant",
    not: "Pas encore",
    sent: (person) => `Votre question à ${person} est en route.`,
  },
  conversation: {
    title: (person) => (person ? `Conversation avec ${person}` : "Conversation"),
    back: "Retour",
    sent: (when, by) => [`Envoyé ${when}`, by && `par ${by}`].filter(Boolean).join(" "),
    notYet: "Pas encore envoyé",
    came: (when, by) => [`Reçu ${when}`, by && `par ${by}`].filter(Boolean).join(" "),
    approved: (who, when) => `Approuvé par ${[who, when].filter(Boolean).join(", ")}`,
    template: "Envoyé comme modèle approuvé",
    removed: "Ce texte a été supprimé.",
    quoted: "Ce que son logiciel a cité",
    unread: "Pas encore lu",
    told: { followed: (who) => (who ? `${who} a fait rédiger une relance` : "Une relance a été rédigée"), withdrawn: (who, words) => `Retiré : ${words}`, blocked: (who, words) => words, bounced: (who, words) => words || "Rejeté", failed: (who, words) => words || "Non remis", complained: (who, words) => words || "Signalé comme indésirable", opted_out: (who, words) => words || "Désinscription", settled: (who, words) => `${who || "Une personne"} a décidé : ${words}` },
    reply: (person) => `Répondre à ${person}`,
    text: (person) => `Votre réponse à ${person}`,
    newer: "Du nouveau est arrivé entre-temps : veuillez le lire avant d’envoyer ceci.",
    goOn: "Je l’ai lu",
    sentTo: (person) => `Votre message à ${person} est en route.`,
  },
  unmatched: {
    title: "Réponses sans ligne",
    count: (amount) => `${many(amount, "réponse ne correspond", "réponses ne correspondent")} à aucune ligne.`,
    show: "Afficher",
    hide: "Masquer",
    several: "Elle peut appartenir à plusieurs lignes et vous attend sur chacune.",
    belongs: "Appartient à",
    nobody: "(personne ici)",
    put: "Attribuer à cette ligne",
    done: (person) => `Attribuée à ${person} : elle est en cours de lecture.`,
  },
  spotCheck: {
    begin: (amount) => (amount < SOME ? `Vérifier jusqu’à ${n(amount)} des réponses sûres` : `Vérifier ${n(SOME)} des réponses sûres`),
    look: "Cette lecture était sûre. Est-elle juste ?",
    none: "Il ne reste aucune lecture sûre que personne n’ait regardée.",
    result: (checked, right) => `${n(checked)} vérifiées, ${n(right)} justes.`,
    again: "En vérifier d’autres",
  },
};

/** What is proposed, in words: the values, and the outcome where they do not say it. */
function proposal(outcome, values) {
  const filled = values.filter(([, value]) => value !== "").map(([name, value]) => `${name}: ${value}`);
  const said = shared.outcomes[outcome] || shared.outcomes.unclear;
  return values.some(([, value]) => value === said) || (filled.length && outcome === "answered") ? filled.join(", ")
    : [said, ...filled].join(". ");
}
