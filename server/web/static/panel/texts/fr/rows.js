// Words of the list of rows behind a number.

import { many, n } from "../../language.js";
import { rows } from "./nouns.js";

export const text = {
  rows: {
    none: "Il n’y a plus aucune ligne ici.",
    bulk: (command, amount) => `${command} : les ${n(amount)}`,
    read: "Lire",
    conversation: "Conversation",
    row: (number) => `Ligne ${number}`,
    pages: "Pages de la liste",
    range: (from, to, all) => `${n(from)} à ${n(to)} sur ${n(all)}`,
    first: "Premières lignes",
    earlier: "Lignes précédentes",
    later: "Lignes suivantes",
    last: "Dernières lignes",
    sure: { Approved: (amount) => `Vous approuvez telles quelles : ${rows(amount)}.`, Skip: (amount) => `Resteront sans message : ${rows(amount)}. On peut les reprendre tant que la campagne dure.`, Redraft: (amount) => `Textes réécrits : ${rows(amount)}. Ce qui y a été modifié est perdu.`, Retry: (amount) => `Nouvel essai : ${rows(amount)}. Envoi dès qu’elles sont approuvées.`, Sent: (amount) => `Comptent comme envoyées : ${rows(amount)}.`, Remind: (amount) => `Une relance est rédigée : ${rows(amount)}. Rien n’est envoyé sans votre accord.` },
    leaves: "Cette campagne est en cours d’envoi : elles partent aussitôt.",
    bringBack: (amount) => `Reprendre ${rows(amount)}`,
    bringBackHint: "Leurs textes sont réécrits.",
  },
  choice: {
    line: (chosen, all) => [{ words: n(chosen) }, ` sur ${rows(all)}`],
    all: (amount) => rows(amount),
    parts: { hidden: (amount) => many(amount, "masquée", "masquées"), other: (amount) => many(amount, "non choisie", "non choisies"), sent: (amount) => many(amount, "déjà envoyée", "déjà envoyées"), no_address: (amount) => `${n(amount)} sans adresse` },
    titles: { chosen: "Lignes qui reçoivent un message", hidden: "Lignes masquées", other: "Lignes non choisies", sent: "Lignes déjà envoyées", no_address: "Lignes sans adresse" },
    showAll: (amount) => `Montrer les ${n(amount)}`,
  },
  chip: {
    saving: "Enregistrement …",
    saved: "Enregistré.",
    from: "De",
    usual: "(comme d’habitude)",
    change: (column) => `Modifier ${column}`,
    up: (channel) => `Essayer ${channel} plus tôt`,
  },
};
