// What a redraft changed, word by word.

import { h } from "./dom.js";
import { text } from "./texts.js";

const T = text.redraft;
/** Words beyond which a table of all pairs would take too long. */
const MOST = 600;
/** Where less than this share of the old words stayed, marks would only confuse: the old text is shown. */
const LEAST = 0.4;

/** The new text with what was added and what is gone marked. */
export function changes(before, after) {
  return h("p.changes", { dir: "auto" }, pieces(before, after).map(([kind, words], at) => (kind === "same"
    ? h("span", { key: at }, words)
    : h(kind, { key: at }, h("span.sr", kind === "ins" ? T.added : T.gone, " "), words))));
}

/**
 * [kind, words] in order: "same", "ins", "del".
 *
 * @param {string} before
 * @param {string} after
 * @returns {string[][]}
 */
export function pieces(before, after) {
  const [old, now] = [before, after].map((words) => words.match(/\S+\s*|\s+/g) || []);
  if (old.length > MOST || now.length > MOST) return [["del", before]];
  const longest = table(old, now);
  const found = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      add(found, "same", old[i]);
      i += 1;
      j += 1;
    } else if (j < now.length && (i === old.length || longest[i][j + 1] >= longest[i + 1][j])) add(found, "ins", now[j++]);
    else add(found, "del", old[i++]);
  }
  return kept(found) < LEAST * old.length ? [["del", before]] : found;
}

/** How many words stayed. */
function kept(found) {
  return found.filter(([kind]) => kind === "same").reduce((sum, [, words]) => sum + words.split(/\s+/).length, 0);
}

function add(found, kind, word) {
  const last = found[found.length - 1];
  if (last?.[0] === kind) last[1] += word;
  else found.push([kind, word]);
}

function table(old, now) {
  const longest = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      longest[i][j] = old[i] === now[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  return longest;
}
