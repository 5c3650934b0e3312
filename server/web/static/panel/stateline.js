// The state of the campaign in one line, always visible: a sentence, a thin bar, and every number a door to its rows.

import { countButton } from "./counts.js";
import { h } from "./dom.js";
import { DOORS, plain } from "./sentence.js";
import { text } from "./texts.js";
import { toneOf } from "./words.js";

/** Which panel's line is watched, and by whom. */
const watched = new WeakMap();
const SPEAK_MS = 5000;
const WAIT_MS = 4000;

/** Sentence, bar and counts of the shown campaign. */
export function stateLine(panel) {
  const { view } = panel.state;
  queueMicrotask(() => watch(panel));
  return h(".state",
    h("p.say", { key: "say" }, h("span", { class: `dot ${view.state}`, "aria-hidden": "true" }),
      text.state.of(view).map((part, at) => (typeof part === "string" ? part : opened(panel, part, at)))),
    h("p.sr", { key: "spoken", "aria-live": "polite" }, spoken(panel, view)),
    bar(view),
    view.counts.length > 0 && h(".counts",
      view.counts.map((one) => countButton(panel, one))),
    view.note && !atDeed(panel, view) && h("p.note", view.note),
    waits(panel, view.pending_cells) && h("p.soft.small-text", text.state.pendingCells(view.pending_cells)));
}

/** The same sentence in one line below the steps, for whoever has scrolled its place out of sight. */
export function held({ state }) {
  return state.view && h(".held", { "aria-hidden": "true" },
    h("p", h("span", { class: `dot ${state.view.state}` }), plain(text.state.of(state.view))));
}

/** Knows whether the sentence's place is above what one sees; in a page that scrolls as in a panel that does. */
function watch({ root }) {
  const line = root.querySelector(".say");
  const before = watched.get(root);
  if (!line || before?.line === line) return;
  before?.observer.disconnect();
  const observer = new IntersectionObserver(([{ isIntersecting, boundingClientRect }]) => root.classList.toggle("past",
    !isIntersecting && boundingClientRect.bottom <= Math.max(0, root.getBoundingClientRect().top) + 1));
  observer.observe(line);
  watched.set(root, { line, observer });
}

/** A number of the sentence. */
function opened(panel, { to, words }, key) {
  const statuses = DOORS[to];
  const title = text.state.doors[to] || statuses[0];
  const open = () => {
    // Whoever opted out since was written to all the same: that is asked of the ledger, not of the words.
    if (to === "sent") panel.list([], title, { stage: "sent" });
    else if (statuses.length) panel.list(statuses, title);
    else panel.go("check");
  };
  return h("button.door", { key, title, onclick: open }, words);
}

/** Whether the step on show says beside its button why not all is drafted: who pressed that looks there. */
function atDeed(panel, view) {
  return panel.front === "check" && view.state === "drafted";
}

/** The sentence for screen readers: at once when the state moves, else not more often than they can speak. */
function spoken(panel, view) {
  const last = panel.spoken;
  const now = performance.now();
  if (!last || last.state !== view.state || now - last.at > SPEAK_MS) {
    panel.spoken = { state: view.state, at: now, words: plain(text.state.of(view)) };
  }
  return panel.spoken.words;
}

/** Cells are written within moments; only when they wait for longer is it worth a line. */
function waits(panel, cells) {
  const now = performance.now();
  if (!cells) panel.waitsSince = 0;
  else if (!panel.waitsSince) {
    panel.waitsSince = now;
    setTimeout(() => panel.set({}), WAIT_MS + 50);
  }
  return cells > 0 && now - panel.waitsSince > WAIT_MS;
}

function bar(view) {
  const parts = view.counts.filter(({ count }) => count > 0);
  return h(".bar", { role: "img", "aria-label": text.state.bar(parts) },
    parts.map(({ status, count }) => h("span", { key: status, class: toneOf(status),
      style: { "flex-grow": String(count) } })),
    rest(view, parts));
}

function rest(view, parts) {
  const left = view.rows - parts.reduce((sum, part) => sum + part.count, 0);
  return left > 0 && h("span", { key: "rest", class: "rest", style: { "flex-grow": String(left) } });
}
