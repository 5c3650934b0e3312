// Every word that people read in the panel. The catalogues lie in texts/, a folder for each language and in it a file
// for each part of the panel, so that nobody waits for words that are not on show; what is loaded meets in `text`.

import { language } from "./language.js";

/**
 * @typedef {typeof import("./texts/en/first.js").text & typeof import("./texts/en/write.js").text
 *   & typeof import("./texts/en/check.js").text & typeof import("./texts/en/rows.js").text
 *   & typeof import("./texts/en/send.js").text & typeof import("./texts/en/answers.js").text
 *   & typeof import("./texts/en/desk.js").text & typeof import("./texts/en/google.js").text
 *   & typeof import("./texts/en/excel.js").text} Texts
 */

/** The words that are loaded: a module may take some when it is loaded itself, as its part's words come before it. */
export const text = /** @type {Texts} */ ({});

/** Loads the words of a part: "first", "write", "check", "rows", "send", "answers"; "desk", "google", "excel". */
export async function speak(part) {
  Object.assign(text, (await import(`./texts/${language}/${part}.js`)).text);
}
