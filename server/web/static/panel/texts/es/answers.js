// Words of the fourth step: how far messages got, reminders, the replies to decide about, conversations, spot checks.

import { list, many, n, percent } from "../../language.js";
import { text as shared } from "./later.js";

const SOME = 10;

export const text = {
  answers: {
    nothingSent: "Las respuestas aparecen aquí en cuanto se hayan enviado mensajes.",
    review: "Por decidir",
    noReviews: "No hay nada pendiente.",
    allIn: "Han llegado todas las respuestas. No hay nada pendiente.",
    settled: (person) => `Decidido: ${person}.`,
    inTheSheet: "Vistas de filtro en la hoja",
  },
  funnel: {
    title: "Hasta dónde llegaron los mensajes",
    became: "Qué fue de ellos",
    sent: "Enviados",
    delivered: "Entregados",
    read: "Leídos",
    reminded: "Recordados",
    answered: "Respondieron",
    waiting: "Sin respuesta aún",
    away: "Ausentes",
    optedOut: "Bajas",
    lost: "No recibidos",
    again: "Se les escribe otra vez",
    of: (total) => `de ${n(total)}`,
    unread: (channels) => `La lectura no se comunica por ${channels}.`,
    undelivered: (channels) => `La entrega no se comunica por ${channels}.`,
  },
  overTime: {
    title: "Respuestas a lo largo del tiempo",
    at: (when, sent, answered, sums) => `${when}: ${n(sent)} enviados, ${n(answered)} respondieron. Hasta entonces ${n(sums.answered)} de ${n(sums.sent)}.`,
    table: "En cifras",
    when: "Cuándo",
  },
  remind: {
    title: "Recordar",
    silent: (amount) => `${many(amount, "persona no ha", "personas no han")} respondido.`,
    resting: (amount) => `${amount === 1 ? "Queda fuera" : "Quedan fuera"} ${n(amount)} con recordatorio en el último día.`,
    own: "Con un texto propio",
    text: "Texto del recordatorio",
    columns: (names) => `Puede contener ${list(names)}.`,
    draft: (amount) => `Redactar ${many(amount, "recordatorio", "recordatorios")} para revisar`,
    reminding: (amount) => `${many(amount, "recordatorio", "recordatorios")} por leer y aprobar. Aún no se envía nada.`,
    nobodyLeft: "No queda nadie a quien recordar.",
  },
  review: {
    replyOf: (person) => `Respuesta de ${person}`,
    previous: "Respuesta anterior",
    next: "Respuesta siguiente",
    asked: "Se preguntó:",
    newer: "Esta es una respuesta más reciente de la misma persona. Ha llegado mientras tanto.",
    unfold: (length) => `Mostrar ${many(length, "carácter", "caracteres")}`,
    fold: "Mostrar menos",
    files: (names) => `Con ella llegó ${list(names)}`,
    cameBy: (channel) => `Llegó por ${channel}`,
    proposal: ({ outcome, values }) => proposal(outcome, Object.entries(values)),
    sure: (confidence) => `, seguridad: ${percent(confidence)}`,
    readBy: (made) => (made ? `Leído por ${made}` : "Leído sin modelo de lenguaje"),
    outcome: "¿Qué dice?",
    noValue: "(dejar vacío)",
    accept: "Aceptar",
    correct: "Corregir",
    askBack: "Preguntar",
    conversation: "Conversación",
    settle: "Decidir",
  },
  ask: {
    them: "esta persona",
    text: (person) => `Pregunta para ${person}`,
    send: (person) => `Enviar a ${person}`,
    sure: (person) => `${person} recibirá este mensaje enseguida.`,
    now: "Enviar ahora",
    not: "Todavía no",
    sent: (person) => `La pregunta para ${person} está en camino.`,
  },
  conversation: {
    title: (person) => (person ? `Conversación con ${person}` : "Conversación"),
    back: "Volver",
    sent: (when, by) => [`Enviado ${when}`, by && `por ${by}`].filter(Boolean).join(" "),
    notYet: "Aún sin enviar",
    came: (when, by) => [`Llegó ${when}`, by && `por ${by}`].filter(Boolean).join(" "),
    approved: (who, when) => `Aprobado por ${[who, when].filter(Boolean).join(", ")}`,
    template: "Enviado como plantilla aprobada",
    removed: "Este texto se ha eliminado.",
    quoted: "Lo que citó su programa",
    unread: "Sin leer todavía",
    told: { followed: (who) => (who ? `${who} pidió redactar un recordatorio` : "Se redactó un recordatorio"), withdrawn: (who, words) => `Retirado: ${words}`, blocked: (who, words) => words, bounced: (who, words) => words || "Devuelto", failed: (who, words) => words || "No entregado", complained: (who, words) => words || "Marcado como spam", opted_out: (who, words) => words || "Baja", settled: (who, words) => `Decisión de ${who || "una persona"}: ${words}` },
    reply: (person) => `Responder a ${person}`,
    text: (person) => `Respuesta para ${person}`,
    newer: "Mientras tanto ha llegado algo nuevo: conviene leerlo antes de enviar esto.",
    goOn: "Ya está leído",
    sentTo: (person) => `El mensaje para ${person} está en camino.`,
  },
  unmatched: {
    title: "Respuestas sin fila",
    count: (amount) => `${many(amount, "respuesta no corresponde", "respuestas no corresponden")} a ninguna fila.`,
    show: "Mostrar",
    hide: "Ocultar",
    several: "Puede ser de varias filas y queda por decidir en cada una.",
    belongs: "Pertenece a",
    nobody: "(nadie de aquí)",
    put: "Asignar a esta fila",
    done: (person) => `Asignada a ${person}: se está leyendo.`,
  },
  spotCheck: {
    begin: (amount) => (amount < SOME ? `Comprobar hasta ${n(amount)} de las seguras` : `Comprobar ${n(SOME)} de las seguras`),
    look: "Esta lectura era segura. ¿Es correcta?",
    none: "No queda ninguna lectura segura que nadie haya mirado.",
    result: (checked, right) => `${n(checked)} comprobadas, ${n(right)} correctas.`,
    again: "Comprobar más",
  },
};

/** What is proposed, in words: the values, and the outcome where they do not say it. */
function proposal(outcome, values) {
  const filled = values.filter(([, value]) => value !== "").map(([name, value]) => `${name}: ${value}`);
  const said = shared.outcomes[outcome] || shared.outcomes.unclear;
  return values.some(([, value]) => value === said) || (filled.length && outcome === "answered") ? filled.join(", ")
    : [said, ...filled].join(". ");
}
