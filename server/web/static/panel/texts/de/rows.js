// Words of the list of rows behind a number.

import { n } from "../../language.js";
import { rows } from "./nouns.js";

export const text = {
  rows: {
    none: "Hier steht keine Zeile mehr.",
    bulk: (command, amount) => `${command}: alle ${n(amount)}`,
    read: "Lesen",
    conversation: "Verlauf",
    row: (number) => `Zeile ${number}`,
    pages: "Seiten der Liste",
    range: (from, to, all) => `${n(from)} bis ${n(to)} von ${n(all)}`,
    first: "Erste Zeilen",
    earlier: "Frühere Zeilen",
    later: "Spätere Zeilen",
    last: "Letzte Zeilen",
    sure: { Approved: (amount) => `Freigegeben werden, so wie sie sind: ${rows(amount)}.`, Skip: (amount) => `Keine Nachricht bekommen: ${rows(amount)}. Sie lassen sich zurückholen, solange die Kampagne läuft.`, Redraft: (amount) => `Neu geschriebene Texte: ${rows(amount)}. Was darin bearbeitet wurde, geht verloren.`, Retry: (amount) => `Noch einmal versucht: ${rows(amount)}. Sie gehen hinaus, sobald sie freigegeben sind.`, Sent: (amount) => `Als gesendet gelten: ${rows(amount)}.`, Remind: (amount) => `Eine Erinnerung wird entworfen: ${rows(amount)}. Ohne Ihre Freigabe wird nichts gesendet.` },
    leaves: "Diese Kampagne wird gerade gesendet: Sie gehen sofort hinaus.",
    bringBack: (amount) => `Zurückholen: ${rows(amount)}`,
    bringBackHint: "Ihre Texte werden neu geschrieben.",
  },
  choice: {
    line: (chosen, all) => [{ words: n(chosen) }, ` von ${rows(all)}`],
    all: (amount) => rows(amount),
    parts: { hidden: (amount) => `${n(amount)} ausgeblendet`, other: (amount) => `${n(amount)} nicht ausgewählt`, sent: (amount) => `${n(amount)} schon gesendet`, no_address: (amount) => `${n(amount)} ohne Adresse` },
    titles: { chosen: "Zeilen, die eine Nachricht bekommen", hidden: "Ausgeblendete Zeilen", other: "Nicht ausgewählte Zeilen", sent: "Schon gesendete Zeilen", no_address: "Zeilen ohne Adresse" },
    showAll: (amount) => `Alle ${n(amount)} zeigen`,
  },
  chip: {
    saving: "Wird gespeichert …",
    saved: "Gespeichert.",
    from: "Von",
    usual: "(wie üblich)",
    change: (column) => `${column} ändern`,
    up: (channel) => `${channel} früher versuchen`,
  },
};
