// excel_addin/dressing.js, against a workbook in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { give } from "../../excel_addin/dressing.js";
import { office } from "./office.mjs";

const STATUS = {
  title: "Status", note: "Where it stands.", choices: ["Approved", "Sent"], doubt: "No word of ours.", width: 110,
  shades: [{ words: ["Sent", "Read"], fill: "#e5edfd", ink: "#1d4fb5" }, { words: ["Failed"], fill: "#fde9e7", ink: "#ac1f1a" }],
};
const FITS = { title: "Fits", note: "Their answer.", choices: ["Yes", "No"], doubt: "Not in the plan.", width: 130, shades: [] };
const DRESS = { version: "v1", looks: [STATUS, FITS, { title: "Gone", note: "Not there.", choices: [], doubt: "", width: 90, shades: [] }] };

function open(more = {}, sets = { ExcelApi: "1.8" }) {
  const sheet = { id: "{1}", name: "People", cells: [["List of today", "", ""], ["Name", "status ", "Fits"], ["Ana", "Sent", ""]], ...more };
  const world = { book: { active: "{1}", sheets: [sheet] }, sets };
  Object.assign(globalThis, office(world));
  return { world, sheet };
}

test("words get their colours to the last row, in a condition that sorts can't break", async () => {
  const { sheet } = open();
  assert.equal(await give("c_1", DRESS), true);
  assert.deepEqual(sheet.conditional.map(({ formula }) => formula).reverse(), ['=OR(B3="Sent",B3="Read")', '=OR(B3="Failed")']);
  const [failed] = sheet.conditional;
  assert.deepEqual(failed, { top: 2, left: 1, bottom: 1048575, right: 1, formula: '=OR(B3="Failed")', fill: "#fde9e7", ink: "#ac1f1a" });
});

test("words are offered and others only warned of; titles say what stands below", async () => {
  const { sheet } = open();
  await give("c_1", DRESS);
  const lists = sheet.validations.filter(({ rule }) => rule.list);
  assert.deepEqual(lists.map(({ left, rule, errorAlert }) => [left, rule.list.source, errorAlert.style, errorAlert.showAlert]),
    [[1, "Approved,Sent", "Warning", true], [2, "Yes,No", "Warning", true]]);
  assert.deepEqual(sheet.validations.filter(({ prompt }) => prompt).map(({ top, bottom, prompt }) => [top, bottom, prompt.message]),
    [[1, 1, "Where it stands."], [1, 1, "Their answer."]]);
  assert.deepEqual(sheet.widths, { 1: 82.5, 2: 97.5 });
});

test("a look is given once: what somebody takes off stays off, until the look is another one", async () => {
  const { sheet } = open();
  await give("c_1", DRESS);
  sheet.conditional.length = 0;
  assert.equal(await give("c_1", DRESS), false);
  assert.equal(sheet.conditional.length, 0);
  assert.equal(await give("c_1", { version: "v2", looks: [{ ...FITS, choices: ["Yes", "No", "Later"] }] }), true);
  assert.deepEqual(sheet.validations.filter(({ rule, left }) => rule.list && left === 2).map(({ rule }) => rule.list.source), ["Yes,No,Later"]);
});

test("rules, validations and widths of theirs stay as they are", async () => {
  const theirs = { top: 0, left: 0, bottom: 1048575, right: 1, formula: "=TRUE", fill: "#ffff00" };
  const asked = { top: 2, left: 2, bottom: 9, right: 2, rule: { wholeNumber: {} } };
  const { sheet } = open({ conditional: [theirs], validations: [asked], widths: { 1: 20 } });
  await give("c_1", DRESS);
  assert.deepEqual(sheet.conditional, [theirs]);
  assert.deepEqual(sheet.validations.filter(({ left }) => left === 2 ).map(({ rule }) => Object.keys(rule)[0]), ["wholeNumber", "custom"]);
  assert.equal(sheet.widths[1], 20);
});

test("on a protected sheet nothing is half done and nothing noted", async () => {
  const { world, sheet } = open({ locked: true });
  await assert.rejects(give("c_1", DRESS), { code: "AccessDenied" });
  assert.equal((sheet.conditional || []).length, 0);
  assert.deepEqual(world.book.settings, {});
});

test("a sheet without any of our columns is left alone", async () => {
  const { world } = open({ cells: [["Name"], ["Ana"]] });
  assert.equal(await give("c_1", DRESS), false);
  assert.deepEqual(world.book.settings, {});
});
