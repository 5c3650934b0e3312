// Words of the first step.

import { many, n } from "../../spoken.js";

export const text = {
  write: {
    instruction: "Was soll jede Person bekommen?",
    placeholder: "Schicke allen Teilnehmenden ihre Startzeit und bitte um Bestätigung.",
    template: "Vorlage",
    templatePlaceholder: "Hallo {{Name}}, Ihre Startzeit ist {{Start}}. Passt das?",
    templateHint: "Jede Zeile bekommt diesen Text. Mit {{ fügen Sie eine Spalte ein.",
    subject: "Betreff",
    examples: "Aus Ihren Spalten",
    useTemplate: "Ich schreibe den genauen Text",
    channel: "Senden per",
    carrier: "Über",
    rows: "An",
    visible: "Sichtbare Zeilen",
    all: "Alle Zeilen",
    where: "Zeilen, in denen …",
    selected: "Ausgewählte Zeilen",
    chosen: (words, amount) => `${words} (${n(amount)})`,
    frozen: (amount) => `${many(amount, "Zeile", "Zeilen")}, wie eben ausgewählt.`,
    anew: "Neu auswählen",
    noneOf: {
      selected: "Es ist keine Zeile mit Daten ausgewählt. Wählen Sie im Blatt welche aus, dann hier noch einmal.",
      visible: "Es ist keine Zeile mit Daten sichtbar. Ändern Sie den Filter, dann wählen Sie noch einmal.",
      where: "Die Bedingung trifft auf keine sichtbare Zeile zu. Ändern Sie die Bedingung oder den Filter des Blatts.",
    },
    notReady: (channel) => `${channel} (nicht eingerichtet)`,
    moreChannels: "Andere Wege zu senden",
    offline: "Es ist kein Sprachmodell eingerichtet: Entwürfe sind schlicht, und was in Antworten nicht eindeutig ist, wird Ihnen gezeigt.",
    plan: "Plan erstellen",
    current: "Diese Kampagne sagt",
    again: "Daraus eine neue schreiben",
  },
};
