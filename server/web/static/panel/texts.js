// Every word that people read in the panel. The catalogues lie in texts/, a folder for each language and in it a file
// for each part of the panel, so that nobody waits for words that are not on show; what is loaded meets in `text`.

import { language } from "./spoken.js";

export { mute } from "./texts/mute.js";

/** The words that are loaded: a module may take some when it is loaded itself, as its part's words come before it. */
export const text = /** @type {import("./types.js").Texts} */ ({});

const said = new Set();

/** Loads the words of a part: "first", "write", "check", "rows", "send", "answers"; "desk", "google", "excel". */
export async function speak(part) {
  said.add(part);
  const words = await import(`./texts/${language}/${part}.js`);
  for (const [group, own] of Object.entries(words.text)) {
    // Modules hold on to the groups: in another language they say other words, and stay the same objects.
    text[group] = typeof own === "object" ? Object.assign(text[group] ?? {}, own) : own;
  }
}

/** Says all that was said so far in the language that is spoken now. */
export function speakAnew() {
  return Promise.all([...said].map(speak));
}
