// Counted nouns that several parts say.

import { many } from "../../spoken.js";

export const messages = (amount) => many(amount, "mensaje", "mensajes");
export const drafts = (amount) => many(amount, "borrador", "borradores");
export const rows = (amount) => many(amount, "fila", "filas");
export const people = (amount) => many(amount, "persona", "personas");
