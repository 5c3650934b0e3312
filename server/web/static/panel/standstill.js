// A panel that stands still in a sheet's host: what happened, what to do, and the way on. Only when there is one.

import { h } from "./dom.js";

/**
 * A title, sentences, steps if there are any, and what else helps; `press` is the button that goes on.
 *
 * @param {string} title
 * @param {string[]} sentences
 * @param {{words: string, do: () => void}} press
 * @param {{steps?: string[], more?: unknown}} [extra]
 */
export function standstill(title, sentences, press, { steps = [], more = null } = {}) {
  return h(".panel.stopped", { key: "stopped", role: "alert" },
    h("h2", title),
    sentences.map((one) => h("p", one)),
    steps.length > 0 && list(steps),
    h("button.primary", { onclick: press.do }, press.words),
    more);
}

/** Numbered steps. */
export function list(steps) {
  return h("ol.stack.tight", steps.map((one) => h("li", one)));
}
