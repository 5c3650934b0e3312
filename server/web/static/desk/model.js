// What the desk knows of the live sheet: windows of rows as they were last read, and which of them are visible.

const WINDOW = 200;
const POLL_MS = 2000;
const SETTLED_MS = 4000;
const ALL_UP_TO = 30000;

/** Rows by their index in the sheet; `visible` lists the indices of those that are not hidden. */
export class Model {
  constructor(api, onChange, onState) {
    Object.assign(this, { api, onChange, onState });
    this.clear();
    this.timer = setInterval(() => this.poll(), POLL_MS);
    document.addEventListener("visibilitychange", () => this.poll());
  }

  /** Forgets everything: another sheet is shown. */
  clear() {
    Object.assign(this, { version: "", columns: [], rows: [], windows: new Map(), total: 0, warnings: [],
      visible: [] });
    this.range = [0, WINDOW];
    this.generation = (this.generation || 0) + 1;
    // What is still under way for the other sheet holds nothing up, and its end is nobody's business any more.
    Object.assign(this, { loaded: false, asking: false, askAgain: false, filling: false });
  }

  /** Tells which rows are on the screen (indices in `visible`), so that these are kept fresh. */
  look(first, last) {
    this.range = [this.visible[first] ?? 0, (this.visible[last] ?? this.visible[this.visible.length - 1] ?? 0) + 1];
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
    this.visible = [];
    for (let index = 0; index < this.total; index += 1) if (!this.rows[index]?.hidden) this.visible.push(index);
    this.onChange();
  }

  /** The row at that place among the visible ones; undefined while it is on its way. */
  at(place) {
    return this.rows[this.visible[place]];
  }

  get hidden() {
    return this.total - this.visible.length;
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

function windowOf(index) {
  return Math.floor(index / WINDOW) * WINDOW;
}
