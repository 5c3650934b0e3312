// Sentences whose numbers are doors: each leads to the rows that it counts. The wording is the catalogues'.

import { WENT } from "./words.js";

/** Behind which statuses the rows of a door stand; without any it leads to the step where all of them are. */
export const DOORS = {
  all: [],
  approvable: ["Draft"],
  look: ["Check draft"],
  approved: ["Approved"],
  went: WENT,
  sent: [],
  leaving: [...WENT, "Approved", "Sending"],
  reviews: ["Review"],
};

/**
 * @typedef {{to: keyof typeof DOORS, words: string}} Door
 * @typedef {Array<string | Door>} Sentence
 */

/** Words that lead somewhere. @type {(to: keyof typeof DOORS, words: string) => Door} */
export const door = (to, words) => ({ to, words });

/** A sentence of words and doors: say`Sent: ${door("went", "5")}.` @type {(w: TemplateStringsArray, ...d: Door[]) => Sentence} */
export const say = (words, ...doors) => words.flatMap((part, at) => [part, doors[at] ?? ""]).filter(Boolean);

/** Those of the sentences that are to be said, one after the other. @type {(s: Array<Sentence | false | 0>) => Sentence} */
export const all = (sentences) => sentences.filter(Boolean)
  .flatMap((one, at) => (at ? [" ", .../** @type {Sentence} */ (one)] : /** @type {Sentence} */ (one)));

/** As plain words. */
export const plain = (/** @type {Sentence} */ sentence) => sentence.map((one) => (typeof one === "string" ? one : one.words)).join("");
