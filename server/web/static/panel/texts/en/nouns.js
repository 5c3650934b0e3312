// Counted nouns that several parts say.

import { many } from "../../spoken.js";

export const messages = (amount) => many(amount, "message", "messages");
export const drafts = (amount) => many(amount, "draft", "drafts");
export const rows = (amount) => many(amount, "row", "rows");
export const people = (amount) => many(amount, "person", "people");
