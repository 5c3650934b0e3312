/**
 * Rows by their keys: which are selected, which are visible, and the way to a cell.
 *
 * Row numbers never leave this file but for rows that have no key yet. Everything is read anew on each call.
 */

/** Key of the metadata that marks a column of ours; its value for the column of row keys, and that one's title. */
const MARK = 'cellback';
const KEY_TAG = 'key';
const KEY_TITLE = 'Row key';

/** As server/domain/keys.py makes them. */
const ROW_KEY = /^r_[2-9a-hjkmnp-z]{10}$/;

const TOAST_SECONDS = 6;

/** Rows in which a header is looked for when nothing marks it. */
const HEADER_ROWS = 50;

/**
 * The selected rows that are visible: nobody means rows they can't see.
 *
 * @return {{keys: string[], rows: number[]}} row keys, and the numbers of rows without one
 */
function selection() {
  const sheet = SpreadsheetApp.getActiveSheet();
  const list = sheet.getActiveRangeList();
  const spans = list ? list.getRanges().map((range) => [range.getRow(), range.getLastRow()]) : [];
  return named_(sheet, (number) => spans.some(([first, last]) => number >= first && number <= last));
}

/**
 * The rows that no filter and no person hides; those hidden by somebody's own filter view count as visible.
 *
 * @return {{keys: string[], rows: number[]}} row keys, and the numbers of rows without one
 */
function visibleKeys() {
  return named_(SpreadsheetApp.getActiveSheet(), () => true);
}

/** How many rows there are, and how many of them a filter or a person hides. */
function countVisible() {
  const sheet = SpreadsheetApp.getActiveSheet();
  const numbers = table_(sheet).rows.map((row) => row.number);
  const byFilter = numbers.filter((number) => sheet.isRowHiddenByFilter(number));
  const byHand = numbers.filter((number) => sheet.isRowHiddenByUser(number) && !byFilter.includes(number));
  return { all: numbers.length, byFilter: byFilter.length, byHand: byHand.length };
}

/**
 * Goes to the cell of a row key and a column, on whichever tab it is; what can't be seen there is told in the sheet.
 *
 * @param {string} key the row key; "" for a row that has none yet
 * @param {string} column the title of a column, or the tag of one of ours
 * @param {number} [number] the row, while it has no key
 * @return {{found: boolean, hidden: boolean}} `hidden`: the row is there, but a filter or a person hides it
 */
function jumpTo(key, column, number) {
  const active = SpreadsheetApp.getActiveSheet();
  const others = SpreadsheetApp.getActiveSpreadsheet().getSheets()
    .filter((sheet) => sheet.getSheetId() !== active.getSheetId());
  for (const sheet of key ? [active, ...others] : [active]) {
    const table = table_(sheet);
    const row = table.rows.find((one) => (key ? one.key === key : one.number === number));
    if (!row) continue;
    sheet.getRange(row.number, columnOf_(sheet, table, column)).activate();
    const hidden = isHidden_(sheet, row.number);
    if (hidden) toast_('The row is here, but a filter or somebody hides it.');
    return { found: true, hidden };
  }
  toast_('This row is not in the sheet any more.');
  return { found: false, hidden: false };
}

/** @param {string} sentence */
function toast_(sentence) {
  SpreadsheetApp.getActiveSpreadsheet().toast(sentence, 'Cellback', TOAST_SECONDS);
}

/**
 * @param {GoogleAppsScript.Spreadsheet.Sheet} sheet
 * @param {(number: number) => boolean} chosen
 */
function named_(sheet, chosen) {
  const rows = table_(sheet).rows.filter((row) => chosen(row.number) && !isHidden_(sheet, row.number));
  return {
    keys: rows.filter((row) => row.key).map((row) => row.key),
    rows: rows.filter((row) => !row.key).map((row) => row.number),
  };
}

/**
 * The tab as it is now: titles, and below them each row that holds anything but a key.
 *
 * @param {GoogleAppsScript.Spreadsheet.Sheet} sheet
 */
function table_(sheet) {
  const shown = sheet.getDataRange().getDisplayValues();
  const keyColumn = keyColumn_(sheet, shown);
  const header = headerRow_(sheet, shown, keyColumn);
  const rows = [];
  for (let at = header; at < shown.length; at += 1) {
    const key = keyColumn ? shown[at][keyColumn - 1].trim() : '';
    const empty = shown[at].every((text, index) => index === keyColumn - 1 || !text.trim());
    if (!empty) rows.push({ number: at + 1, key: ROW_KEY.test(key) ? key : '' });
  }
  return { titles: header ? shown[header - 1] : [], rows };
}

/**
 * The number of the row key's column, or 0: by its metadata, which follows every move, else by its title.
 *
 * @param {GoogleAppsScript.Spreadsheet.Sheet} sheet
 * @param {string[][]} shown
 */
function keyColumn_(sheet, shown) {
  const marked = markedColumn_(sheet, KEY_TAG);
  if (marked) return marked;
  for (const row of shown.slice(0, HEADER_ROWS)) {
    const at = row.findIndex((text) => fold_(text) === fold_(KEY_TITLE));
    if (at >= 0) return at + 1;
  }
  return 0;
}

/**
 * The number of the header's row, or 0 on an empty tab: above the keys, else the last frozen row, else the first
 * one that is not empty.
 *
 * @param {GoogleAppsScript.Spreadsheet.Sheet} sheet
 * @param {string[][]} shown
 * @param {number} keyColumn
 */
function headerRow_(sheet, shown, keyColumn) {
  if (keyColumn) {
    const title = shown.findIndex((row) => row[keyColumn - 1].trim() && !ROW_KEY.test(row[keyColumn - 1].trim()));
    if (title >= 0) return title + 1;
  }
  const frozen = sheet.getFrozenRows();
  if (frozen && frozen <= shown.length) return frozen;
  return shown.findIndex((row) => row.some((text) => text.trim())) + 1;
}

/**
 * @param {GoogleAppsScript.Spreadsheet.Sheet} sheet
 * @param {{titles: string[]}} table
 * @param {string} column a title or a tag
 */
function columnOf_(sheet, table, column) {
  const titled = table.titles.findIndex((text) => fold_(text) === fold_(column));
  return titled >= 0 ? titled + 1 : markedColumn_(sheet, column) || 1;
}

/**
 * The number of the column that our metadata marks so, or 0.
 *
 * @param {GoogleAppsScript.Spreadsheet.Sheet} sheet
 * @param {string} tag
 */
function markedColumn_(sheet, tag) {
  const found = sheet.createDeveloperMetadataFinder()
    .withLocationType(SpreadsheetApp.DeveloperMetadataLocationType.COLUMN)
    .withKey(MARK)
    .find()
    .find((one) => one.getValue() === tag);
  const column = found && found.getLocation().getColumn();
  return column ? column.getColumn() : 0;
}

/**
 * @param {GoogleAppsScript.Spreadsheet.Sheet} sheet
 * @param {number} number
 */
function isHidden_(sheet, number) {
  return sheet.isRowHiddenByFilter(number) || sheet.isRowHiddenByUser(number);
}

/**
 * A title as people compare it: case and runs of white space do not matter.
 *
 * @param {string} text
 */
function fold_(text) {
  return text.split(/\s+/).filter(Boolean).join(' ').toLowerCase();
}
