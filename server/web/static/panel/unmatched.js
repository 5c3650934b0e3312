// Replies that fit no row: who wrote what, and when.

import { h } from "./dom.js";
import { text } from "./texts.js";

/** How many there are. */
export function unmatched(panel) {
  const { unmatched: count } = panel.state.answers;
  return count > 0 && h("p.note", { key: "unmatched" }, text.answers.unmatched(count));
}
