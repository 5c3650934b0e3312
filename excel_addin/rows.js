// Rows by their keys: which are selected, which are visible, the way to a cell. Row numbers never leave this file but
// for rows that have no key yet, and everything is read anew on each call.

const KEY_TITLE = "Row key";

/** As server/domain/keys.py makes them. */
const ROW_KEY = /^r_[2-9a-hjkmnp-z]{10}$/;

/** Rows in which a header is looked for. */
const HEADER_ROWS = 50;

/** Cells in one answer: Excel on the web takes at most 5 MB. */
const MOST_CELLS = 20000;

/** The least that all of this works with: `getVisibleView`. */
export const LEAST = "1.3";

/** What Excel says, in words for the person at the sheet. */
const SENTENCES = {
  InvalidOperationInCellEditMode: "A cell is being edited. Press Enter there, then try again.",
  InvalidSelection: "Select cells or rows of one tab, not a picture or a chart, then try again.",
  AccessDenied: "Excel did not allow that. Is the sheet protected?",
};

/**
 * A part of a sheet that holds something; rows and columns count from 0.
 * @typedef {{sheet: Excel.Worksheet, used: Excel.Range, header: number, keyColumn: number, titles: string[],
 *   rows: {at: number, key: string}[]}} Table
 * `rows` are those below the header, keyed or not; empty ones are still among them.
 */

/** @param {string} version of ExcelApi */
export function supports(version) {
  return Office.context.requirements.isSetSupported("ExcelApi", version);
}

/** The tab in front. Its id is Graph's as well. */
export function sheetNow() {
  return run(async (context) => {
    const sheet = context.workbook.worksheets.getActiveWorksheet().load("id,name");
    await context.sync();
    return { sheetId: sheet.id, sheetName: sheet.name };
  });
}

/** The selected rows that are visible: nobody means rows they can't see. */
export function selection() {
  return run(async (context) => {
    const spans = await selectedSpans(context);
    return named(context, (at) => spans.some(([first, end]) => at >= first && at < end));
  });
}

/** The rows that no filter and no person hides. */
export function visibleKeys() {
  return run((context) => named(context, () => true));
}

/**
 * Goes to the cell of a row key and a column, on whichever tab it is.
 *
 * @param {string} key the row key; "" for a row that has none yet
 * @param {string} column the title of a column
 * @param {number} [number] the row as Excel counts it, while it has no key
 * @return {Promise<{found: boolean, hidden: boolean}>} `hidden`: the row is there, but a filter or a person hides it
 */
export function jumpTo(key, column, number = 0) {
  return run(async (context) => {
    for (const sheet of await sheetsOf(context, Boolean(key))) {
      const table = await tableOf(context, sheet);
      const row = table.rows.find((one) => (key ? one.key === key : one.at === number - 1));
      if (!row) continue;
      const wanted = fold(column);
      const title = table.titles.findIndex((text) => fold(text) === wanted);
      const cell = sheet.getCell(row.at, table.used.columnIndex + Math.max(0, title)).load("rowHidden");
      sheet.activate();
      cell.select();
      await context.sync();
      return { found: true, hidden: cell.rowHidden };
    }
    return { found: false, hidden: false };
  });
}

/**
 * Calls `changed` when a person here edits, sorts or hides something, and `turned` when another tab comes to the front.
 * A hint only: what this Excel can't tell, and what others do, is noticed by the server.
 *
 * @param {() => void} changed
 * @param {() => void} turned
 */
export function watch(changed, turned) {
  return run(async (context) => {
    const { worksheets } = context.workbook;
    const here = async (/** @type {{source?: string}} */ event) => {
      if (event.source !== "Remote") changed(); // Cellback's own writes come from elsewhere, too
    };
    if (supports("1.7")) worksheets.onActivated.add(async () => turned());
    if (supports("1.9")) worksheets.onChanged.add(here);
    if (supports("1.10")) worksheets.onRowSorted.add(here);
    if (supports("1.11")) worksheets.onRowHiddenChanged.add(here);
    await context.sync();
  });
}

/**
 * A batch that waits until nobody types in a cell. A failure is an Error with a sentence for people.
 *
 * @template T
 * @param {(context: Excel.RequestContext) => Promise<T>} batch
 * @return {Promise<T>}
 */
async function run(batch) {
  try {
    return await Excel.run({ delayForCellEdit: true }, batch);
  } catch (error) {
    const { code = "", message = "" } = /** @type {{code?: string, message?: string}} */ (error);
    const sentence = SENTENCES[/** @type {keyof typeof SENTENCES} */ (code)];
    throw new Error(sentence || `Excel could not do that: ${message || code}`, { cause: error });
  }
}

/** @param {Excel.RequestContext} context */
async function selectedSpans(context) {
  if (!supports("1.9")) {
    const one = context.workbook.getSelectedRange().load("rowIndex,rowCount");
    await context.sync();
    return [[one.rowIndex, one.rowIndex + one.rowCount]];
  }
  const { areas } = context.workbook.getSelectedRanges();
  areas.load("items/rowIndex,items/rowCount");
  await context.sync();
  return areas.items.map((one) => [one.rowIndex, one.rowIndex + one.rowCount]);
}

/**
 * The tab in front, then the other visible ones.
 *
 * @param {Excel.RequestContext} context
 * @param {boolean} all
 */
async function sheetsOf(context, all) {
  const { worksheets } = context.workbook;
  const active = worksheets.getActiveWorksheet().load("id");
  worksheets.load("items/id,items/visibility");
  await context.sync();
  const others = worksheets.items.filter((one) => one.id !== active.id && one.visibility === "Visible");
  return all ? [active, ...others] : [active];
}

/**
 * Visible rows that are chosen: their keys, and the numbers of those without.
 *
 * @param {Excel.RequestContext} context
 * @param {(at: number) => boolean} chosen
 * @return {Promise<{keys: string[], rows: number[]}>}
 */
async function named(context, chosen) {
  const table = await tableOf(context, context.workbook.worksheets.getActiveWorksheet());
  const visible = await visibleRows(context, table.used);
  const rows = table.rows.filter((row) => chosen(row.at) && visible.has(row.at));
  const keyless = rows.filter((row) => !row.key).map((row) => row.at);
  return {
    keys: rows.filter((row) => row.key).map((row) => row.key),
    rows: (await filled(context, table, keyless)).map((at) => at + 1),
  };
}

/**
 * The tab as it is now, by as little of it as will do: the first rows, and the column of the keys.
 *
 * @param {Excel.RequestContext} context
 * @param {Excel.Worksheet} sheet
 * @return {Promise<Table>}
 */
async function tableOf(context, sheet) {
  const used = sheet.getUsedRange(true).load("rowIndex,columnIndex,rowCount,columnCount");
  await context.sync();
  const top = part(sheet, used, 0, Math.min(HEADER_ROWS, used.rowCount)).load("text");
  await context.sync();
  const head = top.text.findIndex((row) => row.some((text) => fold(text) === fold(KEY_TITLE)));
  const header = head >= 0 ? head : top.text.findIndex((row) => row.some((text) => text.trim()));
  if (header < 0) return { sheet, used, header, keyColumn: -1, titles: [], rows: [] };
  const titles = top.text[header];
  const keyColumn = head >= 0 ? titles.findIndex((text) => fold(text) === fold(KEY_TITLE)) : -1;
  const keys = keyColumn >= 0 ? await column(context, used, keyColumn) : [];
  const rows = Array.from({ length: used.rowCount - header - 1 }, (_, index) => {
    const key = (keys[header + 1 + index] || "").trim();
    return { at: used.rowIndex + header + 1 + index, key: ROW_KEY.test(key) ? key : "" };
  });
  return { sheet, used, header, keyColumn, titles, rows };
}

/**
 * @param {Excel.RequestContext} context
 * @param {Excel.Range} used
 * @param {number} at
 */
async function column(context, used, at) {
  const range = used.getColumn(at).load("text");
  await context.sync();
  return range.text.map(([text]) => text);
}

/**
 * Rows whose cells can be seen. Asked of one column that is not hidden, as the one of the keys is.
 *
 * @param {Excel.RequestContext} context
 * @param {Excel.Range} used
 */
async function visibleRows(context, used) {
  const columns = Array.from({ length: used.columnCount }, (_, at) => used.getColumn(at).load("columnHidden"));
  await context.sync();
  const shown = columns.find((one) => !one.columnHidden);
  if (!shown) return new Set();
  const view = shown.getVisibleView().load("cellAddresses");
  await context.sync();
  return new Set(view.cellAddresses.flat().map((address) => Number(/(\d+)$/.exec(address)?.[1]) - 1));
}

/**
 * Those of the rows that hold anything.
 *
 * @param {Excel.RequestContext} context
 * @param {Table} table
 * @param {number[]} rows in order
 */
async function filled(context, { sheet, used, keyColumn }, rows) {
  const most = Math.max(1, Math.floor(MOST_CELLS / used.columnCount));
  /** @type {number[]} */
  const found = [];
  for (let from = 0; from < rows.length; from += most) {
    const parts = spans(rows.slice(from, from + most)).map(([first, end]) => ({
      first, range: part(sheet, used, first - used.rowIndex, end - first).load("text"),
    }));
    await context.sync();
    for (const { first, range } of parts) {
      range.text.forEach((row, index) => {
        if (row.some((text, at) => at !== keyColumn && text.trim())) found.push(first + index);
      });
    }
  }
  return found;
}

/**
 * Rows as spans.
 *
 * @param {number[]} rows
 */
function spans(rows) {
  /** @type {[number, number][]} */
  const found = [];
  for (const at of rows) {
    const last = found.at(-1);
    if (last && last[1] === at) last[1] = at + 1;
    else found.push([at, at + 1]);
  }
  return found;
}

/**
 * Some rows of what a tab uses.
 *
 * @param {Excel.Worksheet} sheet
 * @param {Excel.Range} used
 * @param {number} first counted from the first used row
 * @param {number} count
 */
function part(sheet, used, first, count) {
  const corner = sheet.getCell(used.rowIndex + first, used.columnIndex);
  return corner.getBoundingRect(sheet.getCell(used.rowIndex + first + count - 1, used.columnIndex + used.columnCount - 1));
}

/**
 * A title as people compare it: case and runs of white space do not matter.
 *
 * @param {string} text
 */
function fold(text) {
  return text.split(/\s+/).filter(Boolean).join(" ").toLowerCase();
}
