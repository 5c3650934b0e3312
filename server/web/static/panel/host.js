// What the panel needs from the program it sits in. Types only: no page loads this file.

/**
 * Rows as they are at this moment: the keys of those that have one, and how many have none yet.
 * @typedef {{keys: string[], keyless: number}} Rows
 */

/**
 * Where a cell that was asked for is: `found` in the sheet at all, `hidden` by a filter or a person.
 * @typedef {{found: boolean, hidden: boolean}} Seen
 */

/**
 * A host: the desk (desk.js), Google Sheets (google.js), a page of its own (page.js).
 *
 * @typedef {object} Host
 * @property {string} name
 * @property {() => Promise<void>} [ready] done once `api.path` names the sheet; throws a Failure
 * @property {() => Rows | Promise<Rows>} [selection] the selected rows; left out: nothing can be selected
 * @property {() => number} [selected] how many they are, where that is known at once
 * @property {() => Rows | Promise<Rows>} [visibleKeys] the visible rows; left out: the server knows
 * @property {() => Promise<void>} [keyed] hears that rows have got keys
 * @property {((key: string, column: string, row?: number) => Promise<Seen | void>) | null} jumpTo shows a cell by row
 *   key and column (a title, or the role of one of ours), and by row number while the row has no key
 * @property {(key: string) => number | undefined} [rowNumber] a row's number now, for people
 * @property {(view: Schema.CampaignView) => void} [changed] hears every new view of the campaign on show
 * @property {() => void} [reworded] hears that the panel speaks another language now
 * @property {(failure: import("./api.js").Failure) => object | null} [stopped] explains a standstill in its own way,
 *   as dom.js describes it
 */

export {};
