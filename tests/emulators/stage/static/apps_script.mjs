// Stand-ins for the Apps Script services that the add-on uses, over a plain snapshot of a spreadsheet. The stage runs
// the real .gs files against them in the browser, the unit tests in Node. What the add-on does not use is not here.

const MENU_ONLY = "You do not have permission to call this before the user has agreed.";

/**
 * What the stand-ins stand on. `read` answers a snapshot: {spreadsheetId, title, locale, timeZone, sheets: [{sheetId,
 * title, frozenRows, rowCount, columnCount, values (shown texts by row), hiddenByFilter, hiddenByUser (row indexes)}],
 * metadata: [{metadataId, key, value, visibility, location: {type, sheetId, index}}]}. `write` carries out one request of
 * the Sheets API's batchUpdate. `view` is what lies in front of the user, `show` changes it; `kept` outlives an execution
 * (cache: key -> end in milliseconds; triggers: their functions).
 * @typedef {{
 *   user: string, authorised: boolean, token: string, read: () => any, write: (request: object) => void,
 *   fetch: (url: string, options: any) => {status: number, text: string},
 *   kept: {cache: Record<string, number>, triggers: string[]},
 *   view: {sheetId: number, ranges: {top: number, left: number, bottom: number, right: number}[]},
 *   show: (effect: object) => void, file: (name: string) => string,
 * }} World
 */

/** The global objects of one execution; each call of google.script.run is an execution of its own. */
export function services(/** @type {World} */ world) {
  const enums = (names) => Object.freeze(Object.fromEntries(names.map((name) => [name, name])));
  const agreed = (object) => {
    if (!world.authorised) throw new Error(MENU_ONLY);
    return object;
  };
  return {
    SpreadsheetApp: {
      getUi: () => new Ui(world),
      getActiveSpreadsheet: () => agreed(new Spreadsheet(world)),
      getActiveSheet: () => agreed(new Spreadsheet(world)).getActiveSheet(),
      DeveloperMetadataVisibility: enums(["DOCUMENT", "PROJECT"]),
      DeveloperMetadataLocationType: enums(["SPREADSHEET", "SHEET", "ROW", "COLUMN"]),
    },
    HtmlService: { createTemplateFromFile: (name) => agreed(new Template(world.file(name))) },
    ScriptApp: {
      getIdentityToken: () => agreed(world).token || null,
      getUserTriggers: () => agreed(world).kept.triggers.map((name) => ({ getHandlerFunction: () => name })),
      deleteTrigger: (trigger) => (world.kept.triggers = world.kept.triggers.filter((name) => name !== trigger.getHandlerFunction())),
      newTrigger: (name) => ({ forSpreadsheet: () => ({ onChange: () => ({ create: () => world.kept.triggers.push(name) }) }) }),
    },
    CacheService: { getDocumentCache: () => new Cache(agreed(world).kept.cache) },
    UrlFetchApp: { fetch: (url, options) => answered(agreed(world).fetch(url, options)) },
    Session: {
      getEffectiveUser: () => agreed({ getEmail: () => world.user }),
      getActiveUserLocale: () => world.language || "en",
    },
    Utilities: {
      base64DecodeWebSafe: (text) => Array.from(decoded(text), (letter) => letter.charCodeAt(0)),
      newBlob: (bytes) => ({ getDataAsString: () => new TextDecoder().decode(Uint8Array.from(bytes)) }),
    },
  };
}

/** Runs one function of the .gs sources (by name, all in one scope, as Google does); answers what it returns. */
export function execute(sources, world, name, args) {
  if (name.endsWith("_")) throw new Error(`Script function not found: ${name}`);
  const given = services(world);
  const body = `${Object.values(sources).join("\n")}\nreturn typeof ${name} === "function" ? ${name} : null;`;
  const found = new Function(...Object.keys(given), `"use strict";${body}`)(...Object.values(given));
  if (!found) throw new Error(`Script function not found: ${name}`);
  return carried(found(...args.map((value) => carried(value))));
}

/** Runs a function as Google runs it on a change: only if a trigger asks for it. */
export function change(sources, world) {
  const given = services(world);
  for (const name of world.kept.triggers) {
    const body = `${Object.values(sources).join("\n")}\nreturn ${name};`;
    const found = new Function(...Object.keys(given), `"use strict";${body}`)(...Object.values(given));
    found({ source: new Spreadsheet(world), changeType: "EDIT" });
  }
}

/** What arrives at the other side of google.script.run; it refuses what Google refuses. */
export function carried(value, place = "0") {
  if (value === undefined || value === null) return null;
  if (typeof value === "function" || value instanceof Date || (typeof Node !== "undefined" && value instanceof Node)) {
    throw new TypeError(`Failed due to illegal value in property: ${place}`);
  }
  if (Array.isArray(value)) return value.map((one, index) => carried(one, index));
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, carried(one, name)]));
  }
  return value;
}

function decoded(text) {
  return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
}

function answered({ status, text }) {
  return { getResponseCode: () => status, getContentText: () => text };
}

class Cache {
  constructor(ends) {
    this.ends = ends;
  }

  get(key) {
    return this.ends[key] > Date.now() ? "there" : null;
  }

  put(key, _value, seconds) {
    this.ends[key] = Date.now() + 1000 * seconds;
  }
}

class Ui {
  constructor(world) {
    this.world = world;
    this.ButtonSet = Object.freeze({ OK: "OK" });
  }

  createAddonMenu() {
    const items = [];
    const menu = {
      addItem: (label, call) => (items.push({ label, call }), menu),
      addSeparator: () => (items.push(null), menu),
      addToUi: () => this.world.show({ menu: items }),
    };
    return menu;
  }

  showSidebar(page) {
    this.world.show({ sidebar: page.getContent(), title: page.getTitle() });
  }

  alert(title, prompt, _buttons) {
    this.world.show({ alert: prompt, title });
    return "OK";
  }
}

class Template {
  constructor(html) {
    Object.defineProperty(this, "html", { value: html });
  }

  /** `<?= expression ?>`, escaped, is all that our page uses of Google's templates. */
  evaluate() {
    const names = Object.keys(this);
    const page = this.html.replace(/<\?=([\s\S]*?)\?>/g, (_, expression) => {
      const value = new Function(...names, `"use strict"; return (${expression});`)(...names.map((name) => this[name]));
      return String(value).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
    });
    if (page.includes("<?")) throw new Error("The stand-in evaluates <?= … ?> only.");
    return new Page(page);
  }
}

class Page {
  constructor(content) {
    this.content = content;
    this.title = "";
  }

  setTitle(title) {
    this.title = title;
    return this;
  }

  getTitle() {
    return this.title;
  }

  getContent() {
    return this.content;
  }
}

class Spreadsheet {
  constructor(world) {
    this.world = world;
  }

  get book() {
    return this.world.read();
  }

  getId() {
    return this.book.spreadsheetId;
  }

  getName() {
    return this.book.title;
  }

  getSpreadsheetLocale() {
    return this.book.locale;
  }

  getSpreadsheetTimeZone() {
    return this.book.timeZone;
  }

  getSheets() {
    return this.book.sheets.map((sheet) => new Sheet(this.world, sheet.sheetId));
  }

  getActiveSheet() {
    return new Sheet(this.world, this.world.view.sheetId);
  }

  createDeveloperMetadataFinder() {
    return new Finder(this.world, () => true);
  }

  toast(message, title, seconds) {
    this.world.show({ toast: message, title, seconds });
  }

  addDeveloperMetadata(key, value, visibility) {
    const developerMetadata = {
      metadataKey: key, metadataValue: value, visibility, location: { spreadsheet: true },
    };
    this.world.write({ createDeveloperMetadata: { developerMetadata } });
    return this;
  }
}

class Sheet {
  constructor(world, sheetId) {
    Object.assign(this, { world, sheetId });
    if (!this.data) throw new Error("The active sheet is gone.");
  }

  get data() {
    return this.world.read().sheets.find((sheet) => sheet.sheetId === this.sheetId);
  }

  getSheetId() {
    return this.sheetId;
  }

  getName() {
    return this.data.title;
  }

  getFrozenRows() {
    return this.data.frozenRows;
  }

  isRowHiddenByFilter(number) {
    return this.data.hiddenByFilter.includes(number - 1);
  }

  isRowHiddenByUser(number) {
    return this.data.hiddenByUser.includes(number - 1);
  }

  /** From A1 to the last cell that holds something; A1 alone on an empty tab. */
  getDataRange() {
    const filled = this.data.values.map((row) => row.findLastIndex((text) => text !== "") + 1);
    const bottom = Math.max(1, filled.findLastIndex((length) => length > 0) + 1);
    return new Range(this, 1, 1, bottom, Math.max(1, ...filled));
  }

  getRange(row, column) {
    const inside = row >= 1 && column >= 1 && row <= this.data.rowCount && column <= this.data.columnCount;
    if (!inside) throw new Error("The coordinates of the range are outside the dimensions of the sheet.");
    return new Range(this, row, column, row, column);
  }

  getActiveRangeList() {
    const { view } = this.world;
    if (view.sheetId !== this.sheetId || !view.ranges.length) return null;
    const ranges = view.ranges.map((one) => new Range(this, one.top, one.left, one.bottom, one.right));
    return { getRanges: () => ranges };
  }

  createDeveloperMetadataFinder() {
    return new Finder(this.world, (one) => one.location.sheetId === this.sheetId);
  }
}

class Range {
  constructor(sheet, top, left, bottom, right) {
    Object.assign(this, { sheet, top, left, bottom, right });
  }

  getRow() {
    return this.top;
  }

  getLastRow() {
    return this.bottom;
  }

  getColumn() {
    return this.left;
  }

  getDisplayValues() {
    const { values } = this.sheet.data;
    const columns = Array.from({ length: this.right - this.left + 1 }, (_, at) => this.left - 1 + at);
    const rows = Array.from({ length: this.bottom - this.top + 1 }, (_, at) => this.top - 1 + at);
    return rows.map((row) => columns.map((column) => values[row]?.[column] ?? ""));
  }

  activate() {
    const range = { top: this.top, left: this.left, bottom: this.bottom, right: this.right };
    this.sheet.world.show({ activate: { sheetId: this.sheet.sheetId, ranges: [range] } });
    return this;
  }
}

/** Finds metadata within the spreadsheet, or on and in one sheet. */
class Finder {
  constructor(world, within) {
    Object.assign(this, { world, fits: within });
  }

  withKey(key) {
    return new Finder(this.world, (one) => this.fits(one) && one.key === key);
  }

  withLocationType(type) {
    return new Finder(this.world, (one) => this.fits(one) && one.location.type === type);
  }

  find() {
    return this.world.read().metadata.filter((one) => this.fits(one)).map((one) => new Metadata(this.world, one));
  }
}

class Metadata {
  constructor(world, data) {
    Object.assign(this, { world, data });
  }

  getKey() {
    return this.data.key;
  }

  getValue() {
    return this.data.value;
  }

  getLocation() {
    const { type, sheetId, index } = this.data.location;
    const column = () => new Range(new Sheet(this.world, sheetId), 1, index + 1, 1, index + 1);
    return { getColumn: () => (type === "COLUMN" ? column() : null) };
  }

  remove() {
    const developerMetadataLookup = { metadataId: this.data.metadataId };
    this.world.write({ deleteDeveloperMetadata: { dataFilter: { developerMetadataLookup } } });
  }
}
