// A small spreadsheet in memory for the .gs files, and a way to call one of their functions as Google would.

import { readFileSync, readdirSync } from "node:fs";
import { change, execute } from "../emulators/stage/static/apps_script.mjs";

const ADDON = new URL("../../sheets_addon/", import.meta.url);

export const sources = Object.fromEntries(readdirSync(ADDON).filter((name) => name.endsWith(".gs"))
  .map((name) => [name, readFileSync(new URL(name, ADDON), "utf8")]));

export const keys = ["r_aaaaaaaaaa", "r_bbbbbbbbbb", "r_cccccccccc"];

/** An identity token as to form; what is in it is for `about` only. */
const TOKEN = `x.${Buffer.from(JSON.stringify({ aud: "42.apps.googleusercontent.com" })).toString("base64url")}.x`;

/** A tab; `values` are its shown texts. */
export function tab(values, more = {}) {
  return {
    sheetId: 0, title: "Contestants", frozenRows: 0, rowCount: 100, columnCount: 26, hiddenByFilter: [], hiddenByUser: [],
    values, ...more,
  };
}

/** Three people with keys in column C, and the last one without. */
export function people(more = {}) {
  return tab([
    ["Name", "Status", "Row key"],
    ["Ana", "", keys[0]],
    ["Ben", "", keys[1]],
    ["Chiara", "", keys[2]],
    ["Dmitri", "", ""],
  ], more);
}

/** The world of those tabs: `call(name, ...)` runs a function, `shown` has what it showed, `book` what it changed. */
export function world(sheets = [people()], more = {}) {
  const book = { spreadsheetId: "book-1", title: "Saturday", locale: "en_GB", timeZone: "Europe/London", metadata: [], sheets };
  const shown = {};
  const made = {
    user: "ana@example.org", authorised: true, token: TOKEN, editable: true, book, shown,
    view: { sheetId: sheets[0]?.sheetId, ranges: [] }, kept: { cache: {}, triggers: [] },
    read: () => structuredClone(book),
    show: (effect) => Object.assign(shown, effect),
    file: (name) => readFileSync(new URL(`${name}.html`, ADDON), "utf8"),
    write: (request) => (made.editable ? apply(book, request) : refuse()),
    change: () => change(sources, made),
    call: (name, ...args) => execute(sources, made, name, args),
    ...more,
  };
  return made;
}

/** Marks a column of the first tab as ours. */
export function mark(made, index, value, key = "cellback") {
  const { sheetId } = made.book.sheets[0];
  made.book.metadata.push({
    metadataId: 1000 + made.book.metadata.length, key, value, visibility: "DOCUMENT",
    location: { type: "COLUMN", sheetId, index },
  });
  return made;
}

/** The rows from `first` to `last` (and columns A to Z), as somebody selects them. */
export function select(made, ...spans) {
  made.view.ranges = spans.map(([top, bottom]) => ({ top, left: 1, bottom, right: 26 }));
  return made;
}

function apply(book, { createDeveloperMetadata: created, deleteDeveloperMetadata: deleted }) {
  if (created) {
    const { metadataKey: key, metadataValue: value, visibility } = created.developerMetadata;
    const metadataId = 1 + Math.max(0, ...book.metadata.map((one) => one.metadataId));
    book.metadata.push({ metadataId, key, value, visibility, location: { type: "SPREADSHEET" } });
  } else {
    const { metadataId } = deleted.dataFilter.developerMetadataLookup;
    book.metadata = book.metadata.filter((one) => one.metadataId !== metadataId);
  }
}

function refuse() {
  throw new Error("You do not have permission to perform that action.");
}
