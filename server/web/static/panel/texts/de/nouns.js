// Counted nouns that several parts say.

import { many } from "../../spoken.js";

export const messages = (amount) => many(amount, "Nachricht", "Nachrichten");
export const drafts = (amount) => many(amount, "Entwurf", "Entwürfe");
export const rows = (amount) => many(amount, "Zeile", "Zeilen");
export const people = (amount) => many(amount, "Person", "Personen");
