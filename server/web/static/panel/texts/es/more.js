// Words of what the first step has beyond the form: completion, conditions, saved campaigns.

import { either, many, n, nameOfLanguage } from "../../language.js";

const rows = (amount) => many(amount, "fila", "filas");

export const text = {
  complete: {
    columns: "Columnas",
    found: (amount) => `${many(amount, "columna", "columnas")}. Las flechas eligen, Intro inserta.`,
    none: (typed) => `Ninguna columna empieza por «${typed}».`,
  },
  where: {
    legend: "Condición de las filas",
    column: "Columna",
    test: "Condición",
    value: "Valor",
    tests: { is: "es", is_not: "no es", contains: "contiene", empty: "está vacía", filled: "está rellena", less: "es menor que", more: "es mayor que", before: "es antes de", after: "es después de" },
    examples: { is: "", is_not: "", contains: "", less: "30", more: "30", before: "31/5/2026", after: "31/5/2026" },
    pick: "Elegir un valor",
    offered: (value, amount) => `${value} (${n(amount)})`,
    rows: (amount) => (amount ? rows(amount) : "Ninguna fila visible"),
    row: (number) => `Fila ${number}`,
    counting: "Contando …",
    say: "Falta decir qué valor.",
    see: "Mostrar cuáles",
    more: (amount) => `Y ${rows(amount)} más.`,
  },
  saved: {
    title: "Guardadas",
    more: (amount) => `Mostrar ${n(amount)} más`,
    by: (who) => `Guardada por ${who}`,
    change: (name) => `Renombrar o quitar ${name}`,
    rename: "Renombrar",
    renameLabel: (name) => `Nombre nuevo de «${name}»`,
    remove: "Quitar",
    sure: (name) => `¿Quitar «${name}»?`,
    removed: (name) => `Se quitó «${name}».`,
    again: "Guardar para volver a usarla",
    name: "Nombre para encontrarla",
    save: "Guardar",
    kept: (name) => `Guardada como «${name}». Se ofrece en el primer paso.`,
    from: (name) => `De «${name}». Trae consigo:`,
    fills: (column, values) => (values.join("") ? `${column} (${either(values)})` : column),
    inLanguage: (code) => nameOfLanguage(code),
    counts: (words) => `cuenta: ${words}`,
    reminds: (days) => `sin respuesta tras ${many(days, "día", "días")}`,
    lost: (channel) => `${channel} no está configurado aquí: hay que elegir otra vía.`,
    leave: "Solo el texto",
  },
};
