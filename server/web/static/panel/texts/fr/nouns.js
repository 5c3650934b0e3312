// Counted nouns that several parts say.

import { many } from "../../spoken.js";

export const messages = (amount) => many(amount, "message", "messages");
export const drafts = (amount) => many(amount, "brouillon", "brouillons");
export const rows = (amount) => many(amount, "ligne", "lignes");
export const people = (amount) => many(amount, "personne", "personnes");
