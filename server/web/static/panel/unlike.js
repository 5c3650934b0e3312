// "Look at these first": drafts that look unlike the rest, each with its reason. Those a person has looked at drop out.

import { h } from "./dom.js";
import { nameOfLanguage } from "./language.js";
import { recall, remember } from "./memory.js";
import { text } from "./texts.js";

const T = text.unlike;
const MOST = 200;
const REST_MS = 15000;

/** Asks for them anew when the campaign has changed, and not more often than is worth comparing thousands of texts. */
export async function loadUnlike(panel) {
  const { view, check } = panel.state;
  const late = check.unlikeOf && performance.now() - check.unlikeAt < REST_MS;
  if (!view.drafted || view.state === "drafting" || check.unlikeOf === view.version || late) return;
  panel.setIn("check", { unlikeOf: view.version, unlikeAt: performance.now() });
  try {
    const { rows, of } = await panel.api.get(panel.at("/unlike"), { limit: MOST });
    if (panel.state.view?.id === view.id) panel.setIn("check", { unlike: rows, compared: of });
  } catch {
    panel.setIn("check", { unlike: null }); // the drafts are there all the same
  }
}

function seenOf(panel) {
  return recall(`seen:${panel.state.view.id}`, []);
}

/** Those that nobody has looked at yet. */
export function odd(panel) {
  const seen = new Set(seenOf(panel));
  return (panel.state.check.unlike || []).filter((one) => !seen.has(nameOf(one)));
}

/** Another reason is another thing to look at. */
function nameOf({ key, reason }) {
  return `${key} ${reason.kind} ${reason.words}`;
}

/** A person has looked at it, and it is fine. */
export function looked(panel, key) {
  const one = (panel.state.check.unlike || []).find((row) => row.key === key);
  if (one) remember(`seen:${panel.state.view.id}`, [...seenOf(panel), nameOf(one)].slice(-1000));
}

/** The chip before the filters. */
export function firstChip(panel, pressed, go) {
  const { length } = odd(panel);
  if (!length && !pressed) return null;
  return h("button.chip.first", { key: "unlike", "aria-pressed": String(pressed), onclick: go }, T.first, " ",
    h("b", text.number(length)));
}

/** Why this draft is among them. */
export function reason(panel, key) {
  const one = odd(panel).find((row) => row.key === key);
  return one && h("p.note", { key: "reason" }, say(one.reason));
}

function say({ kind, words, amount, sentence }) {
  const known = T.reasons[kind];
  if (typeof known !== "function") return sentence;
  return known(kind === "language" ? nameOfLanguage(words) : words, amount);
}
