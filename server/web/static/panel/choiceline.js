// Which rows a plan means, in one line whose every number leads to its rows; and the cells of a fault, to the last one.

import { h } from "./dom.js";
import { cellLink } from "./parts.js";
import { text } from "./texts.js";
import { restOf } from "./writing.js";

const T = text.choice;
const FEW = 4;

/** "37 of 120 rows; 61 hidden, 8 without an address". */
export function choiceLine(panel) {
  const { view } = panel.state;
  const rest = restOf(view);
  const all = Math.max(view.chosen, view.rows);
  const present = view.counts.map((one) => one.status);
  if (rest) return h("p.choice", text.check.begun(all - rest, all));
  if (!view.choice_parts.length) {
    return h("p.choice", door(T.all(view.rows), T.titles.chosen, () => panel.list(present, T.titles.chosen)));
  }
  const count = Object.fromEntries(view.choice_parts.map((part) => [part.kind, part.count]));
  const left = view.choice_parts.filter(({ kind }) => kind !== "chosen" && kind !== "all");
  return h("p.choice",
    T.line(count.chosen, count.all).map((piece) => (typeof piece === "string" ? h("span", piece)
      : door(piece.words, T.titles.chosen, () => open(panel, "chosen")))),
    left.map((part, at) => h("span", { key: part.kind }, at ? ", " : "; ",
      door(T.parts[part.kind](part.count), T.titles[part.kind], () => open(panel, part.kind)))));
}

function door(words, title, go) {
  return h("button.door", { title, onclick: go }, words);
}

/** The list's own words come with it, so that it is fetched as the part that it is. */
async function open(panel, kind) {
  panel.set({ rows: { statuses: [], kind, title: T.titles[kind], messages: null, total: 0 }, conversation: null });
  await panel.refresh();
}

/** The first cells of a fault, and a way to all of them; nothing where only titles could be said, one like the other. */
export function faultCells(panel, fault) {
  const shown = fault.cells.slice(0, FEW);
  if (!shown.some((cell) => numberOf(panel, cell))) return null;
  const all = () => {
    panel.set({ rows: { statuses: [], fault: fault.kind, title: fault.sentence, messages: null, total: 0 }, conversation: null });
    panel.refresh();
  };
  return h("p.cells",
    shown.map((cell) => h("span", { key: `${cell.row} ${cell.key} ${cell.column}` }, cellLink(panel, cell, named(panel, cell)))),
    fault.count > shown.length && h("button.link", { onclick: all }, T.showAll(fault.count)));
}

/** Where a cell is, for people. */
export function named(panel, { row, key, column }) {
  const number = numberOf(panel, { row, key });
  return number ? text.check.cell(number, column) : column;
}

/** A row's number, where it is known. */
function numberOf(panel, { row, key }) {
  return row || (key && panel.host.rowNumber?.(key));
}
