// Sorting, filtering, adding and deleting rows, pasting, taking back: what the server does to the file, and its menus.

import { h } from "../panel/dom.js";
import { text } from "../panel/texts.js";
import { FilterChoice } from "./filter.js";
import { Popup } from "./popup.js";
import { readTable } from "./tsv.js";

const T = text.bench;

/** Whether the sheet can be arranged here, its filters, and what can be taken back. */
export class Bench {
  /**
   * @param {import("../panel/api.js").Api} api
   * @param {import("./grid.js").Grid} grid
   * @param {(said: {words?: string, failure?: import("../panel/api.js").Failure | null}) => void} tell
   * @param {() => void} onChange hears when filters or what can be taken back changed
   */
  constructor(api, grid, tell, onChange) {
    this.api = api;
    this.grid = grid;
    this.model = grid.model;
    this.tell = tell;
    this.onChange = onChange;
    this.popup = new Popup();
    this.busy = false;
    this.asking = false;
    this.may = true;
    /** @type {Schema.BenchState} */
    this.state = { able: false, filters: [], undo: "" };
    /** @type {{title: string, descending: boolean} | null} */
    this.sorted = null;
    this.version = "";
  }

  /** Another sheet is shown. */
  clear() {
    this.state = { able: false, filters: [], undo: "" };
    this.version = "";
    this.sorted = null;
    this.popup.close(false);
  }

  get able() {
    return this.state.able && this.may;
  }

  /** Learns the filters of the version on show. */
  async learn() {
    const { version, generation } = this.model;
    if (this.version === version || this.asking) return;
    this.asking = true;
    try {
      const state = await this.api.get("/api/grid/filter", this.api.path);
      if (generation === this.model.generation) this.take(state, version);
    } catch {
      // The next version asks again; the poll of the grid says what is wrong.
    }
    this.asking = false;
  }

  take(state, version = this.model.version) {
    this.state = state;
    this.version = version;
    this.model.grows = this.able;
    this.model.list();
    this.onChange();
    this.grid.changed();
  }

  /** Does one thing at a time; says why it could not be. Answers whether it could. */
  async act(path, body, words = "") {
    if (this.busy) return false;
    this.busy = true;
    this.onChange();
    try {
      const answer = await this.api.post(path, { ...this.api.path, ...body });
      if ("able" in answer) this.take(answer);
      this.tell({ words });
      await this.model.poll();
      this.version = "";
      this.learn();
      return true;
    } catch (failure) {
      this.tell({ failure });
      return false;
    } finally {
      this.busy = false;
      this.onChange();
    }
  }

  async sort(index, descending) {
    const { title } = this.model.columns[index];
    const done = await this.act("/api/grid/sort", { column: index, title, descending },
      T.sorted(title, descending));
    if (done) this.sorted = { title, descending };
    this.grid.changed();
  }

  /** Puts a column's filter in place of the one it has; null takes it away. */
  filter(index, wanted) {
    const others = this.state.filters.filter((one) => one.column !== index);
    const { title } = this.model.columns[index];
    return this.act("/api/grid/filter", { filters: wanted ? [...others, { column: index, title, ...wanted }] : others });
  }

  showAll() {
    return this.act("/api/grid/filter", { filters: [] });
  }

  async undo() {
    if (!this.state.undo) return void this.tell({ words: T.nothing });
    const kind = this.state.undo;
    if (await this.act("/api/grid/undo", {}, T.undone(kind))) this.sorted = null;
    else this.version = "";
    this.learn();
    this.grid.changed();
  }

  async addRow(index, value) {
    const { before } = this.model;
    const done = await this.act("/api/grid/rows", { add: [{ column: index, value }],
      before: before ? { position: before.position, version: before.version } : null });
    if (done) {
      this.sorted = null;
      this.model.insert(null);
    }
    return done;
  }

  deleteRows(rows) {
    const gone = rows.map((row) => ({ position: row.position, version: row.version }));
    return this.act("/api/grid/rows", { delete: gone }, T.deleted(rows.length));
  }

  /** Puts texts into the cells from the active one on; one text fills the whole selection. */
  paste(words) {
    const lines = readTable(words);
    const { grid, model } = this;
    const [from, to] = grid.range();
    const single = lines.length === 1 && lines[0].length === 1;
    const tall = single ? to.row - from.row + 1 : lines.length;
    const wide = single ? to.column - from.column + 1 : Math.max(...lines.map((line) => line.length));
    const cells = [];
    for (let down = 0; down < tall; down += 1) {
      const row = model.at(from.row + down);
      if (!row?.version) return void this.tell({ words: T.tooMany });
      for (let right = 0; right < wide; right += 1) {
        const column = grid.columns[from.column + right];
        if (!column) return void this.tell({ words: T.tooMany });
        const value = single ? lines[0][0] : lines[down][right] ?? "";
        cells.push({ position: row.position, version: row.version, column: column[1], value });
      }
    }
    return this.act("/api/grid/cells", { cells }, cells.length > 1 ? T.pasted(cells.length) : "");
  }

  /** The menu of a column. */
  columnMenu(index, anchor) {
    const column = this.model.columns[index];
    const has = this.state.filters.some((one) => one.column === index);
    this.popup.menu(anchor, T.columnMenu(column.title), [
      [T.ascending, () => this.sort(index, false)],
      [T.descending, () => this.sort(index, true)],
      null,
      [T.filter, () => new FilterChoice(this, index, anchor).open()],
      [T.clear, () => this.filter(index, null), !has],
    ], this.grid.scroller);
  }

  /** The menu of the selected rows, or of the active one. */
  rowMenu(anchor) {
    const selected = this.grid.selectedRows();
    const active = this.model.at(this.grid.active.row);
    const rows = selected.length ? selected : [active].filter((row) => row?.version);
    const first = rows[0];
    this.popup.menu(anchor, T.rowMenu, [
      [T.insert, () => this.grid.insertAbove(first), !first],
      [T.remove(rows.length), () => this.deleteRows(rows), !first],
      null,
      [T.undo, () => this.undo(), !this.state.undo],
    ], this.grid.scroller);
  }

  /** What is set, above the grid: one press takes it away. */
  chips() {
    const { filters } = this.state;
    if (!filters.length) return null;
    return h(".filters", { role: "group", "aria-label": T.filters },
      filters.map((one) => h("button.chip", { key: one.column, disabled: !this.able || this.busy,
        title: T.clear, onclick: () => this.filter(one.column, null) },
        h("span", { dir: "auto" }, T.chip(one.title, said(one))), h("span", { "aria-hidden": "true" }, " ✕"),
        h("span.sr", T.clear))),
      filters.length > 1 && h("button.link", { disabled: !this.able || this.busy, onclick: () => this.showAll() }, T.all));
  }
}

function said({ values, contains }) {
  if (contains) return T.containing(contains);
  if (!values) return T.byExcel;
  const shown = values.slice(0, 3).map((value) => value || T.blank).join(", ");
  return values.length > 3 ? `${shown} ${T.more(values.length - 3)}` : shown;
}
