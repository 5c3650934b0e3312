// Words of what the first step has beyond the form: completion, conditions, saved campaigns.

import { either, many, n, nameOfLanguage } from "../../language.js";

const rows = (amount) => many(amount, "Zeile", "Zeilen");

export const text = {
  complete: {
    columns: "Spalten",
    found: (amount) => `${many(amount, "Spalte", "Spalten")}. Pfeiltasten wählen, Eingabe fügt ein.`,
    none: (typed) => `Keine Spalte beginnt mit „${typed}“.`,
  },
  where: {
    legend: "Bedingung an die Zeilen",
    column: "Spalte",
    test: "Bedingung",
    value: "Wert",
    tests: { is: "ist", is_not: "ist nicht", contains: "enthält", empty: "ist leer", filled: "ist ausgefüllt", less: "ist kleiner als", more: "ist größer als", before: "ist vor", after: "ist nach" },
    examples: { is: "", is_not: "", contains: "", less: "30", more: "30", before: "31.5.2026", after: "31.5.2026" },
    pick: "Wert auswählen",
    offered: (value, amount) => `${value} (${n(amount)})`,
    rows: (amount) => (amount ? rows(amount) : "Keine sichtbare Zeile"),
    row: (number) => `Zeile ${number}`,
    counting: "Wird gezählt …",
    say: "Geben Sie an, welcher Wert gemeint ist.",
    see: "Zeigen, welche",
    more: (amount) => `Und ${many(amount, "weitere Zeile", "weitere Zeilen")}.`,
  },
  saved: {
    title: "Gespeichert",
    more: (amount) => `${n(amount)} weitere zeigen`,
    by: (who) => `Gespeichert von ${who}`,
    change: (name) => `${name} umbenennen oder entfernen`,
    rename: "Umbenennen",
    renameLabel: (name) => `Neuer Name von „${name}“`,
    remove: "Entfernen",
    sure: (name) => `„${name}“ entfernen?`,
    removed: (name) => `„${name}“ ist entfernt.`,
    again: "Zum Wiederverwenden speichern",
    name: "Name zum Wiederfinden",
    save: "Speichern",
    kept: (name) => `Als „${name}“ gespeichert. Im ersten Schritt wird es angeboten.`,
    from: (name) => `Aus „${name}“. Es bringt mit:`,
    fills: (column, values) => (values.join("") ? `${column} (${either(values)})` : column),
    inLanguage: (code) => nameOfLanguage(code),
    counts: (words) => `es zählt: ${words}`,
    reminds: (days) => `ohne Antwort nach ${many(days, "Tag", "Tagen")}`,
    lost: (channel) => `${channel} ist hier nicht eingerichtet: Wählen Sie einen anderen Weg.`,
    leave: "Nur den Text",
  },
};
