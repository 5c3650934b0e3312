// What the desk knows of the live sheet: windows of rows as they were last read, and which of them are visible.

const WINDOW = 200;
const POLL_MS = 2000;
const SETTLED_MS = 4000;
const ALL_UP_TO = 30000;

/** In `visible`: the place of a row that is not there yet, to type into. */
export const FRESH = -1;

/** Rows by their index in the sheet; `visible` lists the indices of those that are not hidden. */
export class Model {
  /**
   * @param {import("../panel/api.js").Api} api
   * @param {() => void} onChange
   * @param {(failure: import("../panel/api.js").Failure | null) => void} onState
   */
  constructor(api, onChange, onState) {
    this.api = api;
    this.onChange = onChange;
    this.onState = onState;
    /** @type {Schema.GridColumn[]} */
    this.columns = [];
    /** @type {(Schema.GridRow & {version: string, fresh?: boolean})[]} with holes where nothing was read yet */
    this.rows = [];
    /** @type {Map<number, string>} */
    this.windows = new Map();
    /** @type {string[]} */
    this.warnings = [];
    /** @type {number[]} */
    this.visible = [];
    /** @type {number[]} */
    this.range = [0, WINDOW];
    this.version = "";
    this.total = 0;
    this.generation = 0;
    this.loaded = this.asking = this.askAgain = this.filling = false;
    /** Whether rows can be added: then there is a place for one. */
    this.grows = false;
    /** @type {(Schema.GridRow & {version: string}) | null} the row above which the next one goes; null: at the end */
    this.before = null;
    this.clear();
    this.timer = setInterval(() => this.poll(), POLL_MS);
    document.addEventListener("visibilitychange", () => this.poll());
  }

  /** Forgets everything: another sheet is shown. */
  clear() {
    Object.assign(this, { version: "", columns: [], rows: [], windows: new Map(), total: 0, warnings: [],
      visible: [] });
    this.range = [0, WINDOW];
    this.generation += 1;
    this.grows = false;
    this.before = null;
    // What is still under way for the other sheet holds nothing up, and its end is nobody's business any more.
    Object.assign(this, { loaded: false, asking: false, askAgain: false, filling: false });
  }

  /** Tells which rows are on the screen (indices in `visible`), so that these are kept fresh. */
  look(first, last) {
    const shown = this.visible.slice(first, last + 1).filter((index) => index !== FRESH);
    this.range = [shown[0] ?? 0, (shown[shown.length - 1] ?? 0) + 1];
    this.fill();
  }

  /** Asks whether the sheet moved on, at once. */
  async poll() {
    if (document.hidden && this.loaded) return;
    if (this.asking) {
      this.askAgain = true;
      return;
    }
    const { generation } = this;
    this.asking = true;
    try {
      await this.fetch(windowOf(this.range[0]), this.version);
      if (generation !== this.generation) return;
      this.onState(null);
      await this.freshen();
    } catch (failure) {
      if (generation === this.generation) this.onState(failure);
    }
    if (generation !== this.generation) return;
    this.asking = false;
    if (this.askAgain) {
      this.askAgain = false;
      await this.poll();
    }
  }

  /** Fetches what is on the screen and not of this version; for rows never seen, without waiting for a poll. */
  async fill() {
    if (this.filling || !this.loaded) return;
    const { generation } = this;
    this.filling = true;
    try {
      await this.freshen();
    } catch (failure) {
      if (generation === this.generation) this.onState(failure);
    }
    if (generation === this.generation) this.filling = false;
  }

  async freshen() {
    const { generation } = this;
    for (let start = windowOf(this.range[0]); start < Math.min(this.range[1], this.total); start += WINDOW) {
      if (generation !== this.generation) return;
      if (this.windows.get(start) !== this.version) await this.fetch(start);
    }
    if (generation !== this.generation) return;
    clearTimeout(this.later);
    this.later = setTimeout(() => this.complete(), this.windows.size * WINDOW >= this.total ? SETTLED_MS : 50);
  }

  /** The rest of the sheet, one window at a time, for the count of hidden rows and for jumping. */
  async complete() {
    const { generation } = this;
    for (let start = 0; start < Math.min(this.total, ALL_UP_TO); start += WINDOW) {
      if (generation !== this.generation || document.hidden) return;
      if (this.windows.get(start) === this.version) continue;
      try {
        await this.fetch(start);
      } catch {
        return; // The next poll says what is wrong.
      }
    }
  }

  async fetch(offset, version = "") {
    const { generation } = this;
    const grid = await this.api.get("/api/grid", { ...this.api.path, version, offset, limit: WINDOW });
    if (generation !== this.generation || grid.unchanged) return;
    this.loaded = true;
    Object.assign(this, { version: grid.version, columns: grid.columns, total: grid.total, warnings: grid.warnings });
    this.rows.length = grid.total;
    grid.rows.forEach((row, at) => { this.rows[grid.offset + at] = { ...row, version: grid.version }; });
    this.windows.set(grid.offset, grid.version);
    this.list();
    this.onChange();
  }

  /** Which rows are visible, and where a new one may be typed. */
  list() {
    this.visible = [];
    for (let index = 0; index < this.total; index += 1) {
      const row = this.rows[index];
      if (row?.hidden) continue;
      if (this.grows && this.before && isSame(row, this.before)) this.visible.push(FRESH);
      this.visible.push(index);
    }
    if (this.grows && this.columns.length && !this.visible.includes(FRESH)) this.visible.push(FRESH);
  }

  /** The place for a new row goes above that one, or (null) to the end. */
  insert(before) {
    this.before = before;
    this.list();
  }

  /**
   * The row at that place among the visible ones; undefined while it is on its way.
   * @returns {(Schema.GridRow & {version: string, fresh?: boolean}) | undefined}
   */
  at(place) {
    return this.visible[place] === FRESH ? this.fresh : this.rows[this.visible[place]];
  }

  /** What stands where a new row may be typed. */
  get fresh() {
    const cells = this.columns.map((column) => ({ shown: "", locked: column.ours }));
    return { position: 0, key: "", hidden: false, version: "", fresh: true, cells };
  }

  /** The last place that holds a row. */
  get last() {
    const { length } = this.visible;
    return this.visible[length - 1] === FRESH && length > 1 ? length - 2 : length - 1;
  }

  get hidden() {
    return this.total - this.visible.length + (this.visible.includes(FRESH) ? 1 : 0);
  }

  /** Changes one cell; throws the Failure of a refusal, after having read the sheet anew. */
  async edit(row, column, value) {
    try {
      await this.api.patch("/api/grid", { ...this.api.path, version: row.version, position: row.position, column,
        value });
      row.cells[column] = { ...row.cells[column], shown: value };
      this.onChange();
    } finally {
      await this.poll();
    }
  }

  /** Index of a row by its key, else by its number; reads on through the sheet as far as it must. -1: not there. */
  async find(key, position) {
    const fits = (row) => (key ? row?.key === key : row?.position === position);
    let index = this.rows.findIndex(fits);
    for (let start = 0; index < 0 && start < this.total; start += WINDOW) {
      if (!this.windows.has(start)) {
        await this.fetch(start);
        index = this.rows.findIndex(fits);
      }
    }
    return index;
  }
}

function isSame(row, other) {
  return !!row && (other.key ? row.key === other.key : row.position === other.position);
}

function windowOf(index) {
  return Math.floor(index / WINDOW) * WINDOW;
}
