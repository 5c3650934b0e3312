// Words of the list of rows behind a number.

import { many, n } from "../../language.js";
import { rows } from "./nouns.js";

export const text = {
  rows: {
    none: "Aquí ya no hay ninguna fila.",
    bulk: (command, amount) => `${command}: las ${n(amount)}`,
    read: "Leer",
    conversation: "Conversación",
    row: (number) => `Fila ${number}`,
    pages: "Páginas de la lista",
    range: (from, to, all) => `${n(from)} a ${n(to)} de ${n(all)}`,
    first: "Primeras filas",
    earlier: "Filas anteriores",
    later: "Filas siguientes",
    last: "Últimas filas",
    sure: { Approved: (amount) => `Se aprueban tal como están: ${rows(amount)}.`, Skip: (amount) => `Se quedan sin mensaje: ${rows(amount)}. Se pueden recuperar mientras dure la campaña.`, Redraft: (amount) => `Textos que se escriben de nuevo: ${rows(amount)}. Lo que se editó en ellos se pierde.`, Retry: (amount) => `Se intenta otra vez: ${rows(amount)}. Salen en cuanto estén aprobadas.`, Sent: (amount) => `Cuentan como enviadas: ${rows(amount)}.`, Remind: (amount) => `Se redacta un recordatorio: ${rows(amount)}. Nada se envía sin aprobarlo.` },
    leaves: "Esta campaña se está enviando: salen de inmediato.",
    bringBack: (amount) => `Recuperar ${rows(amount)}`,
    bringBackHint: "Los textos se escriben de nuevo.",
  },
  choice: {
    line: (chosen, all) => [{ words: n(chosen) }, ` de ${rows(all)}`],
    all: (amount) => rows(amount),
    parts: { hidden: (amount) => many(amount, "oculta", "ocultas"), other: (amount) => many(amount, "no elegida", "no elegidas"), sent: (amount) => many(amount, "ya enviada", "ya enviadas"), no_address: (amount) => `${n(amount)} sin dirección` },
    titles: { chosen: "Filas que reciben un mensaje", hidden: "Filas ocultas", other: "Filas no elegidas", sent: "Filas ya enviadas", no_address: "Filas sin dirección" },
    showAll: (amount) => `Mostrar las ${n(amount)}`,
  },
  chip: {
    saving: "Guardando …",
    saved: "Guardado.",
    from: "De",
    usual: "(como siempre)",
    change: (column) => `Cambiar ${column}`,
    up: (channel) => `Probar ${channel} antes`,
  },
};
