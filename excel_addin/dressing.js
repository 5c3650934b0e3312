// The look of our columns in Excel: colours, words to choose from, what a column is in words. Graph can do none of this,
// so it is done here, once for each look, and never over anything that somebody else gave a column.

/**
 * What the backend says of our columns: GET .../dress.
 * @typedef {{words: string[], fill: string, ink: string}} Shade
 * @typedef {{title: string, note: string, choices: string[], doubt: string, shades: Shade[], width: number}} Look
 * @typedef {{version: string, looks: Look[]}} Dress
 */

/** Validations and their hints came with 1.8, conditional formats with 1.6, settings of a workbook with 1.4. */
export const LEAST = "1.8";

/** Title of our hints and warnings, by which they are known again. */
const OURS = "Cellback";

const LAST_ROW = 1048576;
/** Characters of a list of values that a validation holds itself. */
const LONGEST_LIST = 255;
/** Points in a pixel: Excel counts the width of a column in points. */
const POINTS = 0.75;
/** Rows in which the titles are looked for. */
const HEADER_ROWS = 50;

/**
 * Dresses the tab in front, unless this look was given to it before: what somebody took off since stays off.
 * Answers whether anything was done.
 *
 * @param {string} campaign
 * @param {Dress} dress
 */
export function give(campaign, { version, looks }) {
  return Excel.run({ delayForCellEdit: true }, async (context) => {
    const { settings } = context.workbook;
    const known = settings.getItemOrNullObject(`cellback.look.${campaign}`).load("value");
    const sheet = context.workbook.worksheets.getActiveWorksheet();
    const used = sheet.getUsedRange(true).load("rowIndex,columnIndex,rowCount,columnCount");
    await context.sync();
    if (!known.isNullObject && known.value === version) return false;
    const top = sheet.getRangeByIndexes(used.rowIndex, used.columnIndex, Math.min(HEADER_ROWS, used.rowCount), used.columnCount);
    top.load("text");
    await context.sync();
    const places = find(top.text, looks);
    if (!places) return false;
    const header = used.rowIndex + places.row;
    const columns = places.columns.map(({ look, at }) => prepared(sheet, look, header, used.columnIndex + at));
    await context.sync();
    for (const column of columns) put(column);
    settings.add(`cellback.look.${campaign}`, version);
    await context.sync();
    return true;
  });
}

/**
 * The row of titles (the first with the most of ours), and where ours are in it. Null when none of them is there.
 *
 * @param {string[][]} rows
 * @param {Look[]} looks
 */
function find(rows, looks) {
  const all = rows.map((texts, row) => ({
    row, columns: looks.map((look) => ({ look, at: texts.findIndex((text) => fold(text) === fold(look.title)) }))
      .filter(({ at }) => at >= 0),
  }));
  const best = all.reduce((one, other) => (other.columns.length > one.columns.length ? other : one), { row: -1, columns: [] });
  return best.columns.length ? best : null;
}

/**
 * A column's parts, with what has to be known of them asked for.
 *
 * @param {Excel.Worksheet} sheet
 * @param {Look} look
 * @param {number} header
 * @param {number} at
 */
function prepared(sheet, look, header, at) {
  const title = sheet.getRangeByIndexes(header, at, 1, 1);
  const body = sheet.getRangeByIndexes(header + 1, at, LAST_ROW - header - 1, 1);
  title.dataValidation.load("type,prompt");
  body.dataValidation.load("type,errorAlert");
  title.format.load("useStandardWidth");
  const cell = `${letters(at)}${header + 2}`;
  return { look, title, body, cell, rules: body.conditionalFormats.getCount() };
}

/** @param {ReturnType<typeof prepared>} column */
function put({ look, title, body, cell, rules }) {
  if (rules.value === 0) for (const shade of look.shades) colour(body, cell, shade);
  const listed = look.choices.join(",");
  const fits = look.choices.length && listed.length <= LONGEST_LIST && !look.choices.some((word) => /,|^\s|\s$/.test(word));
  if (fits && free(body.dataValidation, body.dataValidation.errorAlert)) {
    body.dataValidation.rule = { list: { inCellDropDown: true, source: listed } };
    body.dataValidation.ignoreBlanks = true;
    body.dataValidation.errorAlert = { showAlert: Boolean(look.doubt), style: "Warning", title: OURS, message: look.doubt };
  }
  if (look.note && free(title.dataValidation, title.dataValidation.prompt)) {
    title.dataValidation.rule = { custom: { formula: "=TRUE" } };
    title.dataValidation.prompt = { showPrompt: true, title: OURS, message: look.note };
  }
  if (look.width && title.format.useStandardWidth) title.format.columnWidth = look.width * POINTS;
}

/**
 * Below the rules that there may be: a new one comes first, so ours are only for columns without any.
 *
 * @param {Excel.Range} body
 * @param {string} cell
 * @param {Shade} shade
 */
function colour(body, cell, { words, fill, ink }) {
  const { custom } = body.conditionalFormats.add("Custom");
  custom.rule.formula = `=OR(${words.map((word) => `${cell}="${word.replaceAll('"', '""')}"`).join(",")})`;
  custom.format.fill.color = fill;
  custom.format.font.color = ink;
}

/**
 * Whether nobody else has a rule there.
 *
 * @param {Excel.DataValidation} validation
 * @param {{title?: string} | null | undefined} said
 */
function free(validation, said) {
  return validation.type === "None" || said?.title === OURS;
}

/** @param {number} index from 0 */
function letters(index) {
  let found = "";
  for (let left = index + 1; left > 0; left = Math.floor((left - 1) / 26)) found = String.fromCharCode(65 + ((left - 1) % 26)) + found;
  return found;
}

/** @param {string} text */
function fold(text) {
  return text.trim().replace(/\s+/g, " ").toLowerCase();
}
