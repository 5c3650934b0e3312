// What several of the later steps say: the line of state, what may be done about a row, what a reply is.

import { inZone } from "../../clock.js";
import { many, n } from "../../language.js";
import { all, door, say } from "../../sentence.js";
import { countOf, WENT } from "../../words.js";
import { drafts, messages, rows } from "./nouns.js";

const went = (view) => countOf(view, WENT);
const at = (view, status) => countOf(view, [status]);

const state = {
  planned: (view) => say`Der Plan für ${door("all", rows(view.rows))} steht. Noch ist nichts geschrieben oder gesendet.`,
  drafting: (view) => say`Entwürfe werden geschrieben: ${door("all", n(view.drafted))} von ${
    door("all", n(view.rows))}.`,
  drafted: (view) => all([
    view.approvable && say`${door("approvable", drafts(view.approvable))} freizugeben.`,
    view.approved && say`${door("approved", n(view.approved))} freigegeben.`,
    at(view, "Check draft") && say`${door("look", n(at(view, "Check draft")))} genauer anzusehen.`,
    say`Es wird nichts gesendet.`,
  ]),
  sending: (view) => view.scheduled
    ? [`Geplant für ${inZone(view.scheduled, view.time_zone)}: `, door("approved", messages(view.approved)), ".", " Bis dahin können Sie es zurücknehmen."]
    : view.seconds_to_start > 0
    ? say`Gleich zu senden: ${door("approved", messages(view.approved))}. Noch können Sie es zurücknehmen.`
    : say`Gesendet: ${door("went", n(went(view)))} von ${
      door("leaving", n(went(view) + view.approved + at(view, "Sending")))}.`,
  paused: (view) => say`Angehalten: ${door("sent", n(view.sent))} gesendet, ${door("approved", n(view.approved))} noch zu senden.`,
  done: (view) => all([
    say`${door("sent", n(view.sent))} gesendet.`,
    view.approved && say`${door("approved", n(view.approved))} erneut freigegeben, noch nicht gesendet.`,
    view.reviews ? say`${door("reviews", many(view.reviews, "Antwort", "Antworten"))} zu klären.`
      : say`Keine Antwort wartet auf Sie.`,
  ]),
  cancelled: (view) => say`Abgebrochen. Schon vorher gesendet: ${door("sent", n(view.sent))}.`,
};

export const text = {
  number: n,
  state: {
    of: (view) => state[view.state](view),
    bar: (parts) => parts.map((part) => `${part.status} ${n(part.count)}`).join(", ") || "Noch nichts",
    pendingCells: (amount) => `${many(amount, "Zelle wartet", "Zellen warten")} darauf, ins Blatt geschrieben zu werden.`,
    doors: { all: "Alle Zeilen", approvable: "Freizugeben", went: "Gesendet", sent: "Gesendet", leaving: "Gesendet und noch zu senden" },
  },
  chips: {
    noStatus: "Ohne Entwurf",
  },
  by: { outbox: "das lokale Postfach", email: "E-Mail", whatsapp: "WhatsApp", sms: "SMS", voice: "Telefon" },
  commands: {
    Approved: "Freigeben",
    Skip: "Auslassen",
    Retry: "Noch einmal versuchen",
    Redraft: "Neu entwerfen",
    Sent: "Es ging doch hinaus",
    Remind: "Erinnern",
    Accept: "Übernehmen",
  },
  outcomes: {
    confirmed: "Ja",
    declined: "Nein",
    reschedule: "Anderer Termin",
    answered: "Beantwortet",
    question: "Fragt zurück",
    wrong_person: "Falsche Person",
    opt_out: "Will nichts mehr",
    automatic: "Automatisch",
    unclear: "Unklar",
  },
};
