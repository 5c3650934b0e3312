// A reply with the words that its reading rests on marked, and folded around them when it is long.

import { h } from "./dom.js";
import { text } from "./texts.js";

const T = text.review;
const LONG = 500;
const SHORT = 320;
const BEFORE = 120;

/** The reply; what it was read from can always be seen. */
export function shortened(panel, { message_id: id, reply, evidence }) {
  const whole = panel.state.answers.unfolded === id;
  const long = reply.length > LONG;
  const [start, end] = placeOf(reply, evidence);
  const folded = long && !whole;
  const from = folded ? wordBefore(reply, start - BEFORE) : 0;
  const to = folded ? wordBefore(reply, Math.max(from + SHORT, end + BEFORE)) : reply.length;
  const fold = () => panel.setIn("answers", { unfolded: whole ? "" : id });
  return h(".stack.tight", { key: "reply" },
    h("blockquote.bubble.them", { dir: "auto" },
      from > 0 && "… ", between(reply, from, to, start, end), to < reply.length && " …"),
    long && h("button.link", { onclick: fold, "aria-expanded": String(whole) },
      whole ? T.fold : T.unfold(reply.length)));
}

/** A whole text with the words marked that its reading rests on. */
export function marked(whole, evidence) {
  return between(whole, 0, whole.length, ...placeOf(whole, evidence));
}

/** @param {string} whole @param {number} from @param {number} to @param {number} start @param {number} end */
function between(whole, from, to, start, end) {
  return [
    whole.slice(from, Math.max(from, start)),
    end > start && h("mark", whole.slice(start, end)),
    whole.slice(Math.max(from, end), Math.max(to, end)),
  ];
}

/**
 * Where `part` occurs in `whole`, spaces and case aside; [0, 0] where it does not.
 *
 * @returns {[number, number]}
 */
function placeOf(whole, part) {
  const words = (part || "").trim().split(/\s+/).filter(Boolean).map((word) =>
    word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const found = words.length ? new RegExp(words.join("\\s+"), "i").exec(whole) : null;
  return found ? [found.index, found.index + found[0].length] : [0, 0];
}

/** The last place up to `at` where a word begins, or `at` itself within one that is very long. */
function wordBefore(whole, at) {
  if (at <= 0) return 0;
  if (at >= whole.length) return whole.length;
  const space = whole.slice(Math.max(0, at - 40), at).search(/\s\S*$/);
  const place = space < 0 ? at : Math.max(0, at - 40) + space + 1;
  return /[\uDC00-\uDFFF]/.test(whole.charAt(place)) ? place + 1 : place; // never between the halves of a character
}
