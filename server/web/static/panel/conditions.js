// "Rows where ...": a condition on a column, the values that stand in it, and live how many rows it means and which.

import { h } from "./dom.js";
import { cellLink, choice, problem } from "./parts.js";
import { text } from "./texts.js";

const T = text.where;
const TESTS = ["is", "is_not", "contains", "empty", "filled", "less", "more", "before", "after"];
const BARE = ["empty", "filled"];
const PAUSE_MS = 250;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;
let asked = 0;

/** Column, test, value, and what they mean; all of it is in `write.where`. */
export function conditions(panel) {
  const titles = panel.state.columns.map((column) => column.title);
  const where = panel.state.write.where || start(panel, titles[0] || "");
  const change = (patch, pause = 0) => turn(panel, patch, pause);
  return h("fieldset.where",
    h("legend.sr", T.legend),
    h(".where-line",
      choice(where.column, titles, (column) => begin(panel, { ...where, column, value: "" }), { "aria-label": T.column }),
      choice(where.test, TESTS.map((test) => [test, T.tests[test]]), (test) => change({ test }), { "aria-label": T.test })),
    !BARE.includes(where.test) && value(where, change),
    meant(panel, where));
}

function start(panel, column) {
  const where = { column, test: "is", value: "", offered: null, total: 0, found: null, failure: null, busy: false };
  queueMicrotask(() => panel.state.write.where || begin(panel, where));
  return where;
}

/** A chosen one where it is one of few; else typed, with what stands there as suggestions. */
function value(where, change) {
  const { offered } = where;
  const few = offered && where.total <= offered.length && ["is", "is_not"].includes(where.test);
  if (few) {
    const known = offered.some((one) => one.value === where.value);
    return choice(where.value, [["", T.pick], ...(known || !where.value ? [] : [where.value]),
      ...offered.map((one) => [one.value, T.offered(one.value, one.count)])],
    (next) => change({ value: next }), { "aria-label": T.value });
  }
  return [
    h("input", { key: "value", value: where.value, list: "where-values", "aria-label": T.value, dir: "auto", autocomplete: "off",
      placeholder: T.examples[where.test], oninput: ({ target }) => change({ value: target.value }, PAUSE_MS) }),
    h("datalist", { key: "values", id: "where-values" }, (offered || []).map((one) => h("option", { key: one.value, value: one.value },
      T.offered(one.value, one.count)))),
  ];
}

/** How many, and who. */
function meant(panel, where) {
  const { found, failure, busy } = where;
  if (failure) return problem(failure, (column) => begin(panel, { ...where, column, value: "" }));
  return h(".stack.tight",
    h("p.meant", { role: "status", "aria-busy": String(busy) }, found ? h("b", T.rows(found.count)) : ready(where) ? T.counting : T.say),
    found?.count > 0 && h("details.fold.light",
      h("summary", T.see),
      h("ul.meant-rows", found.rows.map((row) => h("li", { key: `${row.row} ${row.key}` },
        cellLink(panel, { key: row.key, column: where.column, row: row.row }, T.row(row.row)),
        h("span.grow", { dir: "auto" }, row.shown), h("span.soft", { dir: "auto" }, row.value)))),
      found.count > found.rows.length && h("p.hint", T.more(found.count - found.rows.length))));
}

function ready(where) {
  return !!where.column && (BARE.includes(where.test) || where.value.trim() !== "");
}

/** Another column: its values first. */
async function begin(panel, where) {
  panel.setIn("write", { where: { ...where, offered: null, found: null, failure: null } });
  const { api } = panel;
  try {
    const { values, total } = await api.post("/api/rows/values", { ...api.path, column: where.column });
    if (panel.state.write.where?.column === where.column) turn(panel, { offered: values, total });
  } catch (failure) {
    put(panel, { failure });
  }
}

function turn(panel, patch, pause = 0) {
  put(panel, { ...patch, failure: null });
  clearTimeout(soon);
  soon = setTimeout(() => count(panel), pause);
}

function put(panel, patch) {
  panel.setIn("write", { where: { ...panel.state.write.where, ...patch } });
}

/** The latest question counts: an earlier one's late answer is of no use. */
async function count(panel) {
  const { where } = panel.state.write;
  asked += 1;
  const mine = asked;
  if (!ready(where)) return put(panel, { found: null, busy: false });
  put(panel, { busy: true });
  try {
    const { column, test, value: wanted } = where;
    const found = await panel.api.post("/api/rows/where", { ...panel.api.path, column, test, value: wanted });
    if (mine === asked) put(panel, { found, busy: false });
  } catch (failure) {
    if (mine === asked) put(panel, { failure, found: null, busy: false });
  }
  return undefined;
}
