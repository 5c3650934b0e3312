// Words of what the first step has beyond the form: completion, conditions, saved campaigns.

import { either, many, n, nameOfLanguage } from "../../language.js";

const rows = (amount) => many(amount, "ligne", "lignes");

export const text = {
  complete: {
    columns: "Colonnes",
    found: (amount) => `${many(amount, "colonne", "colonnes")}. Les flèches choisissent, Entrée insère.`,
    none: (typed) => `Aucune colonne ne commence par « ${typed} ».`,
  },
  where: {
    legend: "Condition sur les lignes",
    column: "Colonne",
    test: "Condition",
    value: "Valeur",
    tests: { is: "est", is_not: "n’est pas", contains: "contient", empty: "est vide", filled: "est remplie", less: "est inférieure à", more: "est supérieure à", before: "est avant", after: "est après" },
    examples: { is: "", is_not: "", contains: "", less: "30", more: "30", before: "31/5/2026", after: "31/5/2026" },
    pick: "Choisir une valeur",
    offered: (value, amount) => `${value} (${n(amount)})`,
    rows: (amount) => (amount ? rows(amount) : "Aucune ligne visible"),
    row: (number) => `Ligne ${number}`,
    counting: "Comptage …",
    say: "Indiquez la valeur voulue.",
    see: "Montrer lesquelles",
    more: (amount) => `Et ${many(amount, "autre ligne", "autres lignes")}.`,
  },
  saved: {
    title: "Enregistrées",
    more: (amount) => `En montrer ${n(amount)} de plus`,
    by: (who) => `Enregistrée par ${who}`,
    change: (name) => `Renommer ou retirer ${name}`,
    rename: "Renommer",
    renameLabel: (name) => `Nouveau nom de « ${name} »`,
    remove: "Retirer",
    sure: (name) => `Retirer « ${name} » ?`,
    removed: (name) => `« ${name} » est retirée.`,
    again: "Enregistrer pour réutiliser",
    name: "Nom pour la retrouver",
    save: "Enregistrer",
    kept: (name) => `Enregistrée sous « ${name} ». La première étape la propose.`,
    from: (name) => `De « ${name} ». Elle apporte :`,
    fills: (column, values) => (values.join("") ? `${column} (${either(values)})` : column),
    inLanguage: (code) => nameOfLanguage(code),
    counts: (words) => `compte : ${words}`,
    reminds: (days) => `sans réponse après ${many(days, "jour", "jours")}`,
    lost: (channel) => `${channel} n’est pas configuré ici : choisissez un autre moyen.`,
    leave: "Seulement le texte",
  },
};
