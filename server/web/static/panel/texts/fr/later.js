// What several of the later steps say: the line of state, what may be done about a row, what a reply is.

import { inZone } from "../../clock.js";
import { many, n } from "../../language.js";
import { all, door, say } from "../../sentence.js";
import { countOf, WENT } from "../../words.js";
import { drafts, messages, rows } from "./nouns.js";

const went = (view) => countOf(view, WENT);
const at = (view, status) => countOf(view, [status]);

const state = {
  planned: (view) => say`Le plan est prêt pour ${door("all", rows(view.rows))}. Rien n’est encore écrit ni envoyé.`,
  drafting: (view) => say`Rédaction des brouillons : ${door("all", n(view.drafted))} sur ${door("all", n(view.rows))}.`,
  drafted: (view) => all([
    view.approvable && say`${door("approvable", drafts(view.approvable))} à approuver.`,
    view.approved && say`${door("approved", many(view.approved, "approuvé", "approuvés"))}.`,
    at(view, "Check draft") && say`${door("look", n(at(view, "Check draft")))} à regarder de plus près.`,
    say`Rien n’est envoyé pour l’instant.`,
  ]),
  sending: (view) => view.scheduled
    ? [`Programmé pour ${inZone(view.scheduled, view.time_zone)} : `, door("approved", messages(view.approved)), ".", " D’ici là, vous pouvez revenir en arrière."]
    : view.seconds_to_start > 0
    ? say`${door("approved", messages(view.approved))} sur le départ. Vous pouvez encore revenir en arrière.`
    : say`Envoi : ${door("went", n(went(view)))} sur ${
      door("leaving", n(went(view) + view.approved + at(view, "Sending")))}.`,
  paused: (view) => say`Suspendu : ${door("sent", many(view.sent, "envoyé", "envoyés"))}, ${
    door("approved", n(view.approved))} en attente.`,
  done: (view) => all([
    say`${door("sent", many(view.sent, "envoyé", "envoyés"))}.`,
    view.approved && say`${door("approved", n(view.approved))} de nouveau approuvés, pas encore envoyés.`,
    view.reviews ? say`${door("reviews", many(view.reviews, "réponse", "réponses"))} à régler.`
      : say`Aucune réponse ne vous attend.`,
  ]),
  cancelled: (view) => say`Annulée. Déjà envoyés : ${door("sent", n(view.sent))}.`,
};

export const text = {
  number: n,
  state: {
    of: (view) => state[view.state](view),
    bar: (parts) => parts.map((part) => `${part.status} ${n(part.count)}`).join(", ") || "Rien encore",
    pendingCells: (amount) => `${many(amount, "cellule attend", "cellules attendent")} d’être écrites dans la feuille.`,
    doors: { all: "Toutes les lignes", approvable: "À approuver", went: "Envoyés", sent: "Envoyés", leaving: "Envoyés et encore à envoyer" },
  },
  chips: {
    noStatus: "Sans brouillon",
  },
  by: { outbox: "la boîte locale", email: "e-mail", whatsapp: "WhatsApp", sms: "SMS", voice: "téléphone" },
  commands: {
    Approved: "Approuver",
    Skip: "Passer",
    Retry: "Réessayer",
    Redraft: "Rédiger à nouveau",
    Sent: "Il est bien parti",
    Remind: "Relancer",
    Accept: "Accepter",
  },
  outcomes: {
    confirmed: "Oui",
    declined: "Non",
    reschedule: "Un autre moment",
    answered: "Répondu",
    question: "Pose une question",
    wrong_person: "Autre personne",
    opt_out: "Ne veut plus rien",
    automatic: "Automatique",
    unclear: "Pas clair",
  },
};
