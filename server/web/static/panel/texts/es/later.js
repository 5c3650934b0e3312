// What several of the later steps say: the line of state, what may be done about a row, what a reply is.

import { inZone } from "../../clock.js";
import { many, n } from "../../language.js";
import { all, door, say } from "../../sentence.js";
import { countOf, WENT } from "../../words.js";
import { drafts, messages, rows } from "./nouns.js";

const went = (view) => countOf(view, WENT);
const at = (view, status) => countOf(view, [status]);

const state = {
  planned: (view) => say`El plan para ${door("all", rows(view.rows))} está listo. Todavía no se ha escrito ni enviado nada.`,
  drafting: (view) => say`Escribiendo borradores: ${door("all", n(view.drafted))} de ${door("all", n(view.rows))}.`,
  drafted: (view) => all([
    view.approvable && say`${door("approvable", drafts(view.approvable))} por aprobar.`,
    view.approved && say`${door("approved", many(view.approved, "aprobado", "aprobados"))}.`,
    at(view, "Check draft") && say`${door("look", n(at(view, "Check draft")))} por mirar con calma.`,
    say`No se está enviando nada.`,
  ]),
  sending: (view) => view.scheduled
    ? [`Programado para ${inZone(view.scheduled, view.time_zone)}: `, door("approved", messages(view.approved)), ".", " Hasta entonces se puede deshacer."]
    : view.seconds_to_start > 0
    ? say`${door("approved", messages(view.approved))} a punto de salir. Aún se puede deshacer.`
    : say`Enviando: ${door("went", n(went(view)))} de ${
      door("leaving", n(went(view) + view.approved + at(view, "Sending")))}.`,
  paused: (view) => say`En pausa: ${door("sent", many(view.sent, "enviado", "enviados"))}, ${
    door("approved", n(view.approved))} en espera.`,
  done: (view) => all([
    say`${door("sent", many(view.sent, "enviado", "enviados"))}.`,
    view.approved && say`${door("approved", n(view.approved))} con nueva aprobación, sin enviar todavía.`,
    view.reviews ? say`${door("reviews", many(view.reviews, "respuesta", "respuestas"))} por resolver.`
      : say`Ninguna respuesta está pendiente.`,
  ]),
  cancelled: (view) => say`Cancelada. Enviados antes: ${door("sent", n(view.sent))}.`,
};

export const text = {
  number: n,
  state: {
    of: (view) => state[view.state](view),
    bar: (parts) => parts.map((part) => `${part.status} ${n(part.count)}`).join(", ") || "Nada todavía",
    pendingCells: (amount) => `${many(amount, "celda espera", "celdas esperan")} a escribirse en la hoja.`,
    doors: { all: "Todas las filas", approvable: "Por aprobar", went: "Enviados", sent: "Enviados", leaving: "Enviados y por enviar" },
  },
  chips: {
    noStatus: "Sin borrador",
  },
  by: { outbox: "el buzón local", email: "correo electrónico", whatsapp: "WhatsApp", sms: "SMS", voice: "teléfono" },
  commands: {
    Approved: "Aprobar",
    Skip: "Omitir",
    Retry: "Intentar de nuevo",
    Redraft: "Redactar de nuevo",
    Sent: "Sí que salió",
    Remind: "Recordar",
    Accept: "Aceptar",
  },
  outcomes: {
    confirmed: "Sí",
    declined: "No",
    reschedule: "Otro momento",
    answered: "Respondido",
    question: "Pregunta algo",
    wrong_person: "Otra persona",
    opt_out: "No quiere más",
    automatic: "Automática",
    unclear: "Poco clara",
  },
};
