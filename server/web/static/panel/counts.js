// Statuses and how many rows stand at them, each a door to its rows.

import { h } from "./dom.js";
import { text } from "./texts.js";
import { toneOf } from "./words.js";

/** A status as a coloured chip. */
export function statusChip(status) {
  return h("span", { class: `status ${toneOf(status)}` }, status || text.chips.noStatus);
}

/** A count that opens the list of its rows. */
export function countButton(panel, { status, count }) {
  return h("button.count", { key: status, class: toneOf(status), disabled: !count,
    onclick: () => panel.list([status]) },
    h("b", text.number(count)), " ", status);
}
