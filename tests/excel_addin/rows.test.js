// excel_addin/rows.js, against a workbook in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { jumpTo, selection, sheetNow, visibleKeys, watch } from "../../excel_addin/rows.js";
import { office } from "./office.mjs";

const KEYS = ["r_aaaaaaaaaa", "r_bbbbbbbbbb", "r_cccccccccc"];
const ALL = { ExcelApi: "1.17" };

function tab(cells, more = {}) {
  return { id: "{1}", name: "Contestants", cells, ...more };
}

/** Three people with keys in column C, and the last one without. */
function people(more = {}) {
  return tab([
    ["Name", "Status", "Row key"],
    ["Ana", "", KEYS[0]],
    ["Ben", "", KEYS[1]],
    ["Chiara", "", KEYS[2]],
    ["Dmitri", "", ""],
  ], { hiddenColumns: [2], ...more });
}

function open(sheets = [people()], more = {}) {
  const shown = [];
  const world = { book: { active: sheets[0].id, sheets }, sets: ALL, show: (effect) => shown.push(effect), ...more };
  const { Office, Excel, handlers } = office(world);
  Object.assign(globalThis, { Office, Excel });
  return { world, shown, handlers };
}

/** Whole rows, as Excel counts them. */
const spans = (...rows) => rows.map(([first, last]) => ({ top: first - 1, left: 0, bottom: last - 1, right: 16383 }));

test("the tab in front is told by the id that Graph has for it as well", async () => {
  open([people(), tab([], { id: "{2}", name: "Budget" })]).world.book.active = "{2}";
  assert.deepEqual(await sheetNow(), { sheetId: "{2}", sheetName: "Budget" });
});

test("selected rows are told by their keys, and by number where they have none", async () => {
  open(undefined, { selection: spans([2, 3], [5, 5]) });
  assert.deepEqual(await selection(), { keys: [KEYS[0], KEYS[1]], rows: [5] });
});

test("a selected column means all rows but the header", async () => {
  open(undefined, { selection: [{ top: 0, left: 0, bottom: 1048575, right: 0 }] });
  assert.deepEqual(await selection(), { keys: KEYS, rows: [5] });
});

test("rows that nobody sees are not selected, even in the middle of a selection", async () => {
  open([people({ hiddenRows: [2] })], { selection: spans([1, 100]) });
  assert.deepEqual(await selection(), { keys: [KEYS[0], KEYS[2]], rows: [5] });
});

test("overlapping selections count a row once", async () => {
  open(undefined, { selection: spans([2, 3], [3, 3]) });
  assert.deepEqual((await selection()).keys, [KEYS[0], KEYS[1]]);
});

test("what is selected is no row: that is said", async () => {
  open(undefined, { selection: "chart" });
  await assert.rejects(selection, /Select cells or rows/);
});

test("visible rows are those that are not hidden, though the column of the keys is", async () => {
  open([people({ hiddenRows: [1, 3] })]);
  assert.deepEqual(await visibleKeys(), { keys: [KEYS[1]], rows: [5] });
});

test("the first columns may be hidden, too", async () => {
  open([people({ hiddenRows: [1], hiddenColumns: [0, 2] })]);
  assert.deepEqual(await visibleKeys(), { keys: [KEYS[1], KEYS[2]], rows: [5] });
});

test("with every column hidden nothing is visible", async () => {
  open([people({ hiddenColumns: [0, 1, 2] })]);
  assert.deepEqual(await visibleKeys(), { keys: [], rows: [] });
});

test("empty rows between people, and rows that hold but a key that is none, are no rows", async () => {
  open([tab([["Name", "Row key"], ["Ana", KEYS[0]], ["", ""], ["  ", "x"], ["Ben", KEYS[2]]])]);
  assert.deepEqual(await visibleKeys(), { keys: [KEYS[0], KEYS[2]], rows: [] });
});

test("what merely stands in the key column is no key", async () => {
  open([tab([["Name", "Row key"], ["Ana", "call her"], ["Ben", KEYS[1]]])]);
  assert.deepEqual(await visibleKeys(), { keys: [KEYS[1]], rows: [2] });
});

test("before there are keys, rows go by their numbers below the first row that holds anything", async () => {
  open([tab([["", ""], ["", "Name"], ["", "Ana"], ["", ""], ["", "Ben"]])]);
  assert.deepEqual(await visibleKeys(), { keys: [], rows: [3, 5] });
});

test("the header is found below a title, by the column of the keys", async () => {
  open([tab([["Spring meeting", ""], ["Name", " row  KEY "], ["Ana", KEYS[0]]])]);
  assert.deepEqual(await visibleKeys(), { keys: [KEYS[0]], rows: [] });
});

test("an empty tab has no rows", async () => {
  open([tab([])]);
  assert.deepEqual(await visibleKeys(), { keys: [], rows: [] });
});

test("a long tab with a gap at every other row is read in few parts that Excel on the web can answer", async () => {
  const row = (at) => Array(20).fill(at % 2 ? `x${at}` : "");
  const { world } = open([tab([Array(20).fill("Title"), ...Array.from({ length: 3000 }, (_, at) => row(at))])]);
  assert.equal((await visibleKeys()).rows.length, 1500);
  assert.ok(world.syncs <= 10, `${world.syncs} round trips`);
});

test("a jump goes to the cell of a key and a title, wherever a sort has put the row", async () => {
  const { world, shown } = open();
  assert.deepEqual(await jumpTo(KEYS[1], "status"), { found: true, hidden: false });
  assert.deepEqual(shown.at(-1), { select: { top: 2, left: 1, bottom: 2, right: 1 }, on: "{1}" });
  const { cells } = world.book.sheets[0];
  cells.push(cells.splice(2, 1)[0]);
  await jumpTo(KEYS[1], "Status");
  assert.equal(shown.at(-1).select.top, 4);
});

test("a jump finds the row on another tab, but not on a hidden one", async () => {
  const { shown } = open([tab([["Budget"]], { id: "{5}" }), people({ id: "{6}", visibility: "Hidden" }), people({ id: "{7}" })]);
  assert.equal((await jumpTo(KEYS[2], "Name")).found, true);
  assert.deepEqual(shown, [{ active: "{7}" }, { select: { top: 3, left: 0, bottom: 3, right: 0 }, on: "{7}" }]);
});

test("a jump says when the row is hidden, and when it is gone", async () => {
  open([people({ hiddenRows: [1] })]);
  assert.deepEqual(await jumpTo(KEYS[0], "Status"), { found: true, hidden: true });
  assert.deepEqual(await jumpTo("r_zzzzzzzzzz", "Status"), { found: false, hidden: false });
});

test("a row without a key is found by its number; an unknown column leads to the first one", async () => {
  const { shown } = open();
  assert.deepEqual(await jumpTo("", "No such column", 5), { found: true, hidden: false });
  assert.deepEqual(shown.at(-1).select, { top: 4, left: 0, bottom: 4, right: 0 });
});

test("what Excel refuses is told in a sentence", async () => {
  open([people({ locked: true })]);
  await assert.rejects(() => jumpTo(KEYS[0], "Name"), /Is the sheet protected/);
});

test("a cell that is being edited is waited for", async () => {
  let done;
  open(undefined, { editing: new Promise((resolve) => { done = resolve; }) });
  const asked = sheetNow();
  assert.equal(await Promise.race([asked, new Promise((resolve) => { setTimeout(resolve, 20, "waits"); })]), "waits");
  done();
  assert.equal((await asked).sheetId, "{1}");
});

test("all of it works with the least version of Excel's API", async () => {
  open([people({ hiddenRows: [2] })], { sets: { ExcelApi: "1.3" }, selection: spans([2, 4]) });
  assert.deepEqual(await selection(), { keys: [KEYS[0], KEYS[2]], rows: [] });
  assert.equal((await jumpTo(KEYS[0], "Name")).found, true);
  await watch(assert.fail, assert.fail);
});

test("changes of a person here are told, Cellback's own writes and other people's are not", async () => {
  const { handlers } = open();
  const told = [];
  await watch(() => told.push("changed"), () => told.push("turned"));
  await handlers.onChanged[0]({ source: "Local" });
  await handlers.onChanged[0]({ source: "Remote" });
  await handlers.onRowSorted[0]({ source: "Local" });
  await handlers.onRowHiddenChanged[0]({ source: "Local" });
  await handlers.onActivated[0]({});
  assert.deepEqual(told, ["changed", "changed", "changed", "turned"]);
});
